import type { EffectiveRule } from '../../api/types.gen.ts'
import { ALL_TRAFFIC, type Traffic } from '../../net/traffic.ts'
import { FAMILIES, type Family } from '../../net/address.ts'
import type { Party } from './party.ts'
import type { Reachability } from './reachability.ts'
import { remoteName } from './remote-name.ts'
import { TrafficNumbers } from './traffic-numbers.ts'

/** What one list of rules lets pass: of parties that it does not name, and of those that it does. */
interface Reach {
  readonly base: number
  /** By place; parties that get what all others get are left out. */
  readonly named: ReadonlyMap<number, number>
}

/** What passes from one party to others, by the place of the receiver; nothing is left out. */
export type Flows = ReadonlyMap<number, number>

/**
 * The pairs of parties between which something passes, found from what rules name and not by trying every pair:
 * most rules of a large VPC are about few others. Parties are told by their place in the list, sets of packets
 * by number.
 */
export class Relation {
  readonly parties: readonly Party[]
  /** By sender, receivers ascending. */
  readonly flows: readonly Flows[]
  readonly #numbers = new TrafficNumbers()
  readonly #reaches = new Map<readonly EffectiveRule[], Map<Family, Reach>>()
  readonly #holders: ReadonlyMap<Family, ReadonlyMap<string, readonly number[]>>
  readonly #reachability: Reachability
  /** Of an end that has no say. */
  readonly #everything: Reach

  constructor(reachability: Reachability) {
    this.#reachability = reachability
    this.parties = reachability.parties
    this.#everything = { base: this.#numbers.of(ALL_TRAFFIC), named: new Map() }
    this.#holders = holdersIn(this.parties)
    const { open, naming } = this.#receivers()
    this.flows = this.parties.map((party, place) =>
      this.#flowsFrom(party, place, open.get(party.family) ?? [], naming[place] ?? []),
    )
  }

  /** How many different sets of packets there are; the numbers of all are below it. */
  get distinct(): number {
    return this.#numbers.size
  }

  setOf(number: number): Traffic {
    return this.#numbers.setOf(number)
  }

  /** Who lets in parties that no rule of theirs names, and by whom each party is named. */
  #receivers(): { readonly open: ReadonlyMap<Family, number[]>; readonly naming: readonly number[][] } {
    const open = new Map<Family, number[]>(FAMILIES.map((family) => [family, []]))
    const naming: number[][] = this.parties.map(() => [])
    for (const [place, party] of this.parties.entries()) {
      const { base, named } = this.#into(party)
      if (base !== 0) open.get(party.family)?.push(place)
      else for (const [sender, number] of named) if (number !== 0) naming[sender]?.push(place)
    }
    return { open, naming }
  }

  #flowsFrom(party: Party, place: number, open: readonly number[], naming: readonly number[]): Flows {
    const flows = new Map<number, number>()
    const out = this.#outOf(party)
    const candidates = out.base === 0 ? [...out.named.keys()] : [...open, ...naming]
    for (const receiver of candidates.sort((a, b) => a - b)) {
      const other = this.parties[receiver]
      if (other === undefined || !isDecided(party, other)) continue
      const leaves = out.named.get(receiver) ?? out.base
      if (leaves === 0) continue
      const into = this.#into(other)
      const number = this.#numbers.common(leaves, into.named.get(place) ?? into.base)
      if (number !== 0) flows.set(receiver, number)
    }
    return flows
  }

  #outOf({ ruleSet, family }: Party): Reach {
    return ruleSet === undefined ? this.#everything : this.#reach(ruleSet.egress, family)
  }

  #into({ ruleSet, family }: Party): Reach {
    return ruleSet === undefined ? this.#everything : this.#reach(ruleSet.ingress, family)
  }

  #reach(rules: readonly EffectiveRule[], family: Family): Reach {
    const families = this.#reaches.get(rules) ?? new Map<Family, Reach>()
    this.#reaches.set(rules, families)
    const known = families.get(family) ?? this.#decide(rules, family)
    families.set(family, known)
    return known
  }

  #decide(rules: readonly EffectiveRule[], family: Family): Reach {
    const { decisions } = this.#reachability
    const base = this.#numbers.of(decisions.allowed(rules, { family, remotes: NOTHING }))
    const named = new Map<number, number>()
    for (const name of new Set(rules.map(remoteName))) {
      if (name === undefined) continue
      for (const place of this.#holders.get(family)?.get(name) ?? []) {
        const other = this.parties[place]
        if (other === undefined || named.has(place)) continue
        named.set(place, this.#numbers.of(decisions.allowed(rules, other)))
      }
    }
    return { base, named }
  }
}

/** Nothing is decided here of traffic between two ends that are not declared instances. */
export function isDecided(from: Party, to: Party): boolean {
  return from.family === to.family && (from.ruleSet !== undefined || to.ruleSet !== undefined)
}

const NOTHING: ReadonlySet<string> = new Set()

/** Which parties each remote holds. */
function holdersIn(parties: readonly Party[]): ReadonlyMap<Family, ReadonlyMap<string, readonly number[]>> {
  const holders = new Map<Family, Map<string, number[]>>()
  for (const [place, { family, remotes }] of parties.entries()) {
    const names = holders.get(family) ?? new Map<string, number[]>()
    holders.set(family, names)
    for (const name of remotes) {
      const known = names.get(name)
      if (known === undefined) names.set(name, [place])
      else known.push(place)
    }
  }
  return holders
}
