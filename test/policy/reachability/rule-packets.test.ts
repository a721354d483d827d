import { expect, test } from 'vitest'
import type { EffectiveRule } from '../../../src/api/types.gen.ts'
import { addressesOf, allowedPeers, ruleShares } from '../../../src/policy/reachability/rule-packets.ts'

const rule = (name: string, fields: Partial<EffectiveRule>): EffectiveRule => ({
  action: 'Allow',
  protocol: 'TCP',
  remote: {},
  sources: [name],
  ...fields,
})

const RULES = [
  rule('web/unwanted', { action: 'Drop', protocol: 'All', remote: { cidr: '192.0.2.0/24' } }),
  rule('web/https', { ports: ['443'] }),
  rule('web/shadowed', { ports: ['443'], remote: { securityGroup: 'app' } }),
  rule('profile:standard/implicit', { action: 'Drop', protocol: 'All' }),
]

const app = addressesOf(['10.0.0.1/32'])

test('each rule decides what no earlier one matches, and the implicit rule the rest', () => {
  const shares = ruleShares(RULES, () => app)
  expect(shares.map(({ decides }) => decides.isEmpty)).toEqual([false, false, true, false])
  const total = shares.reduce((sum, { decides }) => sum + decides.size, 0n)
  expect(total).toBe(shares.at(-1)?.matches.size)
})

test('what is allowed is what an Allow rule decides', () => {
  const allowed = allowedPeers(RULES, () => app)
  const [first, second] = ruleShares(RULES, () => app)
  expect(allowed.equals(second?.decides ?? allowed.difference(allowed))).toBe(true)
  expect(allowed.intersection(first?.matches ?? allowed).isEmpty).toBe(true)
})
