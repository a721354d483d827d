import type { EffectiveRule, Remote, Rule } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { parseKey } from '../../core/key.ts'
import { formatPrefix } from '../../net/prefix.ts'
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
  const remote: Remote = { cidr }
  const rule: Rule = {
    name: nameOf(denial.asked),
    ...denial.asked,
    remote,
    ...(priority !== undefined && { priority }),
  }
  const [wider] = denial.otherGroups
  const takesGroups =
    vpc.profile.groupType(group.object.spec.type)?.remotes.includes('SecurityGroup') === true
  return {
    type: 'AddRule',
    group: group.key,
    direction,
    rule,
    wider: wider !== undefined && takesGroups ? parseKey(wider.key).name : undefined,
  }
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
