import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import type { CloudProfile, Rule, SecurityGroup } from '../../../src/api/types.gen.ts'
import type { ObjectKey } from '../../../src/core/key.ts'
import { CODES, isCode, type Code } from '../../../src/policy/acceptance/codes.ts'
import { group, instance, plainProfile, valid, vpc, type Unnamed } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

/** What is wrong with one object, and the same object put right. */
interface Case {
  /** Declared before. */
  readonly around: readonly PalisadeObject[]
  /** Declared in a form that cannot be used. */
  readonly spoilt?: ObjectKey
  readonly wrong: PalisadeObject
  readonly right: PalisadeObject
  /** Whether the wrong object is taken all the same. */
  readonly taken?: true
}

const inProfile = (name: string): PalisadeObject[] => [valid(vpc('v', { profileRef: { name } }))]
const standard = inProfile('standard')
const jdcloud = inProfile('jdcloud')
const alibaba = inProfile('alibaba')
const nhn = inProfile('nhn')

const own = (spec: Partial<CloudProfile['spec']>): PalisadeObject[] => [
  valid(plainProfile('own', spec)),
  valid(vpc('v', { profileRef: { name: 'own' } })),
]

const g = (spec: Parameters<typeof group>[2]): SecurityGroup => valid(group('g', 'v', spec))
const rule = (one: Unnamed<Rule>): SecurityGroup => g({ ingress: [one] })
const drop = (one: Unnamed<Rule>): SecurityGroup => rule({ ...one, action: 'Drop' })
const toGroup = (name: string): Unnamed<Rule> => ({ remote: { securityGroupRef: { name } } })
const toList = (name: string): Unnamed<Rule> => ({ remote: { addressGroupRef: { name } } })
const i = (groups: readonly string[], spec: Parameters<typeof instance>[3] = {}): PalisadeObject =>
  valid(instance('i', 'v', groups, spec))
const refused = valid(group('refused', 'v', { type: 'NoSuchType' }))
const networked = valid(vpc('v', { cidrs: ['10.0.0.0/16'], subnets: [{ name: 'web', cidr: '10.0.1.0/24' }] }))

const attachment = { nodeName: 'host-a', interface: 'pal1' }

