import { expect, test } from 'vitest'
import { Layout } from '../../../src/firewall/nft/layout.ts'
import { emptyTable } from '../../../src/firewall/nft/table.ts'
import { allow, instanceOn } from './shop.ts'

test('groups whose names were chosen to meet in 48 bits of SHA-256 keep sets of their own', () => {
  const layout = new Layout(1)
  const members = new Map([
    ['SecurityGroup/shop/g17012365', ['10.0.0.1/32']],
    ['SecurityGroup/shop/g28195395', ['10.0.0.2/32']],
  ])
  const rules = ['g17012365', 'g28195395'].map((securityGroup) => allow({ remote: { securityGroup } }))
  layout.update(
    { put: [instanceOn('a', { ingress: rules })], remove: [], remotes: [] },
    { prefixes: (remote) => members.get(remote) },
  )
  const sets = [...layout.table.sets].filter(([name]) => name.startsWith('m4_'))
  expect(sets.map(([, { elements }]) => [...elements.keys()])).toEqual([['10.0.0.1'], ['10.0.0.2']])
})

test('of the ports of a table that is there, only names of interfaces stay', () => {
  const layout = new Layout(1)
  const there = emptyTable()
  const keys = ['"up0"', '"z0" comment "q', '"a b"', '"sixteen-letters-"', '0x8', '']
  const elements = new Map(keys.map((key) => [key, '']))
  there.sets.set('ports', { kind: 'set', type: 'ifname', interval: false, elements })
  layout.adoptLasting(there)
  expect([...(layout.table.sets.get('ports')?.elements.keys() ?? [])]).toEqual(['"up0"'])
})

test.each([
  ['nothing', []],
  ['a rule with conditions', [allow({ protocol: 'TCP', ports: ['22'] })]],
])('a chain that would end with %s ends closed', (_, egress) => {
  const layout = new Layout(1)
  const instance = instanceOn('a', {})
  const put = [{ ...instance, ruleSet: { ...instance.ruleSet, egress } }]
  layout.update({ put, remove: [], remotes: [] }, { prefixes: () => undefined })
  const [chain] = [...layout.table.chains].filter(([name]) => name.startsWith('e_'))
  expect(chain?.[1].rules.at(-1)).toBe('drop')
})

test('each hook has one chain, so that one packet is judged by the rules of one generation', () => {
  const hooks = [...new Layout(1).table.chains.values()].flatMap(
    ({ base }) => / hook (\w+) /.exec(base ?? '')?.[1] ?? [],
  )
  expect(hooks.toSorted()).toEqual(['forward', 'input', 'output', 'prerouting'])
})
