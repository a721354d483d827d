import { API_VERSION, type PalisadeObject } from './objects.ts'
import { canonicalJson } from '../core/digest.ts'
import { objectKey } from '../core/key.ts'
import { isRecord } from '../core/record.ts'
import { isStoredObject } from './stored-object.ts'

/** What the status of an object says of its version in force, as one text: labels, annotations and spec. */
export function encodeEnforced({ metadata, spec }: PalisadeObject): string {
  const { labels, annotations } = metadata
  return canonicalJson({ metadata: { labels, annotations }, spec })
}

/** Which object the text is about. */
export interface EnforcedIdentity {
  readonly kind: string
  readonly name: string
  /** '' for a kind that belongs to no namespace. */
  readonly namespace: string
  readonly uid?: string
}

/** The version in force as it was written down; undefined for anything that palisade did not write. */
export function decodeEnforced(identity: EnforcedIdentity, text: string): PalisadeObject | undefined {
  const { kind, name, namespace, uid } = identity
  const written = parseRecord(text)
  if (!isRecord(written['metadata'])) return undefined
  const { labels, annotations } = written['metadata']
  const object: unknown = {
    apiVersion: API_VERSION,
    kind,
    metadata: {
      name,
      ...(namespace !== '' && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
    },
    spec: written['spec'],
  }
  return isStoredObject(object, objectKey(kind, namespace, name)) ? object : undefined
}

function parseRecord(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