const CASES: Readonly<Record<Code, Case>> = {
  ProfileNotFound: {
    around: [],
    wrong: valid(vpc('v', { profileRef: { name: 'nowhere' } })),
    right: valid(vpc('v', { profileRef: { name: 'nhn' } })),
  },
  VPCNotFound: { around: standard, wrong: valid(group('g', 'nowhere')), right: g({}) },
  VPCNotAccepted: {
    around: [...standard, valid(vpc('w', { profileRef: { name: 'nowhere' } }))],
    wrong: valid(group('g', 'w')),
    right: g({}),
  },
  SecurityGroupNotFound: { around: standard, wrong: i(['nowhere']), right: i([]) },
  SecurityGroupNotAccepted: { around: [...standard, refused], wrong: drop(toGroup('refused')), right: g({}) },
  AddressGroupNotFound: { around: standard, wrong: drop(toList('nowhere')), right: g({}) },
  AddressGroupNotAccepted: {
    around: standard,
    spoilt: 'AddressGroup/default/l',
    wrong: drop(toList('l')),
    right: drop({}),
  },
  OtherVPC: {
    around: [...standard, valid(vpc('w')), valid(group('h', 'w')), valid(group('k', 'v'))],
    wrong: i(['h']),
    right: i(['k']),
  },
  RegionMismatch: {
    around: [valid(vpc('v', { region: 'cn-north-1' }))],
    wrong: g({ region: 'cn-south-1' }),
    right: g({ region: 'cn-north-1' }),
  },
  SubnetNotFound: { around: [networked], wrong: i([], { subnet: 'db' }), right: i([], { subnet: 'web' }) },
  NetworkTypeNotSupported: {
    around: [],
    wrong: valid(vpc('v', { region: 'r', networkType: 'Classic' })),
    right: valid(vpc('v', { region: 'r', networkType: 'Classic', profileRef: { name: 'alibaba' } })),
  },
  ClassicTaken: {
    around: [valid(vpc('c', { region: 'r', networkType: 'Classic', profileRef: { name: 'alibaba' } }))],
    wrong: valid(vpc('v', { region: 'r', networkType: 'Classic', profileRef: { name: 'alibaba' } })),
    right: valid(vpc('v', { region: 's', networkType: 'Classic', profileRef: { name: 'alibaba' } })),
  },
  CidrNotAllowed: {
    around: [],
    wrong: valid(vpc('v', { cidrs: ['11.0.0.0/16'], profileRef: { name: 'jdcloud' } })),
    right: valid(vpc('v', { cidrs: ['10.0.0.0/16'], profileRef: { name: 'jdcloud' } })),
  },
  CidrOverlap: {
    around: [],
    wrong: valid(vpc('v', { cidrs: ['10.0.0.0/16', '10.0.1.0/24'] })),
    right: valid(vpc('v', { cidrs: ['10.0.0.0/16', '10.1.0.0/24'] })),
  },
  SubnetOutside: {
    around: [],
    wrong: valid(vpc('v', { cidrs: ['10.0.0.0/16'], subnets: [{ name: 'a', cidr: '10.1.0.0/24' }] })),
    right: valid(vpc('v', { cidrs: ['10.0.0.0/16'], subnets: [{ name: 'a', cidr: '10.0.0.0/24' }] })),
  },
  SubnetOverlap: {
    around: [],
    wrong: valid(
      vpc('v', {
        subnets: [
          { name: 'a', cidr: '10.0.0.0/23' },
          { name: 'b', cidr: '10.0.1.0/24' },
        ],
      }),
    ),
    right: valid(
      vpc('v', {
        subnets: [
          { name: 'a', cidr: '10.0.0.0/24' },
          { name: 'b', cidr: '10.0.1.0/24' },
        ],
      }),
    ),
  },
  AddressOutside: {
    around: [networked],
    wrong: i([], { subnet: 'web', addresses: ['10.0.2.1'] }),
    right: i([], { subnet: 'web', addresses: ['10.0.1.1'] }),
  },
  AddressTaken: {
    around: [...standard, valid(instance('j', 'v', [], { addresses: ['10.0.0.1'] }))],
    wrong: i([], { addresses: ['10.0.0.1'] }),
    right: i([], { addresses: ['10.0.0.2'] }),
  },
  AttachmentTaken: {
    around: [...standard, valid(instance('j', 'v', [], { attachment }))],
    wrong: i([], { attachment }),
    right: i([], { attachment: { ...attachment, interface: 'pal2' } }),
  },
  GroupTypeUnknown: { around: alibaba, wrong: g({ type: 'Advanced' }), right: g({ type: 'Enterprise' }) },
  GroupTypeNotInNetwork: {
    around: own({
      groupTypes: [
        { name: 'Any', implicit: { ingress: 'Drop', egress: 'Drop' }, remotes: ['CIDR'] },
        {
          name: 'Flat',
          implicit: { ingress: 'Drop', egress: 'Drop' },
          remotes: ['CIDR'],
          networks: ['Classic'],
        },
      ],
    }),
    wrong: g({ type: 'Flat' }),
    right: g({ type: 'Any' }),
  },
  GroupTypesMixed: {
    around: [...alibaba, g({}), valid(group('h', 'v', { type: 'Enterprise' }))],
    wrong: i(['g', 'h']),
    right: i(['h']),
  },
  InnerAccessNotAllowed: {
    around: alibaba,
    wrong: g({ type: 'Enterprise', innerAccess: 'Accept' }),
    right: g({ type: 'Enterprise', innerAccess: 'Drop' }),
  },
  TemplateUnknown: {
    around: alibaba,
    wrong: g({ template: 'WebServerBSD' }),
    right: g({ template: 'WebServerLinux' }),
  },
  DefaultGroupNotEditable: {
    around: own({ defaultGroups: [{ name: 'default', create: 'WithVPC' }] }),
    wrong: valid(group('v-default', 'v')),
    right: valid(group('v-other', 'v')),
  },
  ActionNotAllowed: { around: jdcloud, wrong: rule({ action: 'Drop' }), right: rule({ action: 'Allow' }) },
  PriorityNotAllowed: { around: standard, wrong: rule({ priority: 1001 }), right: rule({ priority: 1000 }) },
  ProtocolUnknown: {
    around: standard,
    wrong: rule({ protocol: 'QUIC' }),
    right: rule({ protocol: 'UDP', ports: [443] }),
  },
  ProtocolNotAllowed: { around: jdcloud, wrong: rule({ protocol: 'GRE' }), right: rule({ protocol: 'TCP' }) },
  EtherTypeNotAllowed: {
    around: own({ rules: { actions: ['Allow'], etherTypes: ['IPv4'] } }),
    wrong: rule({ remote: { cidr: '2001:db8::/32' } }),
    right: rule({ remote: { cidr: '192.0.2.0/24' } }),
  },
  SourcePortsNotAllowed: {
    around: jdcloud,
    wrong: rule({ protocol: 'TCP', sourcePorts: [1024] }),
    right: rule({ protocol: 'TCP', sourcePorts: [] }),
  },
  IcmpNotAllowed: {
    around: alibaba,
    wrong: rule({ protocol: 'ICMP', icmp: { type: 8 } }),
    right: rule({ protocol: 'ICMP' }),
  },
  PortListNotAllowed: {
    around: nhn,
    wrong: rule({ protocol: 'TCP', ports: [80, 443] }),
    right: rule({ protocol: 'TCP', ports: [80, 81] }),
  },
  PortsNotAllowed: {
    around: nhn,
    // The schema has no ports with protocol 0; a cluster whose schema is older may send them.
    wrong: group('g', 'v', { ingress: [{ protocol: 0, ports: [80] }] }),
    right: rule({ protocol: 0 }),
  },
  RemoteNotAllowed: {
    around: [...jdcloud, valid(group('h', 'v'))],
    wrong: rule(toGroup('h')),
    right: rule({ remote: { cidr: '10.0.0.0/8' } }),
  },
  RuleDuplicate: {
    around: nhn,
    wrong: g({ ingress: [{ protocol: 'TCP' }, { protocol: 6 }] }),
    right: g({ ingress: [{ protocol: 'TCP' }, { protocol: 17 }] }),
  },
  RuleDescriptionNotAllowed: {
    around: jdcloud,
    wrong: rule({ description: 'x'.repeat(257) }),
    right: rule({ description: 'x'.repeat(256) }),
  },
  DisplayNameNotAllowed: {
    around: alibaba,
    wrong: g({ displayName: '1st' }),
    right: g({ displayName: 'first' }),
  },
  DescriptionNotAllowed: {
    around: alibaba,
    wrong: g({ description: 'http://example.com' }),
    right: g({ description: 'example.com' }),
  },
  QuotaExceeded: {
    around: [valid(vpc('v', { limits: { rules: 1 } }))],
    wrong: g({ ingress: [{}], egress: [{}] }),
    right: g({ ingress: [{}] }),
  },
  NoGroups: { around: [...jdcloud, g({})], wrong: i([]), right: i(['g']) },
  ProfileInconsistent: {
    around: [],
    wrong: valid(plainProfile('own', { initialRules: { ingress: [{ name: 'a', action: 'Drop' }] } })),
    right: valid(plainProfile('own', { initialRules: { ingress: [{ name: 'a', action: 'Allow' }] } })),
  },
  Advisory: {
    around: alibaba,
    wrong: g({ egress: [{ protocol: 'TCP', ports: [25] }] }),
    right: g({ egress: [{ protocol: 'TCP', ports: [26] }] }),
    taken: true,
  },
}

