import { DEFAULT_NAMESPACE, isClusterScoped } from '../../api/objects.ts'
import type { ObjectKey } from '../../core/key.ts'
import { isRecord, type UnknownRecord } from '../../core/record.ts'
import { originOf } from '../../kube/source.ts'
import type { ManifestDocument } from '../../manifest/document.ts'
import { recognise, subjectOf } from '../../schema/recognise.ts'
import type { Source, SourceFile } from '../../source/source.ts'
import { threeWayMerge } from './three-way-merge.ts'

/** What a cluster holds besides the manifests. */
export interface Surroundings {
  /** What users declare there, each object as a file. */
  readonly declared: readonly SourceFile[]
  /** What `kubectl apply` was last given, of the objects that keep it. */
  readonly lastApplied: ReadonlyMap<ObjectKey, UnknownRecord>
  /** Where manifests go that name no namespace. */
  readonly namespace: string | undefined
}

/**
 * Manifests as `kubectl apply` takes them: what they declare is put beside what the cluster declares, and over the
 * objects of the same names; what names no namespace goes into the one that is given. Nothing is deleted by being
 * left out.
 */
export function besideCluster(manifests: Source, surroundings: Surroundings): Source {
  const { declared, lastApplied, namespace = DEFAULT_NAMESPACE } = surroundings
  const present = new Map(declared.map((file) => [file.path, file.manifest.documents[0]?.value]))
  const over = (document: ManifestDocument): ManifestDocument => {
    const value = withNamespace(namespace, document.value)
    const key = keyOfKnown(value)
    const current = key === undefined ? undefined : present.get(originOf(key))
    if (key === undefined || current === undefined) return replaced(document, value)
    // Without a note of what was applied, all that is there counts as applied: what the manifest leaves out goes.
    return replaced(document, threeWayMerge(lastApplied.get(key) ?? current, value, current))
  }
  return {
    read: async () => {
      const snapshot = await manifests.read()
      const files = snapshot.files.map((file) => {
        const documents = file.manifest.documents.map(over)
        return { ...file, manifest: { ...file.manifest, documents } }
      })
      const named = new Set(files.flatMap(({ manifest }) => manifest.documents.flatMap(originsOf)))
      const others = declared.filter(({ path }) => !named.has(path))
      return { ...snapshot, files: [...others, ...files] }
    },
    watch: (bell) => manifests.watch(bell),
  }
}

function withNamespace(namespace: string, value: UnknownRecord): UnknownRecord {
  const { kind, metadata } = value
  if (typeof kind !== 'string' || isClusterScoped(kind) || !isRecord(metadata)) return value
  const { namespace: own = '' } = metadata
  return own === '' ? { ...value, metadata: { ...metadata, namespace } } : value
}

const replaced = (document: ManifestDocument, value: UnknownRecord): ManifestDocument => ({
  value,
  file: document.file,
  locate: (path) => document.locate(path),
})

/** Where the cluster declares what a document declares. */
function originsOf({ value }: ManifestDocument): readonly string[] {
  const key = keyOfKnown(value)
  return key === undefined ? [] : [originOf(key)]
}

function keyOfKnown(value: UnknownRecord): ObjectKey | undefined {
  const subject = subjectOf(value)
  return recognise(value).type === 'Known' && 'key' in subject ? subject.key : undefined
}
