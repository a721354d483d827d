import { describe, expect, test } from 'vitest'
import { KINDS, type Kind, type PalisadeObject } from '../../src/api/objects.ts'
import type { Diagnostic } from '../../src/core/diagnostic.ts'
import { fieldPath } from '../../src/core/field-path.ts'
import type { StructuralSchema } from '../../src/schema/structural.ts'
import { casesByKind, crds, parsed, validator } from './documents.ts'

function former(kind: Kind, spec: string | undefined): PalisadeObject | undefined {
  if (spec === undefined) return undefined
  const { object, findings } = validator.validate(parsed(kind, spec))
  if (object === undefined) throw new Error(`the former object is not valid: ${JSON.stringify(findings)}`)
  return object
}

function findings(kind: Kind, spec: string, formerSpec: string | undefined): readonly Diagnostic[] {
  return validator.validate(parsed(kind, spec), former(kind, formerSpec)).findings
}

const displayed = (kind: Kind): string => (kind === 'CloudProfile' ? 'CloudProfile x' : `${kind} shop/x`)

describe.each(KINDS)('%s', (kind) => {
  const cases = casesByKind[kind].map((row) => [row.name, row] as const)

  test.each(cases)('refuses %s', (_, { bad, former, code, field, text, hint }) => {
    const found = findings(kind, bad, former)
    expect(found.map((finding) => [finding.code, fieldPath(finding.path ?? []), finding.severity])).toEqual([
      [code, field, 'error'],
    ])
    expect(found[0]?.message).toContain(`${displayed(kind)}: ${field}: `)
    expect(found[0]?.message).toContain(text)
    if (hint !== undefined) expect(found[0]?.hint).toBe(hint)
  })

  test.each(cases)('accepts the twin of %s', (_, { good, former }) => {
    expect(findings(kind, good, former)).toEqual([])
  })
})

/** `spec.ingress[].ports: message` of each rule of a schema. */
function rulesOf(schema: StructuralSchema, field: string): readonly string[] {
  const own = schema.rules.map((rule) => `${[field, ...rule.fieldPath].join('.')}: ${rule.message}`)
  if (schema.type === 'list') return [...own, ...rulesOf(schema.items, `${field}[]`)]
  if (schema.type === 'map') return [...own, ...rulesOf(schema.values, `${field}{}`)]
  if (schema.type !== 'object') return own
  return [...own, ...[...schema.properties].flatMap(([name, child]) => rulesOf(child, `${field}.${name}`))]
}

describe.each(crds)('the rules of $kind', ({ kind, spec }) => {
  const rules = rulesOf(spec, 'spec')

  test('there are some, each once at its field', () => {
    expect(rules.length).toBeGreaterThan(0)
    expect(new Set(rules).size).toBe(rules.length)
  })

  test('each is violated by a case', () => {
    const violated = casesByKind[kind]
      .filter(({ code }) => code === 'RuleViolated')
      .map(({ field, text }) => [field.replaceAll(/\[\d+\]/g, '[]'), text] as const)
    const unviolated = rules.filter(
      (rule) =>
        !violated.some(([field, text]) => rule.startsWith(`${field}: `) && sameMessage(rule, field, text)),
    )
    expect(unviolated).toEqual([])
  })
})

/** A case may add what was given to the message of the rule. */
const sameMessage = (rule: string, field: string, text: string): boolean =>
  text.startsWith(rule.slice(field.length + 2))
