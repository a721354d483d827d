import { describe, expect, test } from 'vitest'
import { Report } from '../../src/schema/report.ts'
import { checkRules, RuleCompiler } from '../../src/schema/rules.ts'
import { readSchema } from '../../src/schema/structural.ts'
import { yaml } from './documents.ts'

/** The messages of the rules of a schema that a value breaks, each behind the field that it is about. */
function broken(schema: string, value: string, former?: string): readonly string[] {
  const tree = new RuleCompiler().tree(readSchema(yaml(schema), 'spec'), 'spec')
  if (tree === undefined) throw new Error('the schema has no rules')
  const report = new Report(() => ({ phrase: 'it' }))
  checkRules(tree, yaml(value), former === undefined ? undefined : yaml(former), 'spec', report)
  return report.findings.map(({ message }) => message)
}

const unchanged = "x-kubernetes-validations: [{rule: 'self == oldSelf', message: changed}]"
const text = `{type: string, maxLength: 9, ${unchanged}}`
const named = `{type: object, properties: {name: {type: string, maxLength: 9}, value: ${text}}}`
const list = (sort: string): string =>
  `{type: object, properties: {list: {type: array, maxItems: 9, ${sort}, items: ${named}}}}`

describe('a former value', () => {
  const before = '{list: [{name: a, value: x}, {name: b, value: y}]}'

  test('of an entry is found by the keys of its list, wherever it stands', () => {
    const schema = list('x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name]')
    expect(broken(schema, '{list: [{name: b, value: y}, {name: a, value: x}]}', before)).toEqual([])
    expect(broken(schema, '{list: [{name: c, value: z}, {name: b, value: x}]}', before)).toEqual([
      'it: spec.list[1].value: changed (given: "x")',
    ])
  })

  test('of an entry of any other list is unknown', () => {
    expect(broken(list('x-kubernetes-list-type: atomic'), '{list: [{name: a, value: z}]}', before)).toEqual(
      [],
    )
  })

  test('of a field of an atomic object is unknown, that of the object is known', () => {
    const schema = (sort: string): string =>
      `{type: object, properties: {ref: {type: object, ${sort} properties: {name: ${text}}}}}`
    const check = (sort: string): readonly string[] =>
      broken(schema(sort), '{ref: {name: b}}', '{ref: {name: a}}')
    expect(check('x-kubernetes-map-type: atomic,')).toEqual([])
    expect(check('')).toEqual(['it: spec.ref.name: changed (given: "b")'])
    expect(check(`x-kubernetes-map-type: atomic, ${unchanged},`)).toEqual(['it: spec.ref: changed'])
  })

  test('of a value of a map is found by its key', () => {
    const schema = `{type: object, properties: {map: {type: object, maxProperties: 9, additionalProperties: ${text}}}}`
    expect(broken(schema, '{map: {a: y, b: z}}', '{map: {a: x}}')).toEqual([
      'it: spec.map.a: changed (given: "y")',
    ])
  })

  test('that was not there says nothing', () => {
    const schema = `{type: object, properties: {name: ${text}}}`
    expect(broken(schema, '{name: a}', '{}')).toEqual([])
    expect(broken(schema, '{name: a}')).toEqual([])
    expect(broken(schema, '{}', '{name: a}')).toEqual([])
  })
})

test('a rule that has no answer for a valid object is broken: nothing in doubt is accepted', () => {
  const schema = `{type: object, properties: {a: {type: string, maxLength: 9}}, x-kubernetes-validations: [{rule: "self.a == 'x'", message: wrong}]}`
  expect(broken(schema, '{}')).toEqual(['it: spec: wrong: No such key: a'])
})

test('a rule about a field that is not there is refused when it is compiled', () => {
  const schema = `{type: object, properties: {}, x-kubernetes-validations: [{rule: '!has(self.a)', message: m}]}`
  expect(() => broken(schema, '{}')).toThrow('spec: a rule reads self.a, which is not there')
})
