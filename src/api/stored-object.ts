import { API_VERSION, isKind, keyOf, type PalisadeObject } from './objects.ts'
import type { ObjectKey } from '../core/key.ts'
import { isRecord } from '../core/record.ts'

/**
 * Whether a value read back is the object of a key. It was valid when palisade wrote it, so this only
 * looks at what tells one object from another.
 */
export function isStoredObject(value: unknown, key: ObjectKey): value is PalisadeObject {
  return isObject(value) && keyOf(value) === key
}

function isObject(value: unknown): value is PalisadeObject {
  if (!isRecord(value) || value['apiVersion'] !== API_VERSION) return false
  const { kind, metadata, spec } = value
  if (typeof kind !== 'string' || !isKind(kind) || !isRecord(metadata) || !isRecord(spec)) return false
  const { name, namespace } = metadata
  return typeof name === 'string' && (namespace === undefined || typeof namespace === 'string')
}
