import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SmallSet } from '../../src/core/small-set.ts'

const change = fc.record({ add: fc.boolean(), value: fc.integer({ min: 0, max: 12 }).map(String) })

test('a small set holds what a Set would hold, after any additions and deletions', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const small = new SmallSet<string>()
      const model = new Set<string>()
      for (const { add, value } of changes) {
        if (add) {
          small.add(value)
          model.add(value)
        } else {
          small.delete(value)
          model.delete(value)
        }
        expect(small.size).toBe(model.size)
        expect([...small]).toEqual([...model])
        expect(small.has(value)).toBe(model.has(value))
      }
    }),
  )
})
