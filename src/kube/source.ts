import { canonicalJson, digestText } from '../core/digest.ts'
import type { ObjectKey } from '../core/key.ts'
import type { UnknownRecord } from '../core/record.ts'
import type { ManifestDocument } from '../manifest/document.ts'
import type { Source, SourceFile, SourceSnapshot, Watch } from '../source/source.ts'
import type { Timers } from '../source/timers.ts'
import { ChangeFeed } from './change-feed.ts'
import type { ClusterObjects } from './cluster-objects.ts'
import { ownAnnotations } from './own-annotations.ts'
import { isGenerated } from './ownership.ts'
import type { ServerObject } from './server-object.ts'

/** A look for good measure, at what is in memory: the server is not asked. */
const RESYNC_MS = 60_000

/** More changes than this are sorted with all the rest: about as many as a sort compares each file with others. */
const SORTED_ANEW = 16

interface Declared {
  readonly object: ServerObject
  readonly file: SourceFile
}

/**
 * What users declare in a cluster, each object as a file of its own. A file is the same as before as long as
 * the declared part of its object is: a status that changes makes no work.
 *
 * What is being deleted is not declared any more, nor is what palisade made itself. While the server is away
 * nothing changes; before everything was seen once, `read` waits, since a part would look like a deletion of
 * the rest.
 */
export class KubeSource implements Source {
  readonly #cluster: ClusterObjects
  readonly #timers: Timers
  readonly #feed: ChangeFeed
  readonly #declared = new Map<ObjectKey, Declared>()
  /** The same as long as nothing else is declared. */
  #snapshot: SourceSnapshot = { files: [], findings: [], unreadable: [] }

  constructor(cluster: ClusterObjects, timers: Timers) {
    this.#cluster = cluster
    this.#timers = timers
    this.#feed = new ChangeFeed(cluster)
  }

  async read(): Promise<SourceSnapshot> {
    await this.#cluster.whenSynced()
    const changed: ObjectKey[] = []
    for (const { key, now } of this.#feed.drain()) {
      const before = this.#declared.get(key)?.file
      const declared = now && this.#declare(key, now)
      if (declared === undefined) this.#declared.delete(key)
      else this.#declared.set(key, declared)
      if (declared?.file !== before) changed.push(key)
    }
    if (changed.length > 0) this.#snapshot = { ...this.#snapshot, files: this.#filesWith(changed) }
    return this.#snapshot
  }

  /** In the order of their paths. Few changes are put where they belong, since to sort all takes longer than the rest. */
  #filesWith(changed: readonly ObjectKey[]): readonly SourceFile[] {
    if (changed.length > SORTED_ANEW) {
      const files = Array.from(this.#declared.values(), ({ file }) => file)
      return files.sort((a, b) => (a.path < b.path ? -1 : 1))
    }
    const files = [...this.#snapshot.files]
    for (const key of changed) {
      const path = originOf(key)
      const place = placeIn(files, path)
      const isThere = files[place]?.path === path
      const file = this.#declared.get(key)?.file
      files.splice(place, isThere ? 1 : 0, ...(file === undefined ? [] : [file]))
    }
    return files
  }

  watch(bell: () => void): Promise<Watch> {
    const forget = this.#cluster.onChange(bell)
    let cancel = (): void => undefined
    const resync = (): void => {
      cancel = this.#timers.after(RESYNC_MS, () => {
        bell()
        resync()
      })
    }
    resync()
    return Promise.resolve({
      close: () => {
        forget()
        cancel()
        return Promise.resolve()
      },
    })
  }

  #declare(key: ObjectKey, object: ServerObject): Declared | undefined {
    const last = this.#declared.get(key)
    if (last?.object === object) return last
    if (object.metadata.deletionTimestamp !== undefined || isGenerated(object)) return undefined
    const value = declaredPart(object)
    const digest = digestText(canonicalJson(value))
    const file = last?.file.digest === digest ? last.file : fileOf(key, object, value, digest)
    return { object, file }
  }
}

/** Where a file of the path is, or would be. */
function placeIn(files: readonly SourceFile[], path: string): number {
  let [low, high] = [0, files.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((files[middle]?.path ?? path) < path) low = middle + 1
    else high = middle
  }
  return low
}

/** How findings and logs name where an object is declared: `kubernetes:SecurityGroup/shop/web`. */
export const originOf = (key: ObjectKey): string => `kubernetes:${key}`

function fileOf(
  key: ObjectKey,
  { metadata }: ServerObject,
  value: UnknownRecord,
  digest: string,
): SourceFile {
  const { uid, creationTimestamp, generation } = metadata
  const path = originOf(key)
  const document: ManifestDocument = { value, file: path, locate: () => ({ file: path, line: 1, column: 1 }) }
  const manifest = { documents: [document], findings: [], complete: true }
  return { path, manifest, digest, server: { uid, creationTimestamp, generation } }
}

function declaredPart({ apiVersion, kind, metadata, spec }: ServerObject): UnknownRecord {
  const { name, namespace, uid, creationTimestamp, generation, labels } = metadata
  const annotations = ownAnnotations(metadata.annotations)
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== '' && { namespace }),
      ...{ uid, creationTimestamp, generation },
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(annotations && { annotations }),
    },
    spec,
  }
}
