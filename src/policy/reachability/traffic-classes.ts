import { numberPair, PAIR_LIMIT } from './number-pair.ts'
import type { Party } from './party.ts'
import type { Flows, Relation } from './relation.ts'

/** Parties of one family that reach the same and are reached alike: one of them stands for all. */
export interface TrafficClass {
  readonly id: number
  /** Stands for the others. */
  readonly party: Party
  readonly parties: readonly Party[]
}

/** The coarsest division of parties under which traffic depends on the classes of both ends alone. */
export function trafficClasses({ parties, flows, distinct }: Relation): readonly TrafficClass[] {
  const chains = new Chains(distinct)
  const outgoing = flows.map((own) => chains.along(0, own))
  const incoming = transposed(flows)
  const classes = new Map<number, Party[]>()
  for (const [place, party] of parties.entries()) {
    // Outside parties differ in kind from instances, whose traffic with the outside is decided.
    const kind = (party.family === 'IPv4' ? 0 : 2) + (party.ruleSet === undefined ? 0 : 1)
    const into = chains.along(0, incoming[place] ?? new Map<number, number>())
    const identity = chains.step(chains.step(chains.step(0, kind), outgoing[place] ?? 0), into)
    const alike = classes.get(identity)
    if (alike === undefined) classes.set(identity, [party])
    else alike.push(party)
  }
  return [...classes.values()].flatMap((alike, id) => {
    const [party] = alike
    return party === undefined ? [] : [{ id, party, parties: alike }]
  })
}

/** By receiver, senders ascending. */
function transposed(flows: readonly Flows[]): readonly Flows[] {
  const incoming = flows.map(() => new Map<number, number>())
  for (const [sender, own] of flows.entries()) {
    for (const [receiver, traffic] of own) incoming[receiver]?.set(sender, traffic)
  }
  return incoming
}

/** One number for each list of numbers: equal lists, and no others, have equal numbers. */
class Chains {
  readonly #steps = new Map<number, number>()
  readonly #distinct: number

  /** `distinct`: numbers of traffic are below it. */
  constructor(distinct: number) {
    this.#distinct = distinct
  }

  /** The list of one number more. */
  step(list: number, next: number): number {
    const key = numberPair(list, next)
    const known = this.#steps.get(key) ?? this.#steps.size + 1
    this.#steps.set(key, known)
    return known
  }

  along(list: number, flows: Flows): number {
    let at = list
    for (const [place, traffic] of flows) {
      const both = place * this.#distinct + traffic
      at = both < WIDE ? this.step(at, both) : this.step(this.step(this.step(at, WIDE), place), traffic)
    }
    return at
  }
}

/** Comes before a place and a traffic that are too wide to be one number. */
const WIDE = PAIR_LIMIT - 1
