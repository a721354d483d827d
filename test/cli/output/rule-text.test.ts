import { expect, test } from 'vitest'
import { ruleLine } from '../../../src/cli/output/rule-text.ts'
import type { EffectiveRule } from '../../../src/api/types.gen.ts'

const rule = (fields: Partial<EffectiveRule>): EffectiveRule => ({
  action: 'Allow',
  protocol: 'TCP',
  remote: {},
  sources: ['web/https'],
  ...fields,
})

test.each<[string, Partial<EffectiveRule>]>([
  ['Allow TCP from anywhere (web/https)', {}],
  ['Allow TCP 443,8000-8080 from anywhere (web/https)', { ports: ['443', '8000-8080'] }],
  [
    'Allow TCP 443 from port 1024-65535 from anywhere (web/https)',
    { ports: ['443'], sourcePorts: ['1024-65535'] },
  ],
  [
    'Allow ICMP type 8 from 0.0.0.0/0 (web/https)',
    { protocol: 'ICMP', icmp: { type: 8 }, remote: { cidr: '0.0.0.0/0' } },
  ],
  ['Allow ICMP type 3 code 4 from anywhere (web/https)', { protocol: 'ICMP', icmp: { type: 3, code: 4 } }],
  ['Drop All from anywhere (web/https, priority 10)', { action: 'Drop', protocol: 'All', priority: 10 }],
  [
    'Allow TCP from group app: 10.0.2.1/32,10.0.2.2/32 (web/https)',
    { remote: { securityGroup: 'app', addresses: ['10.0.2.1/32', '10.0.2.2/32'] } },
  ],
  ['Allow TCP from group app: no addresses (web/https)', { remote: { securityGroup: 'app', addresses: [] } }],
  [
    'Allow TCP from group app (IPv6 only): 64+ addresses (web/https)',
    { etherType: 'IPv6', remote: { securityGroup: 'app', addressCount: '64+' } },
  ],
  ['Allow TCP from address group office (web/https)', { remote: { addressGroup: 'office' } }],
  ['Allow TCP from anywhere (web/a, web/b)', { sources: ['web/a', 'web/b'] }],
])('%s', (expected, fields) => {
  expect(ruleLine(rule(fields), 'Ingress')).toBe(expected)
})

test('an egress rule goes to its remote', () => {
  expect(ruleLine(rule({}), 'Egress')).toBe('Allow TCP to anywhere (web/https)')
})
