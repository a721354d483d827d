import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import type { CloudProfileSpec, GroupTypeQuotas, Rule } from '../../../src/api/types.gen.ts'
import { LINT_CHECKS } from '../../../src/policy/lint/lint-checks.ts'
import { lint } from '../../../src/policy/lint/lint.ts'
import { group, instance, plainProfile, vpc, type Unnamed } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

type Rules = readonly Unnamed<Rule>[]

const shop = vpc('shop', { cidrs: ['10.0.0.0/16', 'fd00::/64'] })
const web = (ingress: Rules, egress: Rules = []): PalisadeObject => group('web', 'shop', { ingress, egress })
const member = (name: string, ...groups: readonly string[]): PalisadeObject =>
  instance(name, 'shop', groups, { addresses: [`10.0.0.${String(name.length)}`] })

/** A shop with one web server. */
const served = (ingress: Rules, egress: Rules = []): readonly PalisadeObject[] => [
  shop,
  web(ingress, egress),
  member('w', 'web'),
]

const office = { remote: { cidr: '203.0.113.0/24' } }
const tcp = (...ports: readonly (number | string)[]): Unnamed<Rule> => ({
  protocol: 'TCP',
  ports: [...ports],
})

const found = (objects: readonly PalisadeObject[]): readonly string[] => {
  const results = lint(new Installation(...objects).model)
  return results.map(({ finding, reason }) => {
    const place = (finding.path ?? []).join('.')
    return `${finding.code} ${finding.object ?? ''} ${place}${reason === undefined ? '' : ` (${reason})`}`
  })
}

const WEB = 'SecurityGroup/default/web'

interface Case {
  readonly code: keyof typeof LINT_CHECKS
  readonly name: string
  readonly bad: readonly PalisadeObject[]
  /** Object and path. */
  readonly at: string
  readonly good: readonly PalisadeObject[]
}

const twoStack = instance('w', 'shop', ['web'], { addresses: ['10.0.0.9', 'fd00::9'] })
const v4 = { ...tcp(443), remote: { cidr: '0.0.0.0/0' } }
const v6 = { ...tcp(443), remote: { cidr: '::/0' } }
const limited = (limit: number): PalisadeObject =>
  plainProfile('limited', { quotas: { securityGroups: { limit, per: 'VPC' } } })
const inLimited = vpc('shop', { profileRef: { name: 'limited' } })
const groups = (count: number): readonly PalisadeObject[] =>
  Array.from({ length: count }, (_, index) => group(`g${String(index)}`, 'shop'))

