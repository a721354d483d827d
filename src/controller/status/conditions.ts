import { CONDITION_TYPES, type ConditionType, type Reason } from '../../api/conditions.ts'
import type { Condition } from '../../api/types.gen.ts'
import { isError, sentenceOf, type Diagnostic } from '../../core/diagnostic.ts'
import { displayKey, kindOfKey, type ObjectKey } from '../../core/key.ts'
import { CODES, isCode } from '../../policy/acceptance/codes.ts'
import type { ControllerCode } from '../codes.ts'

/** A condition before it is known since when it has been so. */
export type TimelessCondition = Pick<Condition, 'status' | 'message'> & {
  readonly type: ConditionType
  readonly reason: Reason
}

/** Everything that conditions are computed from. */
export interface ConditionInputs {
  readonly key: ObjectKey
  /** Findings of every storey. */
  readonly findings: readonly Diagnostic[]
  /** Whether the declared version is in force. */
  readonly accepted: boolean
  /** Whether any version is in force. */
  readonly enforced: boolean
  /** Whether the file that declares the object cannot be read. */
  readonly unreadable: boolean
  /** Why the change that is asked for, or the deletion, is not made; undefined: it is. */
  readonly held?: readonly Diagnostic[] | undefined
  /** Whether nobody declares the object any more. */
  readonly isDeleted?: boolean
  /** Who keeps a deleted object. */
  readonly blockedBy: readonly ObjectKey[] | undefined
  /** Instances only. */
  readonly programmed?: TimelessCondition
  /** The same where an agent writes that condition: here it only counts for the summary. */
  readonly awaited?: TimelessCondition
  /** Reachability checks only. */
  readonly holds?: TimelessCondition
  /** What another program had changed, as a sentence; instances only. */
  readonly drifted?: string | undefined
}

/** Names listed in a condition's message; the rest is counted. */
const LISTED_REFERRERS = 10

/** The conditions of one object, in the order of their types. Follows kstatus: Stalled is Failed, Reconciling is InProgress. */
export function conditionsOf(inputs: ConditionInputs): readonly TimelessCondition[] {
  const accepted = acceptedCondition(inputs)
  const resolved = hasReferences(inputs.key) ? resolvedCondition(inputs) : undefined
  const blocked = keptCondition(inputs)
  const parts = [accepted, resolved, inputs.programmed, inputs.holds].filter((part) => part !== undefined)
  const judged = inputs.awaited === undefined ? parts : [...parts, inputs.awaited]
  const faults = judged.filter(({ status }) => status !== 'True')
  const [fault] = blocked === undefined ? faults : [blocked, ...faults]
  const progress = fault && progressCondition(fault)
  const all = [
    ...parts,
    ...(blocked ? [blocked] : []),
    ...(inputs.drifted === undefined ? [] : [driftedCondition(inputs.drifted)]),
    ...expiringConditions(inputs),
    readyCondition(fault),
    ...(progress && blocked === undefined ? [progress] : []),
  ]
  return all.sort((a, b) => TYPE_ORDER.indexOf(a.type) - TYPE_ORDER.indexOf(b.type))
}

function readyCondition(fault: TimelessCondition | undefined): TimelessCondition {
  if (fault === undefined) {
    return { type: 'Ready', status: 'True', reason: 'Ready', message: 'The declared version is in force.' }
  }
  const { reason, message } = fault
  return { type: 'Ready', status: isElsewhere(fault) ? 'Unknown' : 'False', reason, message }
}

function progressCondition(fault: TimelessCondition): TimelessCondition | undefined {
  if (isElsewhere(fault)) return undefined
  const { type, reason, message } = fault
  return { type: type === 'Programmed' ? 'Reconciling' : 'Stalled', status: 'True', reason, message }
}

/** Whether it is in force on another node is not for this palisade to say. */
const isElsewhere = ({ reason }: TimelessCondition): boolean => reason === 'OtherNode'

const TYPE_ORDER: readonly string[] = Object.keys(CONDITION_TYPES)

function hasReferences(key: ObjectKey): boolean {
  return ['VPC', 'SecurityGroup', 'Instance'].includes(kindOfKey(key))
}

