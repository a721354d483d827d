import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import type { Instance, Rule, SecurityGroup, VPC, VPCLimits } from '../../../src/api/types.gen.ts'
import { addressGroup, group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const vpcOf = (profile: string, limits?: VPCLimits): VPC =>
  valid(vpc('v', { region: 'r', profileRef: { name: profile }, ...(limits && { limits }) }))

const count = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index))

const groups = (length: number, vpcName = 'v'): SecurityGroup[] =>
  count(length, (index) =>
    valid(group(`${vpcName}-g${String(index)}`, vpcName, { displayName: 'some-name' })),
  )

/** Rules that are all different. */
const rules = (length: number): Omit<Rule, 'name'>[] =>
  count(length, (index) => ({ protocol: 'TCP', ports: [index + 100], remote: { cidr: '192.0.2.0/24' } }))

const groupWith = (name: string, ingress: number, egress = 0): SecurityGroup =>
  valid(group(name, 'v', { displayName: 'some-name', ingress: rules(ingress), egress: rules(egress) }))

const member = (name: string, groupNames: readonly string[], addresses = 0): Instance =>
  instance(name, 'v', groupNames, { addresses: addressesOf(name, addresses) })

/** Addresses that no instance of another number has. */
function addressesOf(name: string, length: number): string[] {
  const first = 64 * Number(name.replace(/\D/g, '') || 0)
  return count(length, (index) => {
    const number = first + index
    return `10.${String(number >> 16)}.${String((number >> 8) & 255)}.${String(number & 255)}`
  })
}

const names = (objects: readonly PalisadeObject[]): string[] => objects.map(({ metadata }) => metadata.name)

interface Edge {
  readonly what: string
  /** What is there before. */
  readonly around: readonly PalisadeObject[]
  /** As many as fit, or one that is just small enough. */
  readonly fits: readonly PalisadeObject[]
  /** One more, or one that is just too large. */
  readonly exceeds: PalisadeObject
  /** The cloud's own words. */
  readonly text?: string
}

function expectEdge({ around, fits, exceeds, text }: Edge): void {
  const installation = new Installation(...around, ...fits)
  for (const object of fits) expect(installation.codes(object)).toEqual([])
  installation.declare(exceeds)
  const [found, ...more] = installation.findings(exceeds)
  expect(more).toEqual([])
  expect(found?.code).toBe('QuotaExceeded')
  expect(found?.profileText).toBe(text)
  expect(installation.isAccepted(exceeds)).toBe(false)
  for (const object of fits) {
    if (object.metadata.name !== exceeds.metadata.name) expect(installation.isAccepted(object)).toBe(true)
  }
}

const networks = (length: number, profile: string): VPC[] =>
  count(length, (index) => valid(vpc(`v${String(index)}`, { region: 'r', profileRef: { name: profile } })))

const subnets = (length: number, profile: string): VPC =>
  valid(
    vpc('v', {
      profileRef: { name: profile },
      subnets: count(length, (index) => ({
        name: `s${String(index)}`,
        cidr: `10.${String(index)}.0.0/24`,
      })),
    }),
  )

const vpcEdges = (profile: string, limit: number, text?: string): Edge => ({
  what: `${profile}: ${String(limit)} VPCs in a region`,
  around: [],
  fits: networks(limit, profile),
  exceeds: valid(vpc('one-more', { region: 'r', profileRef: { name: profile } })),
  ...(text !== undefined && { text }),
})

const subnetEdges = (profile: string, limit: number): Edge => ({
  what: `${profile}: ${String(limit)} subnets in a VPC`,
  around: [],
  fits: [subnets(limit, profile)],
  exceeds: subnets(limit + 1, profile),
})

const joining = (limit: number, profile: string, text: string): Edge => ({
  what: `${profile}: ${String(limit)} groups on an instance`,
  around: [vpcOf(profile), ...groups(limit + 1)],
  fits: [member('i0', names(groups(limit)))],
  exceeds: member('i1', names(groups(limit + 1))),
  text,
})

