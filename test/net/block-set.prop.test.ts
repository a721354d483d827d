import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { INTEGERS, IntervalSet } from '../../src/net/interval-set.ts'
import { BlockSet } from '../../src/net/block-set.ts'
import { intervalsArbitrary } from './arbitraries.ts'

const MAX = 5
const SIDE = Array.from({ length: MAX + 1 }, (_, value) => value)
const UNIVERSE = SIDE.flatMap((p) => SIDE.map((q) => [p, q] as const))

type Integers = IntervalSet<number>
type Plane = BlockSet<Integers, number, Integers, number>

const EMPTY: Plane = BlockSet.empty()

const side = intervalsArbitrary(MAX).map((list) => IntervalSet.of(INTEGERS, list))
const rectangle = fc.tuple(side, side)
const rectangles = fc.array(rectangle, { maxLength: 4 })

const planeOf = (list: readonly (readonly [Integers, Integers])[]): Plane =>
  list.reduce((sum, [left, right]) => sum.union(BlockSet.of(left, right)), EMPTY)

/** The slow truth: one point at a time. */
const isIn = (list: readonly (readonly [Integers, Integers])[], p: number, q: number): boolean =>
  list.some(([left, right]) => left.contains(p) && right.contains(q))

const pointsOf = (set: Plane): unknown => UNIVERSE.filter((point) => set.contains(point))

describe('over a small plane, against one point at a time', () => {
  test('union, intersection, difference, size and emptiness', () => {
    fc.assert(
      fc.property(rectangles, rectangles, (a, b) => {
        const [left, right] = [planeOf(a), planeOf(b)]
        const both = UNIVERSE.filter(([p, q]) => isIn(a, p, q) && isIn(b, p, q))
        const either = UNIVERSE.filter(([p, q]) => isIn(a, p, q) || isIn(b, p, q))
        const rest = UNIVERSE.filter(([p, q]) => isIn(a, p, q) && !isIn(b, p, q))
        expect(pointsOf(left.intersection(right))).toEqual(both)
        expect(pointsOf(left.union(right))).toEqual(either)
        expect(pointsOf(left.difference(right))).toEqual(rest)
        expect(left.union(right).size).toBe(BigInt(either.length))
        expect(left.difference(right).isEmpty).toBe(rest.length === 0)
      }),
      { numRuns: 500 },
    )
  })

  test('equal sets have equal canonical texts, and different sets different ones', () => {
    fc.assert(
      fc.property(rectangles, rectangles, (a, b) => {
        const [left, right] = [planeOf(a), planeOf(b)]
        const same = UNIVERSE.every(([p, q]) => isIn(a, p, q) === isIn(b, p, q))
        expect(left.equals(right)).toBe(same)
        // The same set by another way.
        const rebuilt = left.difference(right).union(right.intersection(left))
        expect(rebuilt.canonical).toBe(left.canonical)
        expect(planeOf(a.toReversed()).canonical).toBe(left.canonical)
      }),
      { numRuns: 500 },
    )
  })

  test('samples are points of the set, and there are some unless it is empty', () => {
    fc.assert(
      fc.property(rectangles, (a) => {
        const set = planeOf(a)
        const samples = [...set.samples()]
        expect(samples.every((point) => set.contains(point))).toBe(true)
        expect(samples.length > 0).toBe(!set.isEmpty)
      }),
    )
  })
})

describe('as a function of the left side', () => {
  test('left sides are disjoint and right sides distinct', () => {
    fc.assert(
      fc.property(rectangles, (a) => {
        const { blocks } = planeOf(a)
        expect(SIDE.every((p) => blocks.filter(({ left }) => left.contains(p)).length <= 1)).toBe(true)
        expect(new Set(blocks.map(({ right }) => right.canonical)).size).toBe(blocks.length)
      }),
    )
  })
})