const cases: readonly Case[] = [
  {
    code: 'RiskyPortOpen',
    name: 'a management port within a range, to everybody',
    bad: served([tcp('20-30')]),
    at: `${WEB} spec.ingress.0`,
    good: served([{ ...tcp('20-30'), ...office }]),
  },
  {
    code: 'RiskyPortOpen',
    name: 'a database port in IPv6 alone',
    bad: served([{ ...tcp(5432), remote: { cidr: '::/0' } }]),
    at: `${WEB} spec.ingress.0`,
    good: served([{ protocol: 'UDP', ports: [5432] }]),
  },
  {
    code: 'RiskyPortOpen',
    name: 'a management port that a Drop rule takes from another protocol',
    bad: served([tcp('20-30'), { protocol: 'UDP', ports: ['20-30'], action: 'Drop', priority: 1 }]),
    at: `${WEB} spec.ingress.0`,
    good: served([tcp('20-30'), { ...tcp('22-23'), action: 'Drop', priority: 1 }]),
  },
  {
    code: 'PublicAccess',
    name: 'every port to everybody',
    bad: served([{ protocol: 'TCP' }]),
    at: `${WEB} spec.ingress.0`,
    good: served([{ protocol: 'TCP' }, { protocol: 'TCP', action: 'Drop', priority: 1 }]),
  },
  {
    code: 'AllPortsOpen',
    name: 'every port to a prefix',
    bad: served([{ ...tcp('1-65535'), ...office }]),
    at: `${WEB} spec.ingress.0`,
    good: served([{ ...tcp('1-1024'), ...office }]),
  },
  {
    code: 'AllProtocolsOpen',
    name: 'every protocol to a prefix',
    bad: served([office]),
    at: `${WEB} spec.ingress.0`,
    good: served([{ ...office, protocol: 'TCP' }]),
  },
  {
    code: 'UnlistedPortOpen',
    name: 'a port that is not of the web, to everybody',
    bad: served([tcp(443, 8443)]),
    at: `${WEB} spec.ingress.0`,
    good: served([tcp(80, 443)]),
  },
  {
    code: 'UnlistedPortOpen',
    name: 'of two ports that are not of the web the one that no Drop rule takes',
    bad: served([tcp(8443, 9443), { ...tcp(8443), action: 'Drop', priority: 1 }]),
    at: `${WEB} spec.ingress.0`,
    good: served([tcp(8443, 9443), { ...tcp('8000-9999'), action: 'Drop', priority: 1 }]),
  },
  {
    code: 'EgressAllOpen',
    name: 'everything out',
    bad: served([], [{}]),
    at: `${WEB} spec.egress.0`,
    good: served([], [{ protocol: 'TCP' }]),
  },
  {
    code: 'InstanceWithoutGroups',
    name: 'an instance in no group',
    bad: [shop, member('w')],
    at: 'Instance/default/w spec',
    good: [shop, web([]), member('w', 'web')],
  },
  {
    code: 'GroupWithoutMembers',
    name: 'a group of nobody',
    bad: [shop, web([])],
    at: `${WEB} metadata.name`,
    good: served([]),
  },
  {
    code: 'RemoteWithoutMembers',
    name: 'a rule about nobody',
    bad: [...served([{ ...tcp(80), remote: { securityGroupRef: { name: 'app' } } }]), group('app', 'shop')],
    at: `${WEB} spec.ingress.0`,
    good: [
      ...served([{ ...tcp(80), remote: { securityGroupRef: { name: 'app' } } }]),
      group('app', 'shop'),
      member('aa', 'app'),
    ],
  },
  {
    code: 'DuplicateRule',
    name: 'a rule of two groups of one instance',
    bad: [shop, web([tcp(443)]), group('app', 'shop', { ingress: [tcp('443')] }), member('w', 'web', 'app')],
    at: `${WEB} spec.ingress.0`,
    good: [
      shop,
      web([tcp(443)]),
      group('app', 'shop', { ingress: [tcp(443)] }),
      member('w', 'web'),
      member('aa', 'app'),
    ],
  },
  {
    code: 'RuleShadowed',
    name: 'an Allow rule behind a Drop rule for more',
    bad: served([
      { ...tcp('20-30'), ...office, action: 'Drop', priority: 1 },
      { ...tcp(22), remote: { cidr: '203.0.113.7/32' }, priority: 2 },
    ]),
    at: `${WEB} spec.ingress.1`,
    good: served([
      { ...tcp('20-30'), ...office, action: 'Drop', priority: 1 },
      { ...tcp(22, 31), remote: { cidr: '203.0.113.7/32' }, priority: 2 },
    ]),
  },
  {
    code: 'RuleRedundant',
    name: 'a rule for a part of what another allows',
    bad: served([
      { ...tcp(8080), remote: { cidr: '203.0.113.7/32' }, priority: 1 },
      { ...tcp('8000-8999'), ...office, priority: 2 },
    ]),
    at: `${WEB} spec.ingress.0`,
    good: served([
      { ...tcp(8080), remote: { cidr: '203.0.113.7/32' }, priority: 1 },
      { ...tcp('8000-8999'), ...office, action: 'Drop', priority: 2 },
    ]),
  },
  {
    code: 'RuleNeverMet',
    name: 'a way in that no member of the other group may go out by',
    bad: [
      ...served([{ ...tcp(8080), remote: { securityGroupRef: { name: 'app' } } }]),
      group('app', 'shop', { egress: [tcp(443)] }),
      member('aa', 'app'),
    ],
    at: `${WEB} spec.ingress.0`,
    good: [
      ...served([{ ...tcp(8080), remote: { securityGroupRef: { name: 'app' } } }]),
      group('app', 'shop', { egress: [tcp('8000-9000')] }),
      member('aa', 'app'),
    ],
  },
  {
    code: 'OneFamilyOnly',
    name: 'IPv4 open and IPv6 forgotten',
    bad: [shop, web([v4]), twoStack],
    at: `${WEB} spec.ingress.0`,
    good: [shop, web([v4, v6]), twoStack],
  },
  {
    code: 'OneFamilyOnly',
    name: 'IPv6 open and IPv4 forgotten',
    bad: [shop, web([v6]), twoStack],
    at: `${WEB} spec.ingress.0`,
    good: served([v4]),
  },
  {
    code: 'QuotaNearlyUsed',
    name: 'four groups of five',
    bad: [limited(5), inLimited, ...groups(4)],
    at: 'VPC/default/shop spec',
    good: [limited(6), inLimited, ...groups(4)],
  },
]

const full = (spec: Partial<CloudProfileSpec>): PalisadeObject => plainProfile('limited', spec)
const typed = (quotas: GroupTypeQuotas): PalisadeObject =>
  full({ groupTypes: plainProfile('').spec.groupTypes.map((type) => ({ ...type, quotas })) })
const subnets = [1, 2, 3, 4].map((net) => ({ name: `n${String(net)}`, cidr: `10.0.${String(net)}.0/24` }))
const inShop = { profileRef: { name: 'limited' }, cidrs: ['10.0.0.0/16'] }
const fourRules = [tcp(1), tcp(2), tcp(3), tcp(4)]
const fourFromGroups = fourRules.map((rule) => ({
  ...rule,
  remote: { securityGroupRef: { name: 'web' } },
}))
const fourMembers = ['a', 'bb', 'ccc', 'dddd'].map((name) => member(name, 'web'))

