import type { EffectiveRule, Remote, Rule } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { parseKey } from '../../core/key.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { isError } from '../../core/diagnostic.ts'
import { checkRule } from '../acceptance/check-rule.ts'
import type { Resolution } from '../acceptance/rule-context.ts'
import type { GroupNode } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import type { Direction } from '../profile.ts'
import type { End } from './end.ts'
import { prefixesOf } from './party-text.ts'

/** The smallest change at one end that would let pass what it denies. */
export type Remedy =
  | {
      readonly type: 'AddRule'
      readonly group: ObjectKey
      readonly direction: Direction
      readonly rule: Rule
      /** A group that the other end is in, as a wider remote that outlives its addresses. */
      readonly wider: string | undefined
    }
  | { readonly type: 'ChangeRules'; readonly sources: readonly string[] }
  /** The profile has no rule for it; with what it says of the nearest one. */
  | { readonly type: 'NoRule'; readonly reasons: readonly string[] }
  | { readonly type: 'JoinGroup' }

/** What was asked, in the words of a rule. */
export type AskedRule = Pick<Rule, 'protocol' | 'ports' | 'icmp'>

export interface Denial {
  readonly vpc: VpcIndex
  readonly direction: Direction
  /** The groups of the instance at this end. */
  readonly groups: readonly GroupNode[]
  /** The rules that deny it, in the order of evaluation. */
  readonly denying: readonly EffectiveRule[]
  readonly asked: AskedRule
  /** What of the other end is denied. */
  readonly other: End
  /** The whole other end, as it was asked about. */
  readonly wholeOther: End
  readonly otherGroups: readonly GroupNode[]
}

/**
 * An Allow rule for exactly the other end, in front of whatever denies; where nothing can stand in front of
 * it, the rules that would have to change.
 */
export function remedyFor(denial: Denial): Remedy {
  const { vpc, groups, denying, direction } = denial
  const group = groups.find((one) => !one.generated)
  if (group === undefined) return { type: 'JoinGroup' }
  const range = vpc.profile.spec.rules.priority
  const drops = denying.flatMap(({ priority }) => priority ?? [])
  const priority = drops.length === 0 ? undefined : Math.min(...drops) - 1
  const cidr = onePrefix(denial.other) ?? onePrefix(denial.wholeOther)
  const cannotPrecede = priority !== undefined && (range === undefined || priority < range.min)
  if (cannotPrecede || cidr === undefined) {
    return { type: 'ChangeRules', sources: [...new Set(denying.flatMap(({ sources }) => sources))] }
  }
  const exact = allowing(denial.asked, { cidr }, priority)
  const { icmp: _icmp, ...asked } = denial.asked
  // A profile whose rules say nothing of ICMP types allows all of them or none.
  const rule = [exact, allowing(asked, { cidr }, priority)].find(
    (one) => refusals(one, group, denial).length === 0,
  )
  if (rule === undefined) return { type: 'NoRule', reasons: refusals(exact, group, denial) }
  const [other] = denial.otherGroups
  const name = other && parseKey(other.key).name
  const isAllowed =
    name !== undefined &&
    refusals({ ...rule, remote: { securityGroupRef: { name } } }, group, denial).length === 0
  return { type: 'AddRule', group: group.key, direction, rule, wider: isAllowed ? name : undefined }
}

function allowing(asked: AskedRule, remote: Remote, priority: number | undefined): Rule {
  return { name: nameOf(asked), ...asked, remote, ...(priority !== undefined && { priority }) }
}

/** What the checks of a rule say against one that is proposed; nothing is proposed that would not be accepted. */
function refusals(rule: Rule, { object: group }: GroupNode, { vpc, direction }: Denial): readonly string[] {
  const { profile, object } = vpc
  const groupType = profile.groupType(group.spec.type)
  if (groupType === undefined) return []
  const resolve = (key: ObjectKey): Resolution => {
    const remote = vpc.groups.get(key)
    if (remote === undefined) return 'NotFound'
    return profile.groupType(remote.object.spec.type)?.asRemote === false ? 'NotRemotable' : 'InForce'
  }
  const classic = object.spec.networkType === 'Classic'
  const findings = checkRule(rule, [], { group, profile, groupType, classic, direction, resolve })
  return findings.filter(isError).map(({ message }) => message)
}

function onePrefix({ addresses, family }: End): string | undefined {
  const [first, ...more] = prefixesOf(addresses, family)
  return first === undefined || more.length > 0 ? undefined : formatPrefix(first)
}

function nameOf({ protocol, ports, icmp }: AskedRule): string {
  const words = ['allow', String(protocol ?? 'all'), ...(ports ?? []).map(String)]
  if (icmp !== undefined) words.push(String(icmp.type))
  return words.join('-').toLowerCase()
}
