import fc from 'fast-check'
import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { printYaml } from '../../src/manifest/print.ts'
import { parsePrinted } from '../../src/store/printed-yaml.ts'

/** Texts that tempt a reader: indicators, key-like, number-like and multi-line ones. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '-', '- a', 'a: b', 'a:', 'a #b', '10.0.0.0/8', '::', 'fd00::/8', 'null', '1', '[]'),
  fc.constantFrom('yes', 'a\nb', ' a', 'a ', '"', "'", '? a', '443', '8000-8080', 'sha256:abc', '~', '{a}'),
)
const scalar = fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean())
const key = text.filter((name) => name !== '__proto__' && name.length < 500)
const { object } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.constant(null), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}))

/** YAML has one zero, and no text with half of a surrogate pair. */
const asPrinted = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/\\ud[89a-f][0-9a-f]{2}/g, '\ufffd'))

describe('what the printer wrote', () => {
  test('is read back as it was', () => {
    fc.assert(
      fc.property(
        object.filter((value) => JSON.stringify(value) !== '{}'),
        (value) => {
          const read = parsePrinted(printYaml(value))
          expect(read).toEqual(asPrinted(value))
        },
      ),
      { numRuns: 1000 },
    )
  })

  test.each([
    [{ a: { b: [{ c: 1, d: [] }, { c: {} }], e: null } }],
    [{ a: [[1, 2], [{ b: true }]], 'b c': 'x: y', 'fd00::1': 'fd00::1', '443': '443', 'x #y': '#' }],
    [
      {
        kind: 'VPC',
        ports: ['443', '8000-8080'],
        remote: { cidr: '0.0.0.0/0' },
        since: '2026-01-02T03:04:05Z',
      },
    ],
    [{ number: -1.5e-7, large: 1e21, text: '\u2028\ud83d\ude00\t"\\' }],
  ])('is read without the help of a YAML parser: %j', (value) => {
    expect(parsePrinted(printYaml(value))).toEqual(value)
  })
})

describe('a text that the printer did not write', () => {
  test.each([
    '',
    'a',
    'a: b',
    'a: b\n\n',
    'a: b\na: c\n',
    'a:\n',
    'a: [b]\n',
    'a: {b: c}\n',
    "a: 'b'\n",
    'a: b # c\n',
    'a: &b c\n',
    'a: *b\n',
    'a: !!str 1\n',
    'a: |\n  b\n',
    'a: 0x1f\n',
    'a: 010\n',
    'a: "b\n',
    'a: b: c\n',
    'a: b \n',
    'a:\n    b: c\n',
    'a:\n  b: c\n d: e\n',
    '- a\nb: c\n',
    '---\na: b\n',
    '? a\n: b\n',
    'a: b\r\n',
    'a:\n\t- b\n',
    '"__proto__": b\n',
    '__proto__:\n  b: c\n',
  ])('%j is left to a YAML parser', (written) => {
    expect(parsePrinted(written)).toBeUndefined()
  })

  test('is read as a YAML parser reads it, or not at all', () => {
    const lines = [
      'a: 1',
      'b:',
      '  c: x',
      '  - d',
      '- e',
      '- - f',
      '  - g: 1',
      '    h: "i"',
      'j: []',
      'k: l:m',
      '- n: o',
      '  p:',
    ]
    const written = fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 6 })
    let read = 0
    fc.assert(
      fc.property(written, (chosen) => {
        const text = `${chosen.join('\n')}\n`
        const value = parsePrinted(text)
        if (value === undefined) return
        read++
        expect(load(text)).toEqual(value)
      }),
      { numRuns: 5000 },
    )
    expect(read).toBeGreaterThan(500)
  })
})
