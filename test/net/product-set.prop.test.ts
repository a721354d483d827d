import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { intervalAlgebra } from '../../src/net/interval-algebra.ts'
import { BIG_INTEGERS, INTEGERS, IntervalSet } from '../../src/net/interval-set.ts'
import { product } from '../../src/net/product-set.ts'

/** Three dimensions of seven values each: few enough to look at every point. */
const MAX = 6
const AXIS = Array.from({ length: MAX + 1 }, (_, value) => value)

const LEAF = intervalAlgebra(INTEGERS)
const PLANE = product(BIG_INTEGERS, LEAF)
const SPACE = product(INTEGERS, PLANE)
type Space = typeof SPACE.empty
type Point = readonly [number, readonly [bigint, number]]

const POINTS: readonly Point[] = AXIS.flatMap((x) =>
  AXIS.flatMap((y) => AXIS.map((z): Point => [x, [BigInt(y), z]])),
)

interface Box {
  readonly sides: readonly (readonly [number, number])[]
}

const side = fc
  .tuple(fc.integer({ min: 0, max: MAX }), fc.integer({ min: 0, max: MAX }))
  .map(([a, b]): readonly [number, number] => (a < b ? [a, b] : [b, a]))
const box: fc.Arbitrary<Box> = fc.record({ sides: fc.array(side, { minLength: 3, maxLength: 3 }) })
const boxes = fc.array(box, { maxLength: 6 })

function setOf(list: readonly Box[]): Space {
  return list.reduce<Space>((all, { sides }) => {
    const [x = [0, 0], y = [0, 0], z = [0, 0]] = sides
    const leaf = IntervalSet.of(INTEGERS, [{ first: z[0], last: z[1] }])
    const plane = [{ first: BigInt(y[0]), last: BigInt(y[1]), rest: leaf }]
    return SPACE.union(all, [{ first: x[0], last: x[1], rest: plane }])
  }, SPACE.empty)
}

const isIn = (list: readonly Box[], [x, [y, z]]: Point): boolean =>
  list.some(({ sides }) =>
    [x, Number(y), z].every((value, at) => (sides[at]?.[0] ?? 0) <= value && value <= (sides[at]?.[1] ?? 0)),
  )

const members = (set: Space): readonly Point[] => POINTS.filter((point) => SPACE.contains(set, point))

describe('sets of three dimensions, against one point at a time', () => {
  test.each([
    ['union', SPACE.union, (a: boolean, b: boolean) => a || b],
    ['intersection', SPACE.intersection, (a: boolean, b: boolean) => a && b],
    ['difference', SPACE.difference, (a: boolean, b: boolean) => a && !b],
  ])('%s', (_, operation, truth) => {
    fc.assert(
      fc.property(boxes, boxes, (a, b) => {
        const result = operation(setOf(a), setOf(b))
        expect(members(result)).toEqual(POINTS.filter((point) => truth(isIn(a, point), isIn(b, point))))
      }),
    )
  })

  test('size and emptiness count the points', () => {
    fc.assert(
      fc.property(boxes, (list) => {
        const count = POINTS.filter((point) => isIn(list, point)).length
        expect(SPACE.size(setOf(list))).toBe(BigInt(count))
        expect(SPACE.isEmpty(setOf(list))).toBe(count === 0)
      }),
    )
  })

  test('the first point is the least one', () => {
    fc.assert(
      fc.property(boxes, (list) => {
        expect(SPACE.first(setOf(list))).toEqual(POINTS.find((point) => isIn(list, point)))
      }),
    )
  })

  test('corners are points of the set, and there are some unless it is empty', () => {
    fc.assert(
      fc.property(boxes, (list) => {
        const corners = [...SPACE.corners(setOf(list))]
        expect(corners.every((point) => isIn(list, point))).toBe(true)
        expect(corners.length === 0).toBe(list.length === 0)
      }),
    )
  })
})

describe('the form of a set', () => {
  test('is the same whatever the set was made from', () => {
    fc.assert(
      fc.property(boxes, boxes, (a, b) => {
        const [left, right] = [setOf(a), setOf(b)]
        const whole = setOf([...b, ...a])
        expect(SPACE.union(left, right)).toEqual(whole)
        expect(SPACE.equals(SPACE.union(right, left), whole)).toBe(true)
        const parts = SPACE.union(SPACE.difference(left, right), SPACE.intersection(left, right))
        expect(parts).toEqual(left)
      }),
    )
  })

  test('tells sets apart that differ in one point', () => {
    fc.assert(
      fc.property(boxes, fc.constantFrom(...POINTS), (list, [x, [y, z]]) => {
        const one = setOf([
          {
            sides: [
              [x, x],
              [Number(y), Number(y)],
              [z, z],
            ],
          },
        ])
        const set = setOf(list)
        expect(SPACE.equals(set, SPACE.union(set, one))).toBe(isIn(list, [x, [y, z]]))
        expect(SPACE.equals(set, SPACE.difference(set, one))).toBe(!isIn(list, [x, [y, z]]))
      }),
    )
  })
})