describe('four of five, and so nearly used up, are', () => {
  const place = vpc('shop', inShop)
  const [v1, v2, v3] = ['v1', 'v2', 'v3'].map((name) => vpc(name, { profileRef: { name: 'limited' } }))
  test.each<[string, string, readonly (PalisadeObject | undefined)[]]>([
    [
      'VPCs',
      'VPC/default/shop',
      [full({ quotas: { vpcs: { limit: 5, per: 'Namespace' } } }), place, v1, v2, v3],
    ],
    [
      'subnets',
      'VPC/default/shop',
      [full({ quotas: { subnets: { limit: 5, per: 'VPC' } } }), vpc('shop', { ...inShop, subnets })],
    ],
    ['rules', WEB, [full({ quotas: { rules: { limit: 5, per: 'SecurityGroup' } } }), place, web(fourRules)]],
    [
      'rules whose remote is a security group',
      WEB,
      [typed({ securityGroupRemotes: 5 }), place, web(fourFromGroups)],
    ],
    ['members', WEB, [typed({ members: 5 }), place, web([]), ...fourMembers]],
    ['addresses of members', WEB, [typed({ addresses: 5 }), place, web([]), ...fourMembers]],
    [
      'groups',
      'Instance/default/w',
      [full({ quotas: { groupsPerInstance: 5 } }), place, ...groups(4), member('w', 'g0', 'g1', 'g2', 'g3')],
    ],
    [
      'rules over all its groups',
      'Instance/default/w',
      [full({ quotas: { rulesPerInstance: 5 } }), place, web(fourRules), member('w', 'web')],
    ],
  ])('%s', (what, at, objects) => {
    const place = new Installation(...objects.filter((one) => one !== undefined))
    const near = lint(place.model).filter(({ finding }) => finding.code === 'QuotaNearlyUsed')
    expect(near.map(({ finding }) => finding.object)).toEqual([at])
    expect(near[0]?.finding.message).toContain(`4 of 5 ${what}`)
  })

  test('told once of instances that are alike', () => {
    const place = new Installation(
      full({ quotas: { groupsPerInstance: 5 } }),
      vpc('shop', inShop),
      ...groups(4),
      member('w', 'g0', 'g1', 'g2', 'g3'),
      member('ww', 'g0', 'g1', 'g2', 'g3'),
    )
    const messages = lint(place.model).map(({ finding }) => finding.message)
    expect(messages.filter((text) => text.includes('4 of 5'))).toEqual([
      'Instance default/w: has 4 of 5 groups; 1 more are alike',
    ])
  })
})

describe('lint', () => {
  test.each(cases)('finds $name: $code', ({ code, bad, at, good }) => {
    expect(found(bad)).toContain(`${code} ${at}`)
    expect(found(good).filter((one) => one.startsWith(`${code} `))).toEqual([])
  })

  test('has a case for each of its codes', () => {
    expect([...new Set(cases.map(({ code }) => code))].sort()).toEqual(Object.keys(LINT_CHECKS).sort())
  })

  test('carries the id of each check that Alibaba Cloud Config ships', () => {
    const ids = Object.values(LINT_CHECKS).flatMap((check) =>
      'cloudConfig' in check ? [check.cloudConfig] : [],
    )
    expect(ids.sort()).toEqual([
      'ecs-instance-attached-security-group',
      'ecs-security-group-egress-not-all-access',
      'ecs-security-group-not-open-all-port',
      'ecs-security-group-not-open-all-protocol',
      'ecs-security-group-risky-ports-check-with-protocol',
      'ecs-security-group-white-list-port-check',
      'sg-public-access-check',
    ])
  })

  test('says nothing of a rule that has expired', () => {
    const place = new Installation(...served([{ ...tcp(22), expires: '2026-01-01T00:00:00Z' }]))
    expect(lint(place.model)).toHaveLength(1)
    place.model.advance(Date.parse('2026-01-01T00:00:00Z'))
    expect(lint(place.model)).toEqual([])
  })
})

describe('the annotation palisade.dev/lint-ignore', () => {
  const annotated = (text: string): readonly PalisadeObject[] => [
    shop,
    group({ name: 'web', annotations: { 'palisade.dev/lint-ignore': text } }, 'shop', { ingress: [tcp(22)] }),
    member('w', 'web'),
  ]
  const at = `${WEB} spec.ingress.0`
  const annotation = `${WEB} metadata.annotations.palisade.dev/lint-ignore`

  test.each([
    ['a reason', 'RiskyPortOpen: a bastion', [`RiskyPortOpen ${at} (a bastion)`]],
    ['no reason', 'RiskyPortOpen', [`IgnoreWithoutReason ${annotation}`, `RiskyPortOpen ${at}`]],
    ['an empty reason', 'RiskyPortOpen: ', [`IgnoreWithoutReason ${annotation}`, `RiskyPortOpen ${at}`]],
    ['an unknown code', 'RiskyPort: a bastion', [`IgnoreUnknown ${annotation}`, `RiskyPortOpen ${at}`]],
    [
      'an entry for nothing, on a line of its own',
      'RiskyPortOpen: a bastion\nEgressAllOpen: why not',
      [`IgnoreUnused ${annotation}`, `RiskyPortOpen ${at} (a bastion)`],
    ],
  ])('with %s', (_, text, expected) => {
    expect(found(annotated(text))).toEqual(expected)
  })
})
