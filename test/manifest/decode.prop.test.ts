import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode } from '../../src/manifest/decode.ts'

const text = fc.string({ unit: fc.constantFrom('a', '\n', '\u00e9', '\u20ac', '\u{1f600}'), maxLength: 300 })

test('a text is what its bytes stand for', () => {
  fc.assert(
    fc.property(text, (text) => {
      expect(decode('shop.yaml', Buffer.from(text))).toEqual({ ok: true, text })
    }),
  )
})

test('the first byte that is not UTF-8 is found', () => {
  const garbage = fc.constantFrom([0xff], [0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc0, 0x80])
  fc.assert(
    fc.property(text, garbage, text, (before, garbage, after) => {
      const bytes = Buffer.concat([Buffer.from(before), Buffer.from(garbage), Buffer.from(`a${after}`)])
      const decoded = decode('shop.yaml', bytes)
      const lines = before.split('\n')
      expect(decoded.ok ? undefined : decoded.finding).toMatchObject({
        code: 'NotUtf8',
        position: { file: 'shop.yaml', line: lines.length, column: (lines.at(-1) ?? '').length + 1 },
      })
    }),
    { numRuns: 1000 },
  )
})
