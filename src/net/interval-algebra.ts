import { IntervalSet, type Interval, type Ordinal } from './interval-set.ts'
import type { SetAlgebra } from './set-algebra.ts'

/** Sets of integers, one dimension of a product. */
export function intervalAlgebra<N extends number | bigint>(
  ordinal: Ordinal<N>,
): SetAlgebra<IntervalSet<N>, N> {
  const empty = IntervalSet.of(ordinal, [])
  return {
    empty,
    isEmpty: ({ intervals }) => intervals.length === 0,
    equals: (a, b) => a === b || a.equals(b),
    union: (a, b) => (a === b ? a : a.union(b)),
    intersection: (a, b) => (a === b ? a : a.intersection(b)),
    difference: (a, b) => (a === b ? empty : a.difference(b)),
    contains: (set, value) => set.contains(value),
    size: ({ intervals }) => intervals.reduce((sum, interval) => sum + width(interval), 0n),
    first: ({ intervals }) => intervals[0]?.first,
    *corners({ intervals }) {
      for (const { first, last } of intervals) {
        yield first
        if (last !== first) yield last
      }
    },
  }
}

/** How many integers an interval holds. */
export function width<N extends number | bigint>({ first, last }: Interval<N>): bigint {
  return BigInt(last) - BigInt(first) + 1n
}
