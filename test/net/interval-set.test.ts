import { describe, expect, test } from 'vitest'
import { BIG_INTEGERS, INTEGERS, IntervalSet } from '../../src/net/interval-set.ts'

const set = (...pairs: readonly (readonly [number, number])[]): IntervalSet<number> =>
  IntervalSet.of(
    INTEGERS,
    pairs.map(([first, last]) => ({ first, last })),
  )

const pairs = (of: IntervalSet<number>): number[][] => of.intervals.map(({ first, last }) => [first, last])

describe('an interval set', () => {
  test.each([
    [
      'overlapping',
      [
        [1, 5],
        [3, 9],
      ],
      [[1, 9]],
    ],
    [
      'touching',
      [
        [1, 4],
        [5, 9],
      ],
      [[1, 9]],
    ],
    [
      'nested',
      [
        [1, 9],
        [3, 4],
      ],
      [[1, 9]],
    ],
    [
      'unordered',
      [
        [7, 9],
        [1, 2],
      ],
      [
        [1, 2],
        [7, 9],
      ],
    ],
    [
      'one integer apart',
      [
        [1, 3],
        [5, 9],
      ],
      [
        [1, 3],
        [5, 9],
      ],
    ],
    [
      'equal',
      [
        [1, 3],
        [1, 3],
      ],
      [[1, 3]],
    ],
  ] as const)('of %s intervals is canonical', (_what, given, expected) => {
    expect(pairs(set(...given))).toEqual(expected)
  })

  test('refuses an interval that ends before it begins', () => {
    expect(() => set([5, 4])).toThrow(new RangeError('interval 5-4 ends before it begins'))
  })

  test('joins addresses beyond the integers that a double holds', () => {
    const top = (1n << 128n) - 1n
    const halves = [
      { first: 1n << 127n, last: top },
      { first: 0n, last: (1n << 127n) - 1n },
    ]
    expect(IntervalSet.of(BIG_INTEGERS, halves).intervals).toEqual([{ first: 0n, last: top }])
  })

  test('cuts holes, one of which may reach into several intervals', () => {
    expect(pairs(set([1, 10], [20, 30]).difference(set([3, 4], [8, 22], [30, 40])))).toEqual([
      [1, 2],
      [5, 7],
      [23, 29],
    ])
  })
})
