import type { ConditionType, Reason } from '../api/conditions.ts'
import type { Condition } from '../api/types.gen.ts'
import { displayKey } from '../core/key.ts'
import type { Moment } from '../core/moment.ts'
import { isRecord, type UnknownRecord } from '../core/record.ts'
import { FINALIZER } from './ownership.ts'
import { keyOfServerObject, type ServerObject } from './server-object.ts'
import { stampedOver } from './written-status.ts'

/** What the writer says of an object by itself, since nothing of it is in the engine. */
interface Verdict {
  readonly reason: Reason
  readonly message: string
  /** `metadata.generation` of what it is about. */
  readonly generation: number
}

/**
 * The status of what was deleted and let go, while finalizers of others keep it: agents take from the status what is in
 * force. Undefined for what goes by itself.
 */
export function letGoStatus(object: ServerObject, now: Moment): UnknownRecord | undefined {
  const { deletionTimestamp, finalizers, generation } = object.metadata
  const others = finalizers.filter((finalizer) => finalizer !== FINALIZER)
  if (deletionTimestamp === undefined || others.length === 0) return undefined
  const name = displayKey(keyOfServerObject(object))
  const message = `${name} was deleted and is not in force any more. Finalizers of others keep it: ${others.join(', ')}.`
  const conditions = conditionsWith(object, NOT_READY, { reason: 'Deleted', message, generation }, now)
  return { observedGeneration: generation, conditions }
}

/**
 * The status in place of one that the server cannot keep. What is in force there stays, since agents go by that, whatever
 * was to come into force.
 */
export function tooLargeStatus(object: ServerObject, wanted: UnknownRecord, now: Moment): UnknownRecord {
  const { enforced } = object.status
  const { observedGeneration } = wanted
  const generation = typeof observedGeneration === 'number' ? observedGeneration : object.metadata.generation
  const stays = isRecord(enforced)
    ? 'The last version that it could keep stays in force.'
    : 'Nothing of it is in force.'
  const message = `${displayKey(keyOfServerObject(object))} is too large: the server cannot keep the version in force besides it. ${stays}`
  const conditions = conditionsWith(object, STALLED, { reason: 'Invalid', message, generation }, now)
  return { observedGeneration: generation, ...(isRecord(enforced) && { enforced }), conditions }
}

type Words = Readonly<Partial<Record<ConditionType, 'True' | 'False'>>>

const NOT_READY: Words = { Accepted: 'False', Ready: 'False' }

/** Trying again will not mend it. */
const STALLED: Words = { ...NOT_READY, Stalled: 'True' }

function conditionsWith(
  { status: before }: ServerObject,
  words: Words,
  { generation, ...verdict }: Verdict,
  now: Moment,
): readonly Condition[] {
  return Object.entries(words).map(([type, status]) =>
    stampedOver(before, { type, status, ...verdict }, generation, now),
  )
}
