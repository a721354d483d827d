import { DEFAULT_NAMESPACE, isClusterScoped } from '../../api/objects.ts'
import { isRecord } from '../../core/record.ts'
import { originOf } from '../../kube/source.ts'
import type { ManifestDocument } from '../../manifest/document.ts'
import { recognise, subjectOf } from '../../schema/recognise.ts'
import type { Source, SourceFile } from '../../source/source.ts'

/**
 * Manifests as `kubectl apply` takes them: what they declare is put beside what the cluster declares, and in
 * place of the objects of the same names; what names no namespace goes into the one that is given. Nothing is
 * deleted by being left out.
 */
export function besideCluster(
  manifests: Source,
  declared: readonly SourceFile[],
  namespace = DEFAULT_NAMESPACE,
): Source {
  return {
    read: async () => {
      const snapshot = await manifests.read()
      const files = snapshot.files.map((file) => placedIn(namespace, file))
      const named = new Set(files.flatMap(({ manifest }) => manifest.documents.flatMap(originsOf)))
      const others = declared.filter(({ path }) => !named.has(path))
      return { ...snapshot, files: [...others, ...files] }
    },
    watch: (bell) => manifests.watch(bell),
  }
}

function placedIn(namespace: string, file: SourceFile): SourceFile {
  const documents = file.manifest.documents.map((document) => withNamespace(namespace, document))
  return { ...file, manifest: { ...file.manifest, documents } }
}

function withNamespace(namespace: string, document: ManifestDocument): ManifestDocument {
  const { kind, metadata } = document.value
  if (typeof kind !== 'string' || isClusterScoped(kind) || !isRecord(metadata)) return document
  const { namespace: own = '' } = metadata
  if (own !== '') return document
  return {
    value: { ...document.value, metadata: { ...metadata, namespace } },
    file: document.file,
    locate: (path) => document.locate(path),
  }
}

/** Where the cluster declares what a document declares. */
function originsOf({ value }: ManifestDocument): readonly string[] {
  const subject = subjectOf(value)
  return recognise(value).type === 'Known' && 'key' in subject ? [originOf(subject.key)] : []
}
