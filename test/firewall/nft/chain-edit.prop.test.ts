import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editChain } from '../../../src/firewall/nft/chain-edit.ts'
import { isSameChain, type Chain } from '../../../src/firewall/nft/table.ts'

/** Rules of a kernel's chain by their handles, as commands of nft change them. */
function afterwards(present: Chain, lines: readonly string[]): readonly string[] {
  let rules = present.rules.map((rule, index) => ({ rule, handle: String(present.handles?.[index]) }))
  for (const line of lines) {
    const [verb, , , , chain, ...words] = line.split(' ')
    expect(chain).toBe('c')
    const rule = { rule: words.join(' '), handle: '' }
    if (verb === 'delete') rules = rules.filter(({ handle }) => handle !== words[1])
    else if (verb === 'insert') rules = [rule, ...rules]
    else rules = [...rules, rule]
  }
  return rules.map(({ rule }) => rule)
}

const held = (rules: readonly string[]): Chain => ({ rules, handles: rules.map((_, index) => index + 1) })

const rules = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 8 })

describe('a chain that is edited rule by rule', () => {
  test.each(['AnyButLast', 'Fixed'] as const)('becomes what it should be: %s', (order) => {
    fc.assert(
      fc.property(rules, rules, (before, after) => {
        const wanted: Chain = { rules: after, order }
        const edit = editChain('c', held(before), wanted, [])
        const now = afterwards(held(before), edit?.lines ?? [])
        expect(edit?.result.rules).toEqual(now)
        expect(edit?.result.handles).toHaveLength(now.length)
        expect(isSameChain({ rules: now }, wanted)).toBe(true)
      }),
    )
  })

  test('keeps its last rule where new ones come, which only have to be before it', () => {
    const wanted: Chain = { rules: ['one', 'two', 'three', 'last'], order: 'AnyButLast' }
    const edit = editChain('c', held(['two', 'last']), wanted, undefined)
    expect(edit?.lines).toEqual(['insert rule inet palisade c three', 'insert rule inet palisade c one'])
  })
})

test('chains whose last rules differ are not the same, in whatever order the others are', () => {
  const wanted: Chain = { rules: ['one', 'two', 'last'], order: 'AnyButLast' }
  expect(isSameChain({ rules: ['two', 'one', 'last'] }, wanted)).toBe(true)
  expect(isSameChain({ rules: ['last', 'one', 'two'] }, wanted)).toBe(false)
})
