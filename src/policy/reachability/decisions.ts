import type { EffectiveRule } from '../../api/types.gen.ts'
import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import type { Party } from './party.ts'
import { concerns, namedConcerns, remoteName, type PartyKind } from './remote-name.ts'
import { ruleTraffic } from './rule-traffic.ts'

/** The part of all traffic that one rule decides: what it matches and no rule before it does. */
export interface Share {
  readonly rule: EffectiveRule
  readonly traffic: Traffic
}

/** Rules of which the matching ones are told by the bits of one integer, as far as it has them. */
const BITS = 30

/** The answers of one list of rules, one for each choice of its rules that matches. */
class Answers {
  readonly #rules: readonly { readonly rule: EffectiveRule; readonly name: string | undefined }[]
  readonly #known = new Map<number | string, Traffic>()

  constructor(rules: readonly EffectiveRule[]) {
    this.#rules = rules.map((rule) => ({ rule, name: remoteName(rule) }))
  }

  of(other: PartyKind, evaluate: (matching: readonly EffectiveRule[]) => Traffic): Traffic {
    const matching: EffectiveRule[] = []
    let bits = 0
    let more = ''
    let index = 0
    for (const { rule, name } of this.#rules) {
      if (namedConcerns(rule, name, other)) {
        matching.push(rule)
        if (index < BITS) bits |= 1 << index
        else more += `,${index}`
      }
      index += 1
    }
    const identity = more === '' ? bits : `${bits}${more}`
    const known = this.#known.get(identity) ?? evaluate(matching)
    this.#known.set(identity, known)
    return known
  }
}

/** What lists of effective rules decide about parties. Answers are kept, since many parties get the same. */
export class Decisions {
  readonly #traffic = new WeakMap<EffectiveRule, Traffic>()
  readonly #answers = new WeakMap<readonly EffectiveRule[], Answers>()

  /** What the rules, in the order of evaluation, let pass between their instance and the other end. */
  allowed(rules: readonly EffectiveRule[], other: PartyKind): Traffic {
    const known = this.#answers.get(rules) ?? new Answers(rules)
    this.#answers.set(rules, known)
    return known.of(other, (matching) => this.#evaluate(matching))
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
