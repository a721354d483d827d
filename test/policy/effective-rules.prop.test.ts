import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { objectsOf, worldArbitrary } from '../reference/arbitraries/world.ts'
import { compare } from './comparison.ts'
import { Installation } from './installation.ts'

describe('the effective rules of every instance', () => {
  test('decide every boundary packet as the declared rules do, read one by one', () => {
    let compared = 0
    fc.assert(
      fc.property(worldArbitrary(), (world) => {
        const { packets, difference } = compare(new Installation(...objectsOf(world)))
        expect(difference).toBeUndefined()
        compared += packets
      }),
      { numRuns: 100, interruptAfterTimeLimit: 25_000 },
    )
    expect(compared).toBeGreaterThan(10_000)
  })
})
