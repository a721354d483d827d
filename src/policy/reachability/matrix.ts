import type { Family } from '../../net/address.ts'
import type { Traffic } from '../../net/traffic.ts'
import { instanceEnds, outsideEnds, type MatrixEnd } from './matrix-end.ts'
import { numberPair } from './number-pair.ts'
import type { Reachability } from './reachability.ts'
import type { Party } from './party.ts'
import { isDecided, Relation, type Flows } from './relation.ts'
import { trafficClasses } from './traffic-classes.ts'

/** What one end may send to another: never nothing. */
export interface MatrixCell {
  readonly from: MatrixEnd
  readonly to: MatrixEnd
  /** Of each family in which both ends have addresses. */
  readonly traffic: ReadonlyMap<Family, Traffic>
}

/** Who reaches whom on what in one VPC. */
export interface Matrix {
  readonly ends: readonly MatrixEnd[]
  /** Row by row, in the order of the ends; ends between which nothing passes have none. */
  readonly cells: readonly MatrixCell[]
}

export function matrixOf(reachability: Reachability): Matrix {
  const relation = new Relation(reachability)
  const classes = trafficClasses(relation)
  const ends = [...outsideEnds(classes), ...instanceEnds(classes)].sort(byKindAndName)
  return { ends, cells: new Cells(relation, ends).all() }
}

/** Finds the ends between which something passes by the parties that stand for them. */
class Cells {
  readonly #relation: Relation
  readonly #ends: readonly MatrixEnd[]
  readonly #places: ReadonlyMap<Party, number>
  /** Many cells have the same traffic. */
  readonly #shared = new Map<number, ReadonlyMap<Family, Traffic>>()
  /** By the place of the party that stands for it, the places of ends. */
  readonly #endsOf = new Map<number, number[]>()

  constructor(relation: Relation, ends: readonly MatrixEnd[]) {
    this.#relation = relation
    this.#ends = ends
    this.#places = new Map(relation.parties.map((party, place) => [party, place]))
    for (const [index, { parties }] of ends.entries()) {
      for (const party of parties.values()) {
        const place = this.#placeOf(party)
        const known = this.#endsOf.get(place)
        if (known === undefined) this.#endsOf.set(place, [index])
        else known.push(index)
      }
    }
  }

  all(): readonly MatrixCell[] {
    return this.#ends.flatMap((from) =>
      this.#receiversOf(from).flatMap((index) => {
        const to = this.#ends[index]
        // One instance does not meet the firewall on the way to itself.
        if (to === undefined || (from === to && from.instances.length === 1)) return []
        return [{ from, to, traffic: this.#traffic(from, to) }]
      }),
    )
  }

  #receiversOf({ parties }: MatrixEnd): readonly number[] {
    const found = new Set<number>()
    for (const party of parties.values()) {
      for (const receiver of this.#flowsOf(party).keys()) {
        for (const index of this.#endsOf.get(receiver) ?? []) found.add(index)
      }
    }
    return [...found].sort((a, b) => a - b)
  }

  #traffic(from: MatrixEnd, to: MatrixEnd): ReadonlyMap<Family, Traffic> {
    const found: (readonly [Family, number])[] = []
    let identity = 0
    for (const [family, party] of from.parties) {
      const other = to.parties.get(family)
      if (other === undefined || !isDecided(party, other)) continue
      const number = this.#flowsOf(party).get(this.#placeOf(other)) ?? 0
      found.push([family, number])
      identity = numberPair(identity, number * 2 + (family === 'IPv4' ? 1 : 2))
    }
    const known =
      this.#shared.get(identity) ??
      new Map(found.map(([family, number]) => [family, this.#relation.setOf(number)]))
    this.#shared.set(identity, known)
    return known
  }

  #flowsOf(party: Party): Flows {
    return this.#relation.flows[this.#placeOf(party)] ?? new Map<number, number>()
  }

  #placeOf(party: Party): number {
    const place = this.#places.get(party)
    if (place === undefined) throw new Error('an end is of a party that is not in the relation')
    return place
  }
}

const KINDS: readonly MatrixEnd['kind'][] = ['Internet', 'Outside', 'Instances']

function byKindAndName(a: MatrixEnd, b: MatrixEnd): number {
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}
