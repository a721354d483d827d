import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, printableJson } from '../../../src/cli/output/printable.ts'

test('ordinary text of any language stays as it is', () => {
  const text = 'Web 服务器 сервер 🦀 a: "b" – é'
  expect(printable(text)).toBe(text)
})

test.each([
  ['an escape sequence', '\x1b[31mred', '\\u001b[31mred'],
  ['a control of 8 bits', '\x9b31m', '\\u009b31m'],
  ['a new line', 'a\nb\r\n', 'a\\nb\\r\\n'],
  ['a tab', 'a\tb', 'a\\tb'],
  ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ['text turned round', 'user\u202etxt.exe', 'user\\u202etxt.exe'],
  ['invisible text', 'a\u200bb\u{e0041}', 'a\\u200bb\\u{e0041}'],
  ['half a character', 'a\ud800', 'a\\ud800'],
])('%s is written as an escape', (_, text, expected) => {
  expect(printable(text)).toBe(expected)
})

test('nothing that is printed drives a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('JSON means the same and drives no terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = printableJson({ text })
      expect(JSON.parse(json)).toEqual({ text })
      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    }),
  )
})