describe('every finding code has a case', () => {
  test('and no case is left of a code that is gone', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(CODES).sort())
    expect(isCode('toString')).toBe(false)
  })
})

describe.each(Object.entries(CASES))('%s', (code, { around, spoilt, wrong, right, taken }) => {
  const install = (object: PalisadeObject): Installation => {
    const installation = new Installation(...around)
    if (spoilt !== undefined) installation.spoil(spoilt)
    installation.declare(object)
    return installation
  }

  test('is found, names the object and says what would be right', () => {
    const installation = install(wrong)
    const found = installation.findings(wrong).find((finding) => finding.code === code)
    expect(installation.codes(wrong)).toContain(code)
    expect(found?.message).toContain(`${wrong.kind} `)
    expect(found?.message).toContain(wrong.metadata.name)
    if (code !== 'Advisory') expect(found?.hint).toMatch(/\w/)
  })

  test(taken === true ? 'warns and takes the object' : 'keeps the object out', () => {
    const installation = install(wrong)
    expect(installation.isAccepted(wrong)).toBe(taken === true)
    expect(installation.inForce(wrong) !== undefined).toBe(taken === true)
  })

  test('is not found where there is nothing to find', () => {
    const installation = install(right)
    expect(installation.codes(right)).not.toContain(code)
    expect(installation.isAccepted(right)).toBe(true)
  })
})
