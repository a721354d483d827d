import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import { numberPair } from './number-pair.ts'

/** One number for each set of packets, so that sets compare and meet as fast as numbers; 0 is nothing. */
export class TrafficNumbers {
  readonly #bySet = new Map<Traffic, number>()
  readonly #byText = new Map<string, number>()
  readonly #sets: Traffic[] = []
  readonly #common = new Map<number, number>()
  readonly #union = new Map<number, number>()

  constructor() {
    this.of(TRAFFIC.empty)
  }

  get size(): number {
    return this.#sets.length
  }

  of(traffic: Traffic): number {
    const known = this.#bySet.get(traffic)
    if (known !== undefined) return known
    const text = canonical(traffic)
    const number = this.#byText.get(text) ?? this.#sets.push(traffic) - 1
    this.#byText.set(text, number)
    this.#bySet.set(traffic, number)
    return number
  }

  setOf(number: number): Traffic {
    return this.#sets[number] ?? TRAFFIC.empty
  }

  /** The packets in both sets. */
  common(a: number, b: number): number {
    if (a === b) return a
    const pair = numberPair(a, b)
    const known = this.#common.get(pair) ?? this.of(TRAFFIC.intersection(this.setOf(a), this.setOf(b)))
    this.#common.set(pair, known)
    return known
  }

  /** The packets in either set. */
  union(a: number, b: number): number {
    if (a === b) return a
    const pair = numberPair(a, b)
    const known = this.#union.get(pair) ?? this.of(TRAFFIC.union(this.setOf(a), this.setOf(b)))
    this.#union.set(pair, known)
    return known
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
