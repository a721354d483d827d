import { decodeEnforced } from '../api/enforced-object.ts'
import type { PalisadeObject } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import { isList, isRecord, type UnknownRecord } from '../core/record.ts'
import { parseMoment } from '../core/moment.ts'
import type {
  AcceptedVersion,
  Inventory,
  InventoryEntry,
  RefusedVersion,
  StatusRecord,
} from '../store/store.ts'
import { isGenerated } from './ownership.ts'
import { declaredObject, type ServerObject } from './server-object.ts'
import { originOf } from './source.ts'

export interface RememberedOptions {
  /** Where an object of palisade's own making comes from; undefined: it follows from others. */
  readonly builtInOrigin: (key: ObjectKey) => string | undefined
  /** The object as the schema has it; undefined for what it refuses, which nobody accepted. */
  readonly read: (object: PalisadeObject) => PalisadeObject | undefined
}

/** What the statuses of all objects say was in force: in a cluster nothing else outlives the process. */
export function rememberedInventory(
  objects: Iterable<readonly [ObjectKey, ServerObject]>,
  options: RememberedOptions,
): Inventory {
  const entries = new Map<ObjectKey, InventoryEntry>()
  let moment: string | undefined
  for (const [key, object] of objects) {
    const origin = isGenerated(object) ? (options.builtInOrigin(key) ?? '') : originOf(key)
    const entry = entryOf(key, object, origin, options)
    entries.set(key, entry)
    for (const [, since] of Object.values(entry.status?.transitions ?? {})) {
      if (moment === undefined || since > moment) moment = since
    }
  }
  return { entries, nextOrder: 0, ...(moment !== undefined && { moment }) }
}

function entryOf(
  key: ObjectKey,
  object: ServerObject,
  origin: string,
  options: RememberedOptions,
): InventoryEntry {
  const { creationTimestamp, generation } = object.metadata
  const accepted = acceptedVersion(object, options)
  const status = statusRecord(object.status['conditions'])
  const refused = accepted === undefined ? refusedGroup(object, options) : undefined
  return {
    key,
    origin,
    order: parseMoment(creationTimestamp) ?? Infinity,
    firstSeen: creationTimestamp,
    generation,
    digest: accepted?.digest ?? '',
    ...(accepted && { accepted }),
    ...(refused && { refused }),
    ...(status && { status }),
  }
}

/** What is declared of a group of which nothing is in force: whether it is meant for a default group follows from it. */
function refusedGroup(server: ServerObject, { read }: RememberedOptions): RefusedVersion | undefined {
  const group = server.kind === 'SecurityGroup' ? declaredObject(server) : undefined
  const object = group && read(group)
  // Its digest is taken with the first look, which nothing comes before.
  return object && { digest: '', object }
}

/** The version in force that the status of an object holds; undefined where it holds none. */
function acceptedVersion(
  { kind, metadata, status }: ServerObject,
  { read }: RememberedOptions,
): AcceptedVersion | undefined {
  const { enforced } = status
  if (!isRecord(enforced)) return undefined
  const { generation, digest, object: text } = enforced
  if (typeof generation !== 'number' || typeof digest !== 'string' || typeof text !== 'string') {
    return undefined
  }
  const { name, namespace, uid } = metadata
  const decoded = decodeEnforced({ kind, name, namespace, uid }, text)
  const object = decoded && read(decoded)
  return object && { generation, digest, object }
}

/** Since when conditions are as they are. What was written is compared when it is written again. */
function statusRecord(conditions: unknown): StatusRecord | undefined {
  if (!isList(conditions)) return undefined
  return { digest: '', transitions: Object.fromEntries(conditions.filter(isRecord).flatMap(transitionOf)) }
}

function transitionOf({
  type,
  status,
  lastTransitionTime,
}: UnknownRecord): readonly (readonly [string, readonly [string, string]])[] {
  if (typeof type !== 'string' || typeof status !== 'string') return []
  if (typeof lastTransitionTime !== 'string' || parseMoment(lastTransitionTime) === undefined) return []
  return [[type, [status, lastTransitionTime]]]
}
