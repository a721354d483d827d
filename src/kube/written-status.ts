import type { PalisadeObject } from '../api/objects.ts'
import type { Condition } from '../api/types.gen.ts'
import { canonicalJson, digestText } from '../core/digest.ts'
import { formatMoment, type Moment } from '../core/moment.ts'
import { isList, isRecord, type UnknownRecord } from '../core/record.ts'

/** The condition and the field that the agent of a node writes of an instance that it enforces. */
const AGENT_CONDITION = 'Programmed'
const AGENT_FIELD = 'programmed'

/** The status to apply; `generation` where the engine cannot know it. */
export function statusToApply({ status }: PalisadeObject, generation: number | undefined): UnknownRecord {
  if (generation === undefined) return { ...status }
  const conditions = (status?.conditions ?? []).map((one) => ({ ...one, observedGeneration: generation }))
  return { ...status, observedGeneration: generation, conditions }
}

/** Whether the controller writes the condition that else is the agent's. */
export function ownsProgrammed(applied: UnknownRecord): boolean {
  return conditionsOf(applied).has(AGENT_CONDITION)
}

/**
 * Digest of the part of a status that the controller writes, whatever the order of its conditions: the server
 * keeps them as their writers came.
 */
export function digestOfOwn(status: UnknownRecord, withProgrammed: boolean): string {
  const { [AGENT_FIELD]: _agents, conditions: _all, ...rest } = status
  const own = conditionsOf(status)
  if (!withProgrammed) own.delete(AGENT_CONDITION)
  return digestText(canonicalJson({ ...rest, conditions: Object.fromEntries(own) }))
}

/** The conditions of a status by their type. */
export function conditionsOf({ conditions }: UnknownRecord): Map<string, UnknownRecord> {
  const list = isList(conditions) ? conditions.filter(isRecord) : []
  return new Map(list.flatMap((one) => (typeof one['type'] === 'string' ? [[one['type'], one]] : [])))
}

/** A condition as it is to be written over those of a status: it keeps the time since when it has been so. */
export function stampedOver(
  status: UnknownRecord,
  condition: Omit<Condition, 'observedGeneration' | 'lastTransitionTime'>,
  generation: number,
  now: Moment,
): Condition {
  const before = conditionsOf(status).get(condition.type)
  const since = before?.['status'] === condition.status ? before['lastTransitionTime'] : undefined
  return {
    ...condition,
    observedGeneration: generation,
    lastTransitionTime: typeof since === 'string' ? since : formatMoment(now),
  }
}
