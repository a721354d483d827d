import { eachFamily, FAMILIES, type Family } from '../../net/address.ts'
import { FAMILY_OF_PROTOCOL } from '../../net/protocol.ts'
import { ALL_TRAFFIC, TRAFFIC, trafficOf, type Traffic } from '../../net/traffic.ts'
import { numberPair } from './number-pair.ts'
import { TrafficNumbers } from './traffic-numbers.ts'
import { trafficText } from './traffic-text.ts'

/** A part of some traffic, and the families that it is said of. */
export interface TrafficPart {
  readonly traffic: number
  readonly families: readonly Family[]
}

/** Sets of packets as numbers, each taken apart and put into words once. */
export class TrafficWords {
  readonly numbers = new TrafficNumbers()
  readonly #texts = new Map<number, string>()
  readonly #parts = eachFamily(() => new Map<number, readonly TrafficPart[]>())

  /** What exists in none of these families, though a rule for all traffic allows it. */
  absentIn(families: readonly Family[]): number {
    return this.numbers.of(families.map((family) => ABSENT[family]).reduce(TRAFFIC.intersection))
  }

  /** See trafficText. */
  text(traffic: number, absent: number): string {
    const pair = numberPair(traffic, absent)
    const known =
      this.#texts.get(pair) ?? trafficText(this.numbers.setOf(traffic), this.numbers.setOf(absent))
    this.#texts.set(pair, known)
    return known
  }

  /** Cut small, so that what many sources share with a few is said once of all. */
  parts(traffic: Traffic, family: Family): readonly TrafficPart[] {
    const number = this.numbers.of(traffic)
    const known = this.#parts[family].get(number) ?? this.#partsOf(traffic, family)
    this.#parts[family].set(number, known)
    return known
  }

  #partsOf(traffic: Traffic, family: Family): readonly TrafficPart[] {
    const present = TRAFFIC.difference(traffic, ABSENT[family])
    const partsIn = (whole: Traffic, families: readonly Family[]): readonly TrafficPart[] =>
      TRAFFIC.intersection(present, whole).flatMap(({ first, last, rest }) =>
        rest.map((payloads) => ({
          traffic: this.numbers.of([{ first, last, rest: [payloads] }]),
          families,
        })),
      )
    // What exists in one family only is never missing in the other.
    const ofOne = [...OF_ONE_FAMILY.keys()].flatMap((part) => partsIn(part, FAMILIES))
    return [...partsIn(OF_BOTH, [family]), ...ofOne]
  }
}

const OF_ONE_FAMILY: ReadonlyMap<Traffic, Family> = new Map(
  [...FAMILY_OF_PROTOCOL].map(([protocol, family]) => [trafficOf({ protocol }), family]),
)

const OF_BOTH = [...OF_ONE_FAMILY.keys()].reduce(TRAFFIC.difference, ALL_TRAFFIC)

const ABSENT: Readonly<Record<Family, Traffic>> = eachFamily(notIn)

function notIn(family: Family): Traffic {
  const others = [...OF_ONE_FAMILY].filter(([, only]) => only !== family)
  return others.map(([traffic]) => traffic).reduce(TRAFFIC.union, TRAFFIC.empty)
}
