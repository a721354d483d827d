import type { ObjectKey } from '../core/key.ts'
import type { UnknownRecord } from '../core/record.ts'
import { ChangeFeed } from './change-feed.ts'
import type { ClusterObjects } from './cluster-objects.ts'
import type { ServerObject } from './server-object.ts'
import { digestOfOwn, ownsProgrammed } from './written-status.ts'

interface Written {
  readonly uid: string
  readonly resourceVersion: string
  readonly digest: string
  readonly withProgrammed: boolean
  /** Whether palisade made the object, and has to make it again. */
  readonly isMade: boolean
}

/** What was written of each object, to notice what others change of it. */
export class WrittenObjects {
  readonly #feed: ChangeFeed
  readonly #written = new Map<ObjectKey, Written>()

  constructor(cluster: ClusterObjects) {
    this.#feed = new ChangeFeed(cluster)
  }

  note(key: ObjectKey, { metadata }: ServerObject, status: UnknownRecord, isMade: boolean): void {
    const { uid, resourceVersion } = metadata
    const withProgrammed = ownsProgrammed(status)
    const digest = digestOfOwn(status, withProgrammed)
    this.#written.set(key, { uid, resourceVersion, digest, withProgrammed, isMade })
  }

  forget(key: ObjectKey): void {
    this.#written.delete(key)
  }

  /** The objects of which something else is there than was written. */
  lost(): readonly ObjectKey[] {
    return this.#feed.drain().flatMap(({ key, now }) => {
      const written = this.#written.get(key)
      if (written === undefined || isAsWritten(written, now)) return []
      this.#written.delete(key)
      return written.isMade || now?.metadata.uid === written.uid ? [key] : []
    })
  }
}

function isAsWritten(written: Written, now: ServerObject | undefined): boolean {
  if (now?.metadata.uid !== written.uid) return false
  if (isOlder(now.metadata.resourceVersion, written.resourceVersion)) return true
  return digestOfOwn(now.status, written.withProgrammed) === written.digest
}

/** Versions are numbers that rise (Kubernetes 1.35, "Resource versions"); of anything else nothing is said. */
function isOlder(version: string, than: string): boolean {
  const isNumber = (text: string): boolean => /^\d+$/.test(text)
  return isNumber(version) && isNumber(than) && BigInt(version) < BigInt(than)
}
