import type { TimelessCondition } from '../controller/status/conditions.ts'
import type { Moment } from '../core/moment.ts'
import { isRecord, type UnknownRecord } from '../core/record.ts'
import type { ServerObject } from '../kube/server-object.ts'
import { conditionsOf, stampedOver } from '../kube/written-status.ts'

/** What an agent has to say of one of its instances. */
export interface ProgrammedReport {
  readonly condition: TimelessCondition
  /** Of the version whose rules are meant. */
  readonly generation: number
  /** What the firewall holds; undefined: it refused, so it holds what it held. */
  readonly programmed:
    { readonly nodeName: string; readonly generation: number; readonly digest: string } | undefined
}

/** The fields of status that say it; undefined where the server has them already. */
export function statusOfReport(
  { condition, generation, programmed }: ProgrammedReport,
  { status }: ServerObject,
  now: Moment,
): UnknownRecord | undefined {
  const before = conditionsOf(status).get(condition.type)
  const held = programmed ?? status['programmed']
  const isSame =
    before?.['status'] === condition.status &&
    before['reason'] === condition.reason &&
    before['message'] === condition.message &&
    before['observedGeneration'] === generation &&
    isSameProgrammed(held, status['programmed'])
  if (isSame) return undefined
  const stamped = stampedOver(status, condition, generation, now)
  return { conditions: [stamped], ...(held !== undefined && { programmed: held }) }
}

/** Whether this node once said that it enforces the instance. */
export function isReportedBy({ status }: ServerObject, node: string): boolean {
  const { programmed } = status
  return isRecord(programmed) && programmed['nodeName'] === node
}

function isSameProgrammed(a: unknown, b: unknown): boolean {
  if (!isRecord(a) || !isRecord(b)) return a === b
  return ['nodeName', 'generation', 'digest'].every((field) => a[field] === b[field])
}
