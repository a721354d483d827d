import type { Attachment } from '../../api/types.gen.ts'
import type { AgentReport } from '../agent-reports.ts'
import type { TimelessCondition } from './conditions.ts'

/**
 * What the loop's own firewall holds of an instance; `refusal` is why it does not hold the rules as desired,
 * and `node` the one that it enforces, if it leaves other nodes' instances to others.
 */
export function programmedByFirewall(
  attachment: Attachment | undefined,
  refusal: string | undefined,
  node: string | undefined,
): TimelessCondition {
  if (refusal !== undefined) {
    return { type: 'Programmed', status: 'False', reason: 'ApplyFailed', message: refusal }
  }
  if (attachment === undefined) {
    const message = 'The rules are computed and not enforced: the instance has no attachment.'
    return { type: 'Programmed', status: 'True', reason: 'NotEnforced', message }
  }
  if (node !== undefined && node !== attachment.nodeName) {
    const message = `The instance is attached to node ${attachment.nodeName}; here, on ${node}, its rules are computed and not enforced.`
    return { type: 'Programmed', status: 'Unknown', reason: 'OtherNode', message }
  }
  return PROGRAMMED
}

/** The rules that an agent is to hold: the version in force of the instance, and the digest of its rules. */
export interface AgentDuty {
  readonly nodeName: string
  readonly generation: number | undefined
  readonly digest: string
}

/**
 * What an agent holds of an instance. The agent writes this condition itself, as of what it knew; here it is judged
 * against what it has to know by now.
 */
export function programmedByAgent(duty: AgentDuty, report: AgentReport | undefined): TimelessCondition {
  const pending = { type: 'Programmed', status: 'Unknown', reason: 'Pending' } as const
  if (report === undefined) {
    return { ...pending, message: `The agent of node ${duty.nodeName} has not reported yet.` }
  }
  if (!report.isProgrammed) {
    return { type: 'Programmed', status: 'False', reason: 'ApplyFailed', message: report.message }
  }
  const { programmed } = report
  const isCurrent =
    programmed?.nodeName === duty.nodeName &&
    programmed.generation === duty.generation &&
    programmed.digest === duty.digest
  if (isCurrent) return PROGRAMMED
  return { ...pending, message: `The agent of node ${duty.nodeName} has not programmed these rules yet.` }
}

const PROGRAMMED: TimelessCondition = {
  type: 'Programmed',
  status: 'True',
  reason: 'Programmed',
  message: 'The firewall holds the rules of the digest in status.',
}
