import type { EffectiveRule } from '../../api/types.gen.ts'
import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import type { Party } from './party.ts'
import { concerns } from './remote-name.ts'
import { ruleTraffic } from './rule-traffic.ts'

/** The part of all traffic that one rule decides: what it matches and no rule before it does. */
export interface Share {
  readonly rule: EffectiveRule
  readonly traffic: Traffic
}

/** What lists of effective rules decide about parties. Answers are kept, since many parties get the same. */
export class Decisions {
  readonly #traffic = new Map<EffectiveRule, Traffic>()
  readonly #allowed = new Map<readonly EffectiveRule[], Map<string, Traffic>>()

  /** What the rules, in the order of evaluation, let pass between their instance and the other end. */
  allowed(rules: readonly EffectiveRule[], other: Party): Traffic {
    const matching: number[] = []
    for (const [index, rule] of rules.entries()) if (concerns(rule, other)) matching.push(index)
    const identity = matching.join(',')
    const known = this.#answers(rules)
    const answer = known.get(identity) ?? this.#evaluate(matching.flatMap((index) => rules[index] ?? []))
    known.set(identity, answer)
    return answer
  }

  /** Which rule decides which traffic with the other end, in the order of evaluation; who decides none is left out. */
  shares(rules: readonly EffectiveRule[], other: Party): readonly Share[] {
    let decided = TRAFFIC.empty
    const shares: Share[] = []
    for (const rule of rules) {
      if (!concerns(rule, other)) continue
      const matched = this.trafficOf(rule)
      const traffic = TRAFFIC.difference(matched, decided)
      if (!TRAFFIC.isEmpty(traffic)) shares.push({ rule, traffic })
      decided = TRAFFIC.union(decided, matched)
    }
    return shares
  }

  /** The rules that match some of the traffic with the other end, whether another decides before them or not. */
  matching(rules: readonly EffectiveRule[], other: Party, traffic: Traffic): readonly EffectiveRule[] {
    return rules.filter(
      (rule) =>
        concerns(rule, other) && !TRAFFIC.isEmpty(TRAFFIC.intersection(this.trafficOf(rule), traffic)),
    )
  }

  /** What a rule matches, whether another decides before it or not. */
  trafficOf(rule: EffectiveRule): Traffic {
    const known = this.#traffic.get(rule) ?? ruleTraffic(rule)
    this.#traffic.set(rule, known)
    return known
  }

  #answers(rules: readonly EffectiveRule[]): Map<string, Traffic> {
    const known = this.#allowed.get(rules) ?? new Map<string, Traffic>()
    this.#allowed.set(rules, known)
    return known
  }

  /** From the last rule to the first, so that the first has the last word. */
  #evaluate(rules: readonly EffectiveRule[]): Traffic {
    return rules.reduceRight(
      (passing, rule) =>
        rule.action === 'Allow'
          ? TRAFFIC.union(passing, this.trafficOf(rule))
          : TRAFFIC.difference(passing, this.trafficOf(rule)),
      TRAFFIC.empty,
    )
  }
}
