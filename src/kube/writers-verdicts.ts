import type { ConditionType, Reason } from '../api/conditions.ts'
import { displayKey } from '../core/key.ts'
import { formatMoment, type Moment } from '../core/moment.ts'
import type { UnknownRecord } from '../core/record.ts'
import { FINALIZER } from './ownership.ts'
import { keyOfServerObject, type ServerObject } from './server-object.ts'
import { conditionsOf } from './written-status.ts'

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
  const conditions = falseConditions(object, { reason: 'Deleted', message, generation }, now)
  return { observedGeneration: generation, conditions }
}

const FALSE: readonly ConditionType[] = ['Accepted', 'Ready']

function falseConditions(
  { status }: ServerObject,
  { generation, ...verdict }: Verdict,
  now: Moment,
): readonly UnknownRecord[] {
  const before = conditionsOf(status)
  return FALSE.map((type) => {
    const last = before.get(type)
    const since = last?.['status'] === 'False' ? last['lastTransitionTime'] : undefined
    const lastTransitionTime = since ?? formatMoment(now)
    return { type, status: 'False', ...verdict, observedGeneration: generation, lastTransitionTime }
  })
}
