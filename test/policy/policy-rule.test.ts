import { expect, test } from 'vitest'
import { policyRule } from '../../src/policy/policy-rule.ts'
import { Profile } from '../../src/policy/profile.ts'
import { plainProfile } from '../reference/objects.ts'

test('the keys of an ICMP type and code have one order, since the digest is of the text', () => {
  const profile = new Profile(plainProfile('p'))
  const text = (icmp: { readonly type: number; readonly code?: number }): string =>
    JSON.stringify(policyRule({ name: 'r', protocol: 'ICMP', icmp }, 's', profile).rule)
  expect(text({ code: 0, type: 8 })).toBe(text({ type: 8, code: 0 }))
  expect(text({ type: 8 })).toContain('"icmp":{"type":8}')
})
