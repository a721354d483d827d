import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS } from '../../src/api/objects.ts'
import { isError } from '../../src/core/diagnostic.ts'
import { isList, isRecord } from '../../src/core/record.ts'
import { arbitraryMisfit, arbitraryValue } from './arbitrary-value.ts'
import { casesByKind, crds, document, parsed, validator } from './documents.ts'

/** The same value with the fields of every object in the opposite order. */
function turned(value: unknown): unknown {
  if (isList(value)) return value.map(turned)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]): [string, unknown] => [key, turned(item)]),
  )
}

describe.each(crds)('any spec of $kind', ({ kind, spec }) => {
  test('has either an object or an error, and never an exception', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryValue(spec), arbitraryMisfit(spec), fc.jsonValue()), (value) => {
        const { object, findings } = validator.validate(document(kind, value))
        expect(object === undefined).toBe(findings.some(isError))
      }),
    )
  })

  test('that is accepted is accepted again as it came back', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryValue(spec), arbitraryMisfit(spec)), (value) => {
        const { object } = validator.validate(document(kind, value))
        if (object === undefined) return
        const again = validator.validate({ ...object }, object)
        expect(again).toEqual({ object, findings: [] })
      }),
    )
  })

  test('says the same whatever the validator has seen before', () => {
    fc.assert(
      fc.property(arbitraryValue(spec), arbitraryValue(spec), (value, other) => {
        const before = validator.validate(document(kind, value))
        validator.validate(document(kind, other))
        expect(validator.validate(document(kind, value))).toEqual(before)
      }),
    )
  })
})

describe.each(KINDS)('the valid examples of %s', (kind) => {
  const specs = casesByKind[kind].map(({ good }) => [good] as const)

  test.each(specs)('%s is valid with its defaults and in any order of fields', (spec) => {
    const { object } = validator.validate(parsed(kind, spec))
    if (object === undefined) throw new Error('the example is not valid')
    expect(validator.validate({ ...object }, object)).toEqual({ object, findings: [] })
    const reversed = validator.validate(document(kind, turned(parsed(kind, spec)['spec'])))
    expect(JSON.stringify(reversed.object)).toBe(JSON.stringify(object))
  })
})
