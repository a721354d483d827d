import type { PalisadeObject } from '../api/objects.ts'
import { isStoredObject } from '../api/stored-object.ts'
import { objectKey, type ObjectKey } from '../core/key.ts'
import { isRecord, isStringList, type UnknownRecord } from '../core/record.ts'

/** An object as the API server gave it, as far as it could be checked; the rest is still unknown. */
export interface ServerObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ServerMetadata
  /** Empty where the object has none, as `status`. */
  readonly spec: UnknownRecord
  readonly status: UnknownRecord
}

/** `managedFields` is left out: nothing here reads it, and it is more than half of a small object. */
export interface ServerMetadata {
  readonly name: string
  /** '' for what is cluster-scoped. */
  readonly namespace: string
  readonly uid: string
  readonly resourceVersion: string
  /** Counts the changes of spec; 0 where the server does not count. */
  readonly generation: number
  /** RFC 3339, in whole seconds. */
  readonly creationTimestamp: string
  /** Set once somebody has deleted it and a finalizer keeps it. */
  readonly deletionTimestamp: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly finalizers: readonly string[]
  readonly ownerReferences: readonly UnknownRecord[]
}

/** What is declared, where it looks like an object of palisade; nothing else of it is checked. */
export function declaredObject({
  apiVersion,
  kind,
  metadata: { name, namespace },
  spec,
}: ServerObject): PalisadeObject | undefined {
  const object = { apiVersion, kind, metadata: { name, namespace }, spec }
  return isStoredObject(object, objectKey(kind, namespace, name)) ? object : undefined
}

/** What the value says as an object of the API; undefined when it is none. */
export function serverObject(value: unknown): ServerObject | undefined {
  if (!isRecord(value)) return undefined
  const { apiVersion, kind, metadata, spec, status } = value
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isRecord(metadata)) return undefined
  const checked = serverMetadata(metadata)
  if (checked === undefined) return undefined
  return { apiVersion, kind, metadata: checked, spec: recordOr(spec), status: recordOr(status) }
}

function serverMetadata(metadata: UnknownRecord): ServerMetadata | undefined {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata
  if (typeof name !== 'string' || typeof resourceVersion !== 'string') return undefined
  const { generation, labels, annotations, finalizers, ownerReferences } = metadata
  return {
    name,
    namespace: textOr(namespace),
    uid: textOr(uid),
    resourceVersion,
    generation: typeof generation === 'number' ? generation : 0,
    creationTimestamp: textOr(creationTimestamp),
    deletionTimestamp: typeof deletionTimestamp === 'string' ? deletionTimestamp : undefined,
    labels: texts(labels),
    annotations: texts(annotations),
    finalizers: isStringList(finalizers) ? finalizers : [],
    ownerReferences: Array.isArray(ownerReferences) ? ownerReferences.filter(isRecord) : [],
  }
}

export function keyOfServerObject({ kind, metadata }: ServerObject): ObjectKey {
  return objectKey(kind, metadata.namespace, metadata.name)
}

const NOTHING: UnknownRecord = {}

const recordOr = (value: unknown): UnknownRecord => (isRecord(value) ? value : NOTHING)

const textOr = (value: unknown): string => (typeof value === 'string' ? value : '')

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {}
  const entries: [string, string][] = []
  for (const [name, text] of Object.entries(value)) if (typeof text === 'string') entries.push([name, text])
  return Object.fromEntries(entries)
}
