import fc from 'fast-check'
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { printYaml } from '../../src/manifest/print.ts'
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
