import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BIG_INTEGERS, INTEGERS, IntervalSet } from '../../src/net/interval-set.ts'
import type { Interval } from '../../src/net/interval-set.ts'
import { intervalsArbitrary } from './arbitraries.ts'

const MAX = 20
const UNIVERSE = Array.from({ length: MAX + 1 }, (_, value) => value)
const intervals = intervalsArbitrary(MAX)

const setOf = (list: readonly Interval<number>[]): IntervalSet<number> => IntervalSet.of(INTEGERS, list)

const isIn = (list: readonly Interval<number>[], value: number): boolean =>
  list.some(({ first, last }) => first <= value && value <= last)

/** The slow truth: the members one by one, and from them the only canonical list there is. */
function runs(isMember: (value: number) => boolean): Interval<number>[] {
  const starts = UNIVERSE.filter((value) => isMember(value) && !(value > 0 && isMember(value - 1)))
  const ends = UNIVERSE.filter((value) => isMember(value) && !(value < MAX && isMember(value + 1)))
  return starts.map((first, at) => ({ first, last: ends[at] ?? first }))
}

describe('over a small universe, against one member at a time', () => {
  test('a set is the canonical list of its intervals', () => {
    fc.assert(
      fc.property(intervals, (list) => {
        expect(setOf(list).intervals).toEqual(runs((value) => isIn(list, value)))
      }),
    )
  })

  test('contains', () => {
    fc.assert(
      fc.property(intervals, (list) => {
        expect(UNIVERSE.filter((value) => setOf(list).contains(value))).toEqual(
          UNIVERSE.filter((value) => isIn(list, value)),
        )
      }),
    )
  })

  test('union, intersection and difference', () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const [left, right] = [setOf(a), setOf(b)]
        const operations = {
          union: left.union(right).intervals,
          intersection: left.intersection(right).intervals,
          difference: left.difference(right).intervals,
        }
        expect(operations).toEqual({
          union: runs((value) => isIn(a, value) || isIn(b, value)),
          intersection: runs((value) => isIn(a, value) && isIn(b, value)),
          difference: runs((value) => isIn(a, value) && !isIn(b, value)),
        })
      }),
      { numRuns: 1000 },
    )
  })

  test('equals', () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const same = UNIVERSE.every((value) => isIn(a, value) === isIn(b, value))
        expect(setOf(a).equals(setOf(b))).toBe(same)
      }),
    )
  })
})

describe('whatever the integers', () => {
  test('a canonical list is its own canonical form', () => {
    fc.assert(
      fc.property(intervals, (list) => {
        const { intervals: canonical } = setOf(list)
        expect(setOf(canonical).intervals).toEqual(canonical)
      }),
    )
  })

  test('the order of the intervals makes no difference', () => {
    fc.assert(
      fc.property(intervals, (list) => {
        expect(setOf(list.toReversed()).equals(setOf(list))).toBe(true)
      }),
    )
  })

  test('big integers give what small ones give', () => {
    const shift = 1n << 100n
    const raised = (list: readonly Interval<number>[]): Interval<bigint>[] =>
      list.map(({ first, last }) => ({ first: shift + BigInt(first), last: shift + BigInt(last) }))
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const big = IntervalSet.of(BIG_INTEGERS, raised(a)).difference(
          IntervalSet.of(BIG_INTEGERS, raised(b)),
        )
        expect(big.intervals).toEqual(raised(setOf(a).difference(setOf(b)).intervals))
      }),
    )
  })
})
