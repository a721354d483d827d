import type { ObjectKey } from '../core/key.ts'
import type { Moment } from '../core/moment.ts'
import { ChangeFeed } from './change-feed.ts'
import type { ClusterObjects } from './cluster-objects.ts'
import { lacksFinalizer } from './ownership.ts'
import { isOlder } from './resource-version.ts'
import type { ServerObject } from './server-object.ts'
import { digestOfOwn } from './written-status.ts'

/** What was written of one object. */
export interface WrittenPart {
  /** See `digestOfOwn`. */
  readonly digest: string
  readonly withProgrammed: boolean
  /** Whether the server made nothing else of it. */
  readonly isAsSent: boolean
  /** Whether palisade made the object, and has to make it again. */
  readonly isMade: boolean
}

interface Written extends WrittenPart {
  readonly uid: string
  readonly resourceVersion: string
}

/**
 * What somebody changes again and again is put right only so often: it may be another controller, which takes
 * what this one writes for wrong.
 */
const REPAIR_MS = 30_000

/** What was written of each object, to notice what others change of it. */
export class WrittenObjects {
  readonly #cluster: ClusterObjects
  readonly #now: () => Moment
  readonly #feed: ChangeFeed
  /** Changed since they were last looked at, or put right so lately that they have to wait. */
  readonly #suspects = new Set<ObjectKey>()
  readonly #repaired = new Map<ObjectKey, Moment>()
  readonly #written = new Map<ObjectKey, Written>()

  constructor(cluster: ClusterObjects, now: () => Moment) {
    this.#cluster = cluster
    this.#now = now
    this.#feed = new ChangeFeed(cluster)
  }

  note(key: ObjectKey, { metadata }: ServerObject, written: WrittenPart): void {
    const { uid, resourceVersion } = metadata
    this.#written.set(key, { uid, resourceVersion, ...written })
  }

  forget(key: ObjectKey): void {
    this.#written.delete(key)
  }

  /** The objects of which something else is there than was written. */
  lost(): readonly ObjectKey[] {
    for (const { key } of this.#feed.drain()) this.#suspects.add(key)
    const now = this.#now()
    for (const [key, time] of this.#repaired) if (now - time >= REPAIR_MS) this.#repaired.delete(key)
    return [...this.#suspects].filter((key) => {
      const isDifferent = this.#isDifferent(key)
      if (isDifferent && this.#repaired.has(key)) return false
      this.#suspects.delete(key)
      if (isDifferent) this.#repaired.set(key, now)
      return isDifferent
    })
  }

  #isDifferent(key: ObjectKey): boolean {
    const written = this.#written.get(key)
    if (written === undefined) return false
    const object = this.#cluster.get(key)
    if (object?.metadata.uid === written.uid) return !isAsWritten(written, object)
    // What has gone, or was made anew, is looked at as something else that is declared.
    return written.isMade
  }
}

function isAsWritten(written: Written, object: ServerObject): boolean {
  const { metadata, status } = object
  if (metadata.resourceVersion === written.resourceVersion) return written.isAsSent
  if (isOlder(metadata.resourceVersion, written.resourceVersion)) return true
  // What palisade made, it makes again.
  if (!written.isMade && lacksFinalizer(object)) return false
  return digestOfOwn(status, written.withProgrammed) === written.digest
}