const toGroups = (length: number): SecurityGroup =>
  valid(
    group('many', 'v', {
      ingress: count(length, (index) => ({
        protocol: 'TCP',
        ports: [index + 1],
        remote: { securityGroupRef: { name: 'v-g0' } },
      })),
    }),
  )

describe('the quotas of the built-in profiles, at their edges', () => {
  const edges: readonly Edge[] = [
    vpcEdges('jdcloud', 10, 'Quota exceeded'),
    vpcEdges('alibaba', 10),
    vpcEdges('nhn', 3),
    subnetEdges('jdcloud', 10),
    subnetEdges('alibaba', 150),
    subnetEdges('nhn', 10),
    {
      what: 'jdcloud: 50 groups in a VPC',
      around: [vpcOf('jdcloud')],
      fits: groups(50),
      exceeds: valid(group('one-more', 'v', { displayName: 'one-more' })),
      text: 'The number of security groups under selected virtual private cloud resource has reached 50',
    },
    {
      what: 'alibaba: 100 groups in a region, over all its VPCs',
      around: [
        vpcOf('alibaba'),
        valid(vpc('w', { region: 'r', profileRef: { name: 'alibaba' } })),
        valid(vpc('far', { region: 's', profileRef: { name: 'alibaba' } })),
        ...groups(7, 'far'),
      ],
      fits: [...groups(60), ...groups(40, 'w')],
      exceeds: valid(group('one-more', 'v', { displayName: 'one-more' })),
      text: 'The maximum number of security groups is reached.',
    },
    {
      what: 'jdcloud: 100 rules in a group, ingress and egress together',
      around: [vpcOf('jdcloud')],
      fits: [groupWith('g', 60, 40)],
      exceeds: groupWith('g', 60, 41),
      text: 'At most 100 rules can be added for each security group in both directions',
    },
    {
      what: 'alibaba: 200 rules in a group, those of its template included',
      around: [vpcOf('alibaba')],
      fits: [valid(group('g', 'v', { template: 'WebServerLinux', ingress: rules(196) }))],
      exceeds: valid(group('g', 'v', { template: 'WebServerLinux', ingress: rules(197) })),
      text: 'The limit of authorization records in the security group reaches.',
    },
    {
      what: 'alibaba: an address group counts as its greatest size',
      around: [vpcOf('alibaba'), valid(addressGroup('l', ['192.0.2.0/24'], 20))],
      fits: [
        valid(
          group('g', 'v', {
            ingress: rules(180),
            egress: [{ protocol: 'TCP', remote: { addressGroupRef: { name: 'l' } } }],
          }),
        ),
      ],
      exceeds: valid(
        group('g', 'v', {
          ingress: rules(181),
          egress: [{ protocol: 'TCP', remote: { addressGroupRef: { name: 'l' } } }],
        }),
      ),
      text: 'The limit of authorization records in the security group reaches.',
    },
    joining(
      5,
      'jdcloud',
      'A single network interface of each instance can be associated with 5 security groups at the same time',
    ),
    joining(5, 'alibaba', 'Exceeding the allowed amount of security groups that an instance can be in.'),
    {
      what: 'alibaba: 1000 rules over all groups of an instance',
      around: [
        vpcOf('alibaba', { groupsPerInstance: 6 }),
        ...count(5, (index) => groupWith(`g${String(index)}`, 200)),
        groupWith('g5', 1),
      ],
      fits: [member('i0', ['g0', 'g1', 'g2', 'g3', 'g4'])],
      exceeds: member('i1', ['g0', 'g1', 'g2', 'g3', 'g4', 'g5']),
      text: '加入安全组失败，作用在该实例上的安全组规则数量已达上限',
    },
    {
      what: 'alibaba: 20 rules that name groups',
      around: [vpcOf('alibaba'), ...groups(1)],
      fits: [toGroups(20)],
      exceeds: toGroups(21),
    },
    {
      what: 'alibaba: 6000 addresses of the members of a basic group',
      around: [vpcOf('alibaba'), groupWith('g', 0)],
      fits: [...count(93, (index) => member(`i${String(index)}`, ['g'], 64)), member('i93', ['g'], 48)],
      exceeds: member('i94', ['g'], 1),
    },
    {
      what: 'alibaba: 65536 addresses of the members of an enterprise group',
      around: [vpcOf('alibaba'), valid(group('g', 'v', { type: 'Enterprise' }))],
      fits: count(1024, (index) => member(`i${String(index)}`, ['g'], 64)),
      exceeds: member('i1024', ['g'], 1),
    },
    {
      what: 'alibaba: 1000 instances of a group in the classic network',
      around: [
        valid(vpc('v', { region: 'r', networkType: 'Classic', profileRef: { name: 'alibaba' } })),
        groupWith('g', 0),
      ],
      fits: count(1000, (index) => member(`i${String(index)}`, ['g'])),
      exceeds: member('i1000', ['g']),
      text: 'The maximum number of instances in a security group is exceeded.',
    },
  ]

  test.each(edges)('$what', (edge) => {
    expectEdge(edge)
  })

  test('standard has none', () => {
    const many = [vpcOf('standard'), ...groups(300), groupWith('g', 400, 400)]
    const installation = new Installation(...many, member('i', names(groups(64))))
    expect(many.flatMap((object) => installation.codes(object))).toEqual([])
    expect(installation.codes(member('i', []))).toEqual([])
  })
})

