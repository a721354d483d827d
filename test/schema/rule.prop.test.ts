import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cel } from '../../src/schema/cel.ts'
import { Rule } from '../../src/schema/rule.ts'
import type { StructuralSchema } from '../../src/schema/structural.ts'
import { arbitraryValue } from './arbitrary-value.ts'
import { crds } from './documents.ts'

/** Each rule of the CRDs once, with the schema of the values that it is about. */
function collect(schema: StructuralSchema, rules: Map<string, StructuralSchema>): void {
  for (const { rule } of schema.rules) if (!rules.has(rule)) rules.set(rule, schema)
  if (schema.type === 'object') for (const child of schema.properties.values()) collect(child, rules)
  if (schema.type === 'list') collect(schema.items, rules)
  if (schema.type === 'map') collect(schema.values, rules)
}

const rules = new Map<string, StructuralSchema>()
for (const { spec } of crds) collect(spec, rules)

const cel = new Cel()

function evaluated(program: () => unknown): unknown {
  try {
    return program()
  } catch {
    return 'error'
  }
}

describe('a rule that remembers says what CEL says of the whole expression', () => {
  test('for a fair number of rules', () => {
    expect(rules.size).toBeGreaterThan(20)
  })

  test.each([...rules])('%s', (expression, schema) => {
    const program = cel.compile(cel.parse(expression))
    const rule = new Rule(expression, cel)
    const value = arbitraryValue(schema)
    fc.assert(
      fc.property(value, value, (self, oldSelf) => {
        const outcome = rule.holds(self, oldSelf)
        const expected = evaluated(() => program(self, oldSelf))
        expect(typeof outcome === 'object' ? 'error' : outcome).toBe(expected)
      }),
      { numRuns: 300 },
    )
  })
})
