import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differingSpan } from '../../src/core/differing-span.ts'

const list = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 })

test('what is before and after the span is the same in both lists', () => {
  fc.assert(
    fc.property(list, list, (before, now) => {
      const { start, endBefore, endNow } = differingSpan(before, now)
      expect(before.slice(0, start)).toEqual(now.slice(0, start))
      expect(before.slice(endBefore)).toEqual(now.slice(endNow))
      expect(Math.min(endBefore, endNow)).toBeGreaterThanOrEqual(start)
    }),
  )
})

test('it holds no item that could be left out', () => {
  fc.assert(
    fc.property(list, list, (before, now) => {
      const { start, endBefore, endNow } = differingSpan(before, now)
      if (endBefore === start || endNow === start) return
      expect(before[start]).not.toBe(now[start])
      expect(before[endBefore - 1]).not.toBe(now[endNow - 1])
    }),
  )
})
