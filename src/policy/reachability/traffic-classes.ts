import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import type { Party } from './party.ts'
import type { Reachability } from './reachability.ts'

/** Parties of one family that reach the same and are reached alike: one of them stands for all. */
export interface TrafficClass {
  readonly id: number
  /** Stands for the others. */
  readonly party: Party
  readonly parties: readonly Party[]
}

/** The coarsest division of parties under which traffic depends on the classes of both ends alone. */
export function trafficClasses(reachability: Reachability): readonly TrafficClass[] {
  const numbers = new TrafficNumbers()
  const classes = new Map<string, Party[]>()
  for (const family of ['IPv4', 'IPv6']) {
    const parties = reachability.parties.filter((party) => party.family === family)
    const known = parties.map((from) =>
      parties.map((to) => (isDecided(from, to) ? numbers.of(reachability.traffic(from, to)) : -1)),
    )
    for (const [index, party] of parties.entries()) {
      const out = known[index] ?? []
      const into = known.map((row) => row[index])
      // Outside parties differ in kind from instances, whose traffic with the outside is decided.
      const identity = [family, party.ruleSet === undefined, out.join(), into.join()].join('|')
      const alike = classes.get(identity)
      if (alike === undefined) classes.set(identity, [party])
      else alike.push(party)
    }
  }
  return [...classes.values()].flatMap((parties, id) => {
    const [party] = parties
    return party === undefined ? [] : [{ id, party, parties }]
  })
}

/** Nothing is decided here of traffic between two ends that are not declared instances. */
export function isDecided(from: Party, to: Party): boolean {
  return from.family === to.family && (from.ruleSet !== undefined || to.ruleSet !== undefined)
}

/** One number for each set of packets, so that equal sets compare as numbers do. */
class TrafficNumbers {
  readonly #bySet = new Map<Traffic, number>()
  readonly #byText = new Map<string, number>()

  of(traffic: Traffic): number {
    const known = this.#bySet.get(traffic)
    if (known !== undefined) return known
    const text = TRAFFIC.isEmpty(traffic) ? '' : canonical(traffic)
    const number = this.#byText.get(text) ?? this.#byText.size
    this.#byText.set(text, number)
    this.#bySet.set(traffic, number)
    return number
  }
}

function canonical(traffic: Traffic): string {
  return traffic
    .map(({ first, last, rest }) => {
      const planes = rest.map((plane) => `${plane.first}-${plane.last}:${plane.rest.canonical}`)
      return `${first}-${last}(${planes.join(' ')})`
    })
    .join(' ')
}
