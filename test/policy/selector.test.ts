import { expect, test } from 'vitest'
import type { LabelSelector } from '../../src/api/types.gen.ts'
import { compileSelector, labelIdentity, SelectorCompiler } from '../../src/policy/selector.ts'

test('labels have one identity in any order, and another one where anything differs', () => {
  expect(labelIdentity({ app: 'web', tier: '1' })).toBe(labelIdentity({ tier: '1', app: 'web' }))
  const different = [
    {},
    { app: 'web' },
    { app: 'we', b: '' },
    { app: '3:web' },
    { app: 'web', tier: '1' },
    { ap: 'pweb' },
  ]
  expect(new Set(different.map(labelIdentity)).size).toBe(different.length)
})

test('labels that imitate the spelling of two have the identity of one', () => {
  const two = labelIdentity({ a: 'b', c: 'd' })
  for (const value of ['b:1:c:1:d', 'b:1:c:d', 'b:c:d']) expect(labelIdentity({ a: value })).not.toBe(two)
})

test('selectors that are written alike are compiled once, until they are forgotten', () => {
  const compiler = new SelectorCompiler()
  const first = compiler.compile({ matchLabels: { app: 'web' } })
  expect(compiler.compile({ matchLabels: { app: 'web' } })).toBe(first)
  expect(compiler.compile({ matchLabels: { app: 'db' } })).not.toBe(first)
  compiler.forget()
  expect(compiler.compile({ matchLabels: { app: 'web' } })).not.toBe(first)
})

test('a selector that is compiled for several is the same as one compiled alone', () => {
  const selector: LabelSelector = {
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['1', '2'] },
      { key: 'old', operator: 'DoesNotExist' },
    ],
  }
  const [shared, alone] = [new SelectorCompiler().compile(selector), compileSelector(selector)]
  expect(shared.identity).toBe(alone.identity)
  expect(shared.anchors).toEqual(alone.anchors)
  for (const labels of [
    { app: 'web', tier: '2' },
    { app: 'web', tier: '3' },
    { app: 'web', tier: '1', old: '' },
    {},
  ]) {
    expect(shared.matches(labels)).toBe(alone.matches(labels))
  }
})
