import { expect, test } from 'vitest'
import { labelIdentity, SelectorCompiler } from '../../src/policy/selector.ts'

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
  const one = labelIdentity({ a: 'b:1:c:1:d' })
  expect(one).not.toBe(two)
})

test('selectors that are written alike are compiled once, until they are forgotten', () => {
  const compiler = new SelectorCompiler()
  const first = compiler.compile({ matchLabels: { app: 'web' } })
  expect(compiler.compile({ matchLabels: { app: 'web' } })).toBe(first)
  expect(compiler.compile({ matchLabels: { app: 'db' } })).not.toBe(first)
  compiler.forget()
  expect(compiler.compile({ matchLabels: { app: 'web' } })).not.toBe(first)
})
