import fc from 'fast-check'
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { UnknownRecord } from '../../src/core/record.ts'
import { printYaml, type SharedParts } from '../../src/manifest/print.ts'
import { longJson } from './arbitraries.ts'
import { read } from './reading.ts'

/** Everyone who may read what we print. */
const readers: readonly (readonly [string, (text: string) => unknown])[] = [
  ['yaml, YAML 1.2', (text): unknown => parse(text)],
  ['yaml, YAML 1.1', (text): unknown => parse(text, { version: '1.1' })],
  ['js-yaml, YAML 1.2', (text) => load(text, { schema: CORE_SCHEMA })],
  ['js-yaml, YAML 1.1', (text) => load(text, { schema: YAML11_SCHEMA })],
]

/** As JSON, because -0 and null prototypes make no difference to a reader. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test.each(readers)('%s reads the value that was printed', (_name, reader) => {
  fc.assert(
    fc.property(longJson.value, (value: unknown) => {
      expect(plain(reader(printYaml(value)))).toEqual(plain(value))
    }),
    { numRuns: 1000 },
  )
})

test('so do we, and have nothing to say against how it is written', () => {
  fc.assert(
    fc.property(longJson.object, (value) => {
      const { documents, findings } = read(printYaml({ spec: value }))
      expect(findings).toEqual([])
      expect(plain(documents[0]?.value)).toEqual(plain({ spec: value }))
    }),
    { numRuns: 1000 },
  )
})

test('values that hold the same parts are printed together as each alone', () => {
  const part = fc.tuple(longJson.object, fc.constantFrom('', 'x'.repeat(300))).map(([object, long]) => {
    return { ...object, long }
  })
  const holders = fc.tuple(part, part, longJson.value).chain(([one, other, value]) => {
    const field = fc.constantFrom<unknown>(one, other, value, [one, other], { deeper: one })
    return fc.array(fc.record({ spec: fc.record({ field, one: field }), status: field }), { maxLength: 6 })
  })
  let remembered = 0
  fc.assert(
    fc.property(holders, (values: readonly UnknownRecord[]) => {
      const shared: SharedParts = new Map()
      const together = values.map((value) => printYaml(value, shared))
      expect(together).toEqual(values.map((value) => printYaml(value)))
      remembered += shared.size
    }),
    { numRuns: 300 },
  )
  expect(remembered).toBeGreaterThan(0)
})