describe('the limits of a VPC, at their edges', () => {
  const ruled = (length: number): SecurityGroup =>
    valid(
      group('g', 'v', {
        ingress: count(length, (index) => ({
          priority: index + 1,
          remote: { securityGroupRef: { name: 'v-g0' } },
        })),
      }),
    )
  const edges: readonly Edge[] = [
    {
      what: 'subnets',
      around: [],
      fits: [valid(vpc('v', { limits: { subnets: 1 }, subnets: [{ name: 'a', cidr: '10.0.0.0/24' }] }))],
      exceeds: valid(
        vpc('v', {
          limits: { subnets: 1 },
          subnets: [
            { name: 'a', cidr: '10.0.0.0/24' },
            { name: 'b', cidr: '10.0.1.0/24' },
          ],
        }),
      ),
    },
    {
      what: 'securityGroups',
      around: [vpcOf('standard', { securityGroups: 2 })],
      fits: groups(2),
      exceeds: groupWith('g', 0),
    },
    {
      what: 'rules',
      around: [vpcOf('standard', { rules: 3 })],
      fits: [groupWith('g', 2, 1)],
      exceeds: groupWith('g', 2, 2),
    },
    {
      what: 'securityGroupRemotes',
      around: [vpcOf('standard', { securityGroupRemotes: 2 }), ...groups(1)],
      fits: [ruled(2)],
      exceeds: ruled(3),
    },
    {
      what: 'addressesPerGroup',
      around: [vpcOf('standard', { addressesPerGroup: 3 }), groupWith('g', 0)],
      fits: [member('i0', ['g'], 2), member('i1', ['g'], 1)],
      exceeds: member('i2', ['g'], 1),
    },
    {
      what: 'groupsPerInstance',
      around: [vpcOf('standard', { groupsPerInstance: 2 }), ...groups(3)],
      fits: [member('i0', ['v-g0', 'v-g1'])],
      exceeds: member('i1', ['v-g0', 'v-g1', 'v-g2']),
    },
    {
      what: 'rulesPerInstance',
      around: [
        vpcOf('standard', { rulesPerInstance: 5 }),
        groupWith('a', 3),
        groupWith('b', 2),
        groupWith('c', 1),
      ],
      fits: [member('i0', ['a', 'b'])],
      exceeds: member('i1', ['a', 'b', 'c']),
    },
  ]

  test.each(edges)('$what', (edge) => {
    expectEdge(edge)
  })

  test('a raised limit replaces the quota, in the sentence too', () => {
    expectEdge({
      what: '',
      around: [vpcOf('jdcloud', { securityGroups: 60 })],
      fits: groups(60),
      exceeds: valid(group('one-more', 'v', { displayName: 'one-more' })),
      text: 'The number of security groups under selected virtual private cloud resource has reached 60',
    })
  })

  test('a limit of 0 takes nobody', () => {
    const installation = new Installation(vpcOf('standard', { securityGroups: 0 }), ...groups(1))
    expect(groups(1).flatMap((object) => installation.codes(object))).toEqual(['QuotaExceeded'])
  })

  test('a lowered limit evicts nobody and lets nobody in', () => {
    const [first, second, third] = groups(3)
    if (!first || !second || !third) throw new Error('never')
    const installation = new Installation(vpcOf('standard'), first, second)
    installation.declare(vpcOf('standard', { securityGroups: 1 }), third)
    expect([first, second, third].map((object) => installation.isAccepted(object))).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('what a lowered limit has left over may become less, and not more', () => {
  const three = groups(3)
  const all = ['g', ...names(three)]
  const limits: readonly VPCLimits[] = [
    { rules: 1 },
    { securityGroups: 1 },
    { groupsPerInstance: 1 },
    { rulesPerInstance: 1 },
    { addressesPerGroup: 1 },
  ]
  const lowered = (limit: VPCLimits): Installation => {
    const installation = new Installation(vpcOf('standard'), ...three, groupWith('g', 3), member('i', all, 2))
    installation.declare(vpcOf('standard', limit))
    return installation
  }

  test.each(limits)('%o', (limit) => {
    const installation = lowered(limit)
    const [narrower, fewer] = [groupWith('g', 2), member('i', all.slice(0, 2), 2)]
    installation.declare(narrower, fewer)
    expect(installation.codes(narrower)).toEqual([])
    expect(installation.codes(fewer)).toEqual([])
  })

  test.each<[VPCLimits, PalisadeObject]>([
    [{ rules: 1 }, groupWith('g', 4)],
    [{ rulesPerInstance: 1 }, groupWith('g', 4)],
    [
      { groupsPerInstance: 1 },
      valid(group('selects', 'v', { displayName: 'some-name', instanceSelector: {} })),
    ],
    [
      { rulesPerInstance: 1 },
      valid(group('h', 'v', { displayName: 'some-name', instanceSelector: {}, ingress: rules(1) })),
    ],
    [{ addressesPerGroup: 1 }, member('i', all, 3)],
  ])('%o keeps out what is more', (limit, more) => {
    const installation = lowered(limit)
    installation.declare(more)
    expect(installation.codes(more)).toContain('QuotaExceeded')
  })

  test('remotes that are groups', () => {
    const naming = (length: number): SecurityGroup =>
      valid(
        group('g', 'v', {
          ingress: count(length, (index) => ({
            priority: index + 1,
            remote: { securityGroupRef: { name: 'v-g0' } },
          })),
        }),
      )
    const installation = new Installation(vpcOf('standard'), ...groups(1), naming(3))
    installation.declare(vpcOf('standard', { securityGroupRemotes: 1 }))
    installation.declare(naming(2))
    expect(installation.codes(naming(2))).toEqual([])
    installation.declare(naming(3))
    expect(installation.codes(naming(3))).toEqual(['QuotaExceeded'])
  })
})

describe('what counts', () => {
  test('default groups do not', () => {
    const profile = valid(
      plainProfile('own', {
        quotas: { securityGroups: { limit: 1, per: 'VPC' } },
        defaultGroups: [{ name: 'default', create: 'WithVPC' }],
      }),
    )
    const declared = valid(group('g', 'v'))
    const installation = new Installation(profile, vpcOf('own'), declared)
    expect(installation.codes(declared)).toEqual([])
  })

  test('initial rules do, where a group states none of its own', () => {
    const initialRules = { egress: [{ name: 'a' }, { name: 'b', protocol: 'TCP' }] }
    const quotas = { rules: { limit: 1, per: 'SecurityGroup' as const } }
    const around = [valid(plainProfile('own', { initialRules, quotas })), vpcOf('own')]
    const silent = valid(group('silent', 'v'))
    const stated = valid(group('stated', 'v', { egress: [] }))
    const installation = new Installation(...around, silent, stated)
    expect(installation.codes(silent)).toEqual(['QuotaExceeded'])
    expect(installation.codes(stated)).toEqual([])
  })

  test('each direction for itself, where the profile counts so', () => {
    const quotas = { rules: { limit: 2, per: 'Direction' as const } }
    const around = [valid(plainProfile('own', { quotas })), vpcOf('own')]
    const installation = new Installation(...around, groupWith('a', 2, 2), groupWith('b', 3, 0))
    expect(installation.codes(groupWith('a', 0))).toEqual([])
    expect(installation.codes(groupWith('b', 0))).toEqual(['QuotaExceeded'])
  })

  test('an address group by its entries, where the profile counts so', () => {
    const quotas = { rules: { limit: 2, per: 'SecurityGroup' as const, addressGroups: 'Entries' as const } }
    const listing = (name: string): SecurityGroup =>
      valid(group(name, 'v', { ingress: [{ remote: { addressGroupRef: { name: 'l' } } }] }))
    const [listed, late] = [listing('g'), listing('late')]
    const around = [valid(plainProfile('own', { quotas })), vpcOf('own')]
    const two = valid(addressGroup('l', ['192.0.2.0/24', '198.51.100.0/24'], 20))
    const installation = new Installation(...around, two, listed)
    expect(installation.codes(listed)).toEqual([])
    installation.declare(
      valid(addressGroup('l', ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'], 20)),
      late,
    )
    expect(installation.codes(listed)).toEqual([])
    expect(installation.codes(late)).toEqual(['QuotaExceeded'])
  })

  test('a group that selects its members fills them as one that they name', () => {
    const web = valid(instance({ name: 'i', labels: { role: 'web' } }, 'v', ['v-g0']))
    const selecting = valid(group('s', 'v', { instanceSelector: { matchLabels: { role: 'web' } } }))
    const installation = new Installation(vpcOf('standard', { groupsPerInstance: 1 }), ...groups(1), web)
    installation.declare(selecting)
    expect(installation.codes(selecting)).toEqual(['QuotaExceeded'])
    expect(installation.model.instance('Instance/default/i')?.node.signature.groups).toHaveLength(1)
  })

  describe('members of a default group that nobody named, wherever they come from', () => {
    const around = [
      valid(
        plainProfile('own', {
          defaultGroups: [{ name: 'default', create: 'WhenNeeded', editable: true }],
          instanceWithoutGroups: 'JoinDefault',
        }),
      ),
      vpcOf('own', { addressesPerGroup: 2 }),
    ]
    const first = valid(member('i1', [], 1))
    const second = valid(member('i2', [], 1))
    const third = valid(member('i3', [], 1))

    test.each([
      ['in one change', [[first, second, third]]],
      ['one by one', [[first], [second], [third]]],
      ['two and then one', [[first, second], [third]]],
    ])('%s', (_name, changes) => {
      const installation = new Installation(...around)
      for (const change of changes) installation.declare(...change)
      expect(installation.codes(first)).toEqual([])
      expect(installation.codes(second)).toEqual([])
      expect(installation.codes(third)).toEqual(['QuotaExceeded'])
    })

    test('and once what stood in its place is gone', () => {
      const installation = new Installation(...around, valid(group('v-default', 'v')), first, second, third)
      installation.withdraw('SecurityGroup/default/v-default')
      installation.declare(valid(vpc('other')))
      expect(installation.codes(third)).toEqual(['QuotaExceeded'])
      expect(installation.inForce(third)).toBeUndefined()
    })
  })

  test('by the profile as it is now: an edit of what the quota is counted over does not lift it', () => {
    const profile = (per: 'VPC' | 'Region', limit: number): PalisadeObject =>
      valid(plainProfile('own', { quotas: { securityGroups: { limit, per } } }))
    const installation = new Installation(profile('VPC', 2), vpcOf('own'), ...groups(2))
    installation.declare(profile('Region', 2))
    const third = groupWith('third', 0)
    installation.declare(third)
    expect(installation.codes(third)).toEqual(['QuotaExceeded'])
  })
})
