import fc from 'fast-check'
import { dump } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, stringify } from 'yaml'
import type { FieldPath } from '../../src/core/field-path.ts'
import { damaged, json } from './arbitraries.ts'
import { read, valuesOf } from './reading.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Ways to write a value in which every reader of YAML takes text for text. */
const style: fc.Arbitrary<(value: unknown) => string> = fc.oneof(
  fc.constantFrom(0, 1, '\t').map((indent) => (value: unknown) => JSON.stringify(value, null, indent)),
  fc
    .record({
      defaultStringType: fc.constantFrom('QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
      indent: fc.integer({ min: 1, max: 4 }),
      indentSeq: fc.boolean(),
      // Where it may use 20 columns only, yaml 2.9.1 prints "undefined" into long words.
      lineWidth: fc.constantFrom(0, 80),
      collectionStyle: fc.constantFrom('any' as const, 'flow' as const),
    })
    .map((options) => (value: unknown) => stringify(value, options)),
  fc
    .record({
      forceQuotes: fc.constant(true),
      quoteStyle: fc.constantFrom('single' as const, 'double' as const),
      flowLevel: fc.integer({ min: -1, max: 3 }),
      indent: fc.integer({ min: 1, max: 4 }),
      seqNoIndent: fc.boolean(),
      lineWidth: fc.constantFrom(-1, 20, 80),
    })
    .map((options) => (value: unknown) => dump(value, options)),
)

test('a value is read as it was written, in every style', () => {
  fc.assert(
    fc.property(json.object, style, (value, write) => {
      const text = `${write({ spec: value }).trimEnd()}\n`
      // The printers leave some characters as they are that may stand in a manifest only as escapes.
      fc.pre(!/[^\P{Cc}\n\t]|[\u2028\u2029\ufeff\ufffe\uffff]/u.test(text))
      // An exponent without a dot is text in YAML 1.1, and refused.
      fc.pre(!/\de[-+]\d/.test(text))
      // js-yaml leaves keys without quotes that begin with a question mark, which are refused.
      fc.pre(!JSON.stringify(value).includes('"?'))
      const { documents, findings } = read(text)
      expect(findings).toEqual([])
      expect(documents.map((document) => plain(document.value))).toEqual([plain({ spec: value })])
    }),
    { numRuns: 2000 },
  )
})

test('documents are read in a stream as they are read alone', () => {
  fc.assert(
    fc.property(fc.array(damaged, { minLength: 1, maxLength: 5 }), (texts) => {
      // A file with a carriage return alone is refused as a whole.
      fc.pre(!texts.some((text) => /\r(?!\n)/.test(text)))
      const alone = texts.map((text) => read(`---\n${text}\n`))
      const together = read(texts.map((text) => `---\n${text}\n`).join(''))
      expect(valuesOf(together)).toEqual(alone.flatMap(valuesOf))
      expect(together.complete).toBe(alone.every(({ complete }) => complete))
    }),
    { numRuns: 500 },
  )
})

describe('what is read of a damaged manifest', () => {
  test('the package yaml reads alike', () => {
    let accepted = 0
    fc.assert(
      fc.property(damaged, (text) => {
        const ours = read(text)
        if (!ours.complete) return
        const theirs = parseAllDocuments(text)
        if ('empty' in theirs) return
        accepted++
        expect(theirs.flatMap(({ errors }) => errors.map(({ message }) => message))).toEqual([])
        const values = theirs.map((document): unknown => document.toJS()).filter((value) => value !== null)
        expect(plain(valuesOf(ours))).toEqual(plain(values))
      }),
      { numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(500)
  })

  test('is where the package yaml finds it', () => {
    let compared = 0
    fc.assert(
      fc.property(damaged, (text) => {
        const { documents, complete } = read(text)
        if (!complete || documents.length === 0) return
        const lines = new LineCounter()
        const theirs = parseAllDocuments(text, { lineCounter: lines })
        if ('empty' in theirs) return
        const written = theirs.filter(({ contents }) => !isScalar(contents))
        written.forEach(({ contents }, index) => {
          for (const [path, offset] of offsetsOf(contents, [])) {
            const { line, col } = lines.linePos(offset)
            const position = documents[index]?.locate(path)
            expect([path, position?.line, position?.column]).toEqual([path, line, col])
            compared++
          }
        })
      }),
      { numRuns: 1000 },
    )
    expect(compared).toBeGreaterThan(1000)
  })
})

/** Where each value is that is written, by the package yaml. */
function* offsetsOf(node: unknown, path: FieldPath): Generator<[FieldPath, number]> {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name: unknown = isScalar(key) ? key.value : undefined
      if (typeof name === 'string') yield* offsetsOf(value, [...path, name])
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) yield* offsetsOf(item, [...path, index])
  }
  const isWritten = isMap(node) || isSeq(node) || isAlias(node) || (isScalar(node) && node.source !== '')
  if (isWritten && node.range) yield [path, node.range[0]]
}
