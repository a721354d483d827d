import { describe, expect, test } from 'vitest'
import { threeWayMerge } from '../../../src/cli/cluster/three-way-merge.ts'

describe('what kubectl apply makes of a manifest and an object', () => {
  test('what the manifest says is so', () => {
    expect(threeWayMerge({ a: 1 }, { a: 2, b: 3 }, { a: 1 })).toEqual({ a: 2, b: 3 })
  })

  test('what it said and says no more goes, at any depth', () => {
    const before = { a: 1, spec: { b: 2, c: 3 } }
    expect(threeWayMerge(before, { spec: { c: 3 } }, before)).toEqual({ spec: { c: 3 } })
  })

  test('what it never said stays as others made it, at any depth', () => {
    const current = { spec: { mine: 1, others: { deep: 2 } }, other: 3 }
    expect(threeWayMerge({ spec: { mine: 1 } }, { spec: { mine: 4 } }, current)).toEqual({
      spec: { mine: 4, others: { deep: 2 } },
      other: 3,
    })
  })

  test('a list is taken whole', () => {
    expect(threeWayMerge({ a: [1] }, { a: [2] }, { a: [1, 3] })).toEqual({ a: [2] })
  })
})
