import fc from 'fast-check'
import { CORE_SCHEMA, load, YAML11_SCHEMA, type Schema } from 'js-yaml'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ambiguityOf, readPlain } from '../../src/manifest/plain-scalar.ts'

/** Number-like words, and those that some YAML has for booleans. */
const scalar = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom(...'00112345789+-._:eExXoObBaf'.split('')),
      minLength: 1,
      maxLength: 8,
    }),
    fc.constantFrom(
      ...'y Y yes Yes n No NO on On off OFF true True false null Null ~ .inf -.INF .nan'.split(' '),
    ),
  )
  .filter((text) => !/^[-?:.]+$|: |:$|^:/.test(text))

const withoutSign = (value: unknown): unknown => (value === 0 ? 0 : value)

function byJsYaml(text: string, schema: Schema): unknown {
  const document: unknown = load(`- ${text}`, { schema })
  return Array.isArray(document) ? withoutSign(document[0]) : undefined
}

test('the reading is that of the package yaml, which implements YAML 1.2', () => {
  fc.assert(
    fc.property(scalar, (text) => {
      const document: unknown = parse(`- ${text}`)
      expect([readPlain(text)]).toEqual(Array.isArray(document) ? document.map(withoutSign) : undefined)
    }),
    { numRuns: 2000 },
  )
})

test('a scalar is clear only if YAML 1.2 and YAML 1.1 have it alike', () => {
  // js-yaml takes base 60 with a leading zero, which YAML 1.1 does not: a MAC address would not be one.
  const clear = scalar.filter((text) => ambiguityOf(text) === undefined && !/^[-+]?0[\d_]*:/.test(text))
  fc.assert(
    fc.property(clear, (text) => {
      expect(byJsYaml(text, YAML11_SCHEMA)).toEqual(byJsYaml(text, CORE_SCHEMA))
    }),
    { numRuns: 2000 },
  )
})