function acceptedCondition({
  findings,
  accepted,
  enforced,
  unreadable,
  blockedBy,
  held,
  isDeleted,
}: ConditionInputs): TimelessCondition {
  const errors = findings.filter(isError)
  const stays = enforced ? ' The last accepted version stays in force.' : ' Nothing of it is in force.'
  if (unreadable) {
    const message = `The file that declares the object cannot be read.${stays}`
    return { type: 'Accepted', status: 'Unknown', reason: 'Unreadable', message }
  }
  if (held !== undefined && isDeleted !== true) {
    const message = `${summary(held, held[0])}${stays}`
    return { type: 'Accepted', status: 'False', reason: 'ChangeBlocked', message }
  }
  if (accepted || blockedBy !== undefined) {
    return {
      type: 'Accepted',
      status: 'True',
      reason: 'Accepted',
      message: 'The declared version passed every check.',
    }
  }
  const own = errors.filter(({ code }) => !isCode(code) || CODES[code].condition === 'Accepted')
  const [first] = own.length > 0 ? own : errors
  const reason = first !== undefined && isCode(first.code) ? CODES[first.code].reason : 'Invalid'
  return { type: 'Accepted', status: 'False', reason, message: `${summary(errors, first)}${stays}` }
}

function resolvedCondition({ findings }: ConditionInputs): TimelessCondition {
  const errors = findings.filter(({ code }) => isCode(code) && CODES[code].condition === 'ResolvedRefs')
  const [first] = errors
  if (first === undefined || !isCode(first.code)) {
    return {
      type: 'ResolvedRefs',
      status: 'True',
      reason: 'RefsResolved',
      message: 'Every reference resolves.',
    }
  }
  const message = summary(errors, first)
  return { type: 'ResolvedRefs', status: 'False', reason: CODES[first.code].reason, message }
}

function expiringConditions({ findings }: ConditionInputs): readonly TimelessCondition[] {
  const soon = findings.filter(({ code }) => code === EXPIRES_SOON)
  const [first] = soon
  if (first === undefined) return []
  const message = summary(soon, first)
  return [{ type: 'Expiring', status: 'True', reason: 'RuleExpiresSoon', message }]
}

const EXPIRES_SOON: ControllerCode = 'RuleExpiresSoon'

/** False, since it has been put right by the time that anybody is told. */
function driftedCondition(message: string): TimelessCondition {
  return { type: 'Drifted', status: 'False', reason: 'Repaired', message }
}

/** Why an object that was deleted is still there; undefined for every other. */
function keptCondition({ key, blockedBy, held, isDeleted }: ConditionInputs): TimelessCondition | undefined {
  if (held === undefined || isDeleted !== true) return blockedBy && blockedCondition(key, blockedBy)
  const message = `${displayKey(key)} was deleted and stays in force. ${summary(held, held[0])}`
  return { type: 'DeletionBlocked', status: 'True', reason: 'ChangeBlocked', message }
}

function blockedCondition(key: ObjectKey, blockedBy: readonly ObjectKey[]): TimelessCondition {
  const used = blockedBy.some((referrer) => kindOfKey(referrer) === 'Instance')
  return {
    type: 'DeletionBlocked',
    status: 'True',
    reason: used ? 'InUse' : 'Referenced',
    message: `${blockedSentence(key, blockedBy)}.`,
  }
}

/** Why a deleted object is still there, without the full stop. */
export function blockedSentence(key: ObjectKey, blockedBy: readonly ObjectKey[]): string {
  const need = blockedBy.length === 1 ? 'needs' : 'need'
  return `${displayKey(key)} was deleted and stays in force, since ${namesOf(blockedBy)} still ${need} it`
}

/** Some objects by their names, the first ten. */
export function namesOf(keys: readonly ObjectKey[]): string {
  const names = keys.slice(0, LISTED_REFERRERS).map(displayKey).join(', ')
  const more = keys.length - LISTED_REFERRERS
  return more > 0 ? `${names} and ${String(more)} more` : names
}

/** The first finding as a sentence, with its hint, and how many more there are. */
function summary(errors: readonly Diagnostic[], first: Diagnostic | undefined): string {
  if (first === undefined) return 'The declared version is not in force.'
  return sentenceOf(first, errors.length - 1)
}
