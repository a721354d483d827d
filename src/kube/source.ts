import { canonicalJson, digestText } from '../core/digest.ts'
import type { ObjectKey } from '../core/key.ts'
import type { UnknownRecord } from '../core/record.ts'
import type { ManifestDocument } from '../manifest/document.ts'
import type { Source, SourceFile, SourceSnapshot, Watch } from '../source/source.ts'
import type { Timers } from '../source/timers.ts'
import type { ClusterObjects } from './cluster-objects.ts'
import { ownAnnotations } from './own-annotations.ts'
import { isGenerated } from './ownership.ts'
import type { ServerObject } from './server-object.ts'

/** A look for good measure, at what is in memory: the server is not asked. */
const RESYNC_MS = 60_000

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
  #declared = new Map<ObjectKey, Declared>()

  constructor(cluster: ClusterObjects, timers: Timers) {
    this.#cluster = cluster
    this.#timers = timers
  }

  async read(): Promise<SourceSnapshot> {
    await this.#cluster.whenSynced()
    const declared = new Map<ObjectKey, Declared>()
    for (const [key, object] of this.#cluster.entries()) {
      const found = this.#declare(key, object)
      if (found !== undefined) declared.set(key, found)
    }
    this.#declared = declared
    const files = Array.from(declared.values(), ({ file }) => file)
    return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), findings: [], unreadable: [] }
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
