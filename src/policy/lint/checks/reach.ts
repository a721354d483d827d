import type { EffectiveRule } from '../../../api/types.gen.ts'
import { TRAFFIC } from '../../../net/traffic.ts'
import type { Party } from '../../reachability/party.ts'
import { Reachability } from '../../reachability/reachability.ts'
import { concerns } from '../../reachability/remote-name.ts'
import { aboutRule, type LintFinding } from '../finding.ts'
import type { LintRule, LintWorld } from '../world.ts'

/** One rule of a group, among all of that group in its direction, in the order of evaluation. */
interface Placed {
  readonly rule: LintRule
  readonly own: EffectiveRule
  readonly list: readonly EffectiveRule[]
  readonly reachability: Reachability
  /** The parties that the rule speaks of: every address that it matches is in one. */
  readonly others: readonly Party[]
}

/** Rules that decide nothing, since rules before them in their group decide all that they match. */
export function* shadowedRules(world: LintWorld): Generator<LintFinding> {
  for (const { rule, own, list, reachability, others } of placed(world)) {
    const { decisions } = reachability
    const covering = new Set<EffectiveRule>()
    const decides = others.some((other) => {
      const shares = decisions.shares(list, other)
      const matched = decisions.trafficOf(own)
      for (const share of shares) {
        if (!TRAFFIC.isEmpty(TRAFFIC.intersection(share.traffic, matched))) covering.add(share.rule)
      }
      return shares.some((share) => share.rule === own)
    })
    if (decides || others.length === 0) continue
    yield aboutRule(
      rule,
      `decides nothing, since ${named(covering)} comes first`,
      'remove it, or reorder them',
    )
  }
}

/** Rules without which all would be decided as with them, by rules after them in their group. */
export function* redundantRules(world: LintWorld): Generator<LintFinding> {
  for (const { rule, own, list, reachability, others } of placed(world)) {
    const { decisions } = reachability
    const without = list.filter((one) => one !== own)
    const covering = new Set<EffectiveRule>()
    const changes = others.some((other) => {
      const share = decisions.shares(list, other).find((one) => one.rule === own)
      if (share === undefined) return false
      const instead = decisions
        .shares(without, other)
        .map((one) => ({ ...one, traffic: TRAFFIC.intersection(one.traffic, share.traffic) }))
        .filter(({ traffic }) => !TRAFFIC.isEmpty(traffic))
      for (const one of instead) covering.add(one.rule)
      const same = instead.filter((one) => one.rule.action === own.action).map(({ traffic }) => traffic)
      return !TRAFFIC.equals(same.reduce(TRAFFIC.union, TRAFFIC.empty), share.traffic)
    })
    if (changes || covering.size === 0) continue
    yield aboutRule(rule, `changes nothing, since ${named(covering)} says the same`, 'remove it')
  }
}

/** Allow rules that no packet can meet, since every instance at the other end denies it. */
export function* deniedByOtherEnd(world: LintWorld): Generator<LintFinding> {
  for (const { rule, own, reachability, others } of placed(world)) {
    if (own.action === 'Drop' || others.length === 0) continue
    if (others.some(({ ruleSet }) => ruleSet === undefined)) continue
    const matched = reachability.decisions.trafficOf(own)
    const isMet = others.some(
      ({ ruleSet }) => ruleSet !== undefined && letsThrough(ruleSet, rule, reachability, matched),
    )
    if (isMet) continue
    yield aboutRule(
      rule,
      'is never met, since the instances at the other end deny what it allows',
      `allow it in their ${rule.direction === 'Ingress' ? 'egress' : 'ingress'} rules, or remove it`,
    )
  }
}

/** Whether the rules of another end let some of the traffic through to any member of the rule's group. */
function letsThrough(
  ruleSet: NonNullable<Party['ruleSet']>,
  { direction, group }: LintRule,
  { parties, decisions }: Reachability,
  matched: ReturnType<Reachability['decisions']['trafficOf']>,
): boolean {
  const rules = direction === 'Ingress' ? ruleSet.egress : ruleSet.ingress
  return parties
    .filter(({ members }) => members.some(({ instance }) => instance.signature.groups.includes(group)))
    .some((member) => !TRAFFIC.isEmpty(TRAFFIC.intersection(decisions.allowed(rules, member), matched)))
}

/** The rules that somebody wrote and that apply to some instance. */
function* placed({ model, rules }: LintWorld): Generator<Placed> {
  const relations = new Map([...model.vpcs()].map((vpc) => [vpc.key, Reachability.of(model, vpc)]))
  for (const rule of rules) {
    const { vpc, group, direction, source, path } = rule
    const reachability = relations.get(vpc.key)
    if (reachability === undefined || path.length <= 2 || vpc.members(group).instances.length === 0) continue
    const compiled = direction === 'Ingress' ? vpc.compiled(group).ingress : vpc.compiled(group).egress
    const list = compiled.rules.map((one) => one.rule)
    const own = list.find(({ sources }) => sources.includes(source))
    if (own === undefined) continue
    const others = reachability.parties.filter((party) => concerns(own, party))
    yield { rule, own, list, reachability, others }
  }
}

function named(rules: ReadonlySet<EffectiveRule>): string {
  return [...new Set([...rules].flatMap(({ sources }) => sources))].sort().join(' and ')
}
