import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineIndex } from '../../src/manifest/line-index.ts'

test('an offset is as many lines down as there are line feeds before it', () => {
  const text = fc.string({ unit: fc.constantFrom('\n', '\n', 'a', '\r\n', '\u{1f600}'), maxLength: 2000 })
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 2100 }), { minLength: 1, maxLength: 20 }), (text, offsets) => {
      const index = new LineIndex(text)
      for (const offset of offsets.map((offset) => Math.min(offset, text.length))) {
        const before = text.slice(0, offset).split('\n')
        expect(index.at(offset)).toEqual({ line: before.length, column: (before.at(-1) ?? '').length + 1 })
      }
    }),
  )
})
