import { describe, expect, test } from 'vitest'
import { compileJsonPath } from '../../../src/cli/output/json-path.ts'
import { loadCrds } from '../../../src/schema/crd.ts'

const object = {
  spec: { addresses: ['10.0.0.1', '10.0.0.2'] },
  status: {
    conditions: [
      { type: 'Accepted', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  },
}

describe('the JSONPath of a printer column', () => {
  test.each([
    ['.spec.addresses', ['10.0.0.1', '10.0.0.2']],
    ['.spec.addresses[1]', '10.0.0.2'],
    ['.status.conditions[?(@.type=="Ready")].status', 'True'],
    [".status.conditions[?(@.type == 'Accepted')].status", 'False'],
    ['.status.conditions[?(@.type=="Stalled")].status', undefined],
    ['.spec.nothing.below', undefined],
    ['.spec.addresses.length', undefined],
    ['.constructor', undefined],
  ])('%s leads to %j', (path, expected) => {
    expect(compileJsonPath(path)(object)).toEqual(expected)
  })

  test.each(['spec', '.spec..name', '.spec[*]', '.spec[?(@.a>1)]', '.a b'])('%s is refused', (path) => {
    expect(() => compileJsonPath(path)).toThrow(/is not one that palisade knows/)
  })

  test('every column of the CRDs is understood', () => {
    for (const { printerColumns } of loadCrds()) {
      for (const { jsonPath } of printerColumns) expect(compileJsonPath(jsonPath)).toBeTypeOf('function')
    }
  })
})
