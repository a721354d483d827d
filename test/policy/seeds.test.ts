import { describe, expect, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { EffectiveRule, Instance, SecurityGroup, VPC } from '../../src/api/types.gen.ts'
import { group, instance, valid, vpc } from '../reference/objects.ts'
import { Evaluator } from '../reference/evaluator.ts'
import type { Packet } from '../reference/packet.ts'
import { Installation } from './installation.ts'

// One test for each row of what the three documents ask (design, section 2), with the built-in profiles. What is
// expected is read off the document that is quoted, by way of the effective rules and of packets.

const tcp = (port: number, from = '203.0.113.9', to = '10.0.0.1'): Packet => ({
  from,
  to,
  protocol: 6,
  port,
  sourcePort: 40_000,
})
const ping = (from = '203.0.113.9', to = '10.0.0.1'): Packet => ({
  from,
  to,
  protocol: 1,
  icmp: { type: 8, code: 0 },
})

function rulesOf(
  installation: Installation,
  object: Instance,
): Record<'ingress' | 'egress', readonly EffectiveRule[]> {
  const ruleset = installation.model.instanceRuleset(keyOf(object))
  if (ruleset === undefined) throw new Error(`${object.metadata.name} has no rules`)
  return ruleset.ruleSet
}

const allowedPorts = (rules: readonly EffectiveRule[]): readonly string[] =>
  rules.filter(({ action }) => action === 'Allow').flatMap(({ ports, protocol }) => ports ?? [protocol])

const evaluator = (installation: Installation): Evaluator => new Evaluator([...installation.model.objects()])

describe('JD Cloud', () => {
  const network = valid(vpc('shop', { region: 'cn-north-1', profileRef: { name: 'jdcloud' } }))
  const named = (name: string, spec: Parameters<typeof group>[2] = {}): SecurityGroup =>
    valid(group(name, 'shop', { displayName: name, ...spec }))

  test('"Security group can act on any instance of the same virtual private cloud in the same region."', () => {
    const web = named('web')
    const inside = valid(instance('a', 'shop', ['web'], { region: 'cn-north-1' }))
    const other = valid(vpc('back', { region: 'cn-north-1', profileRef: { name: 'jdcloud' } }))
    const outside = valid(instance('b', 'back', ['web']))
    const elsewhere = valid(instance('c', 'shop', ['web'], { region: 'cn-south-1' }))
    const installation = new Installation(network, other, web, inside, outside, elsewhere)
    expect(installation.codes(inside)).toEqual([])
    expect(installation.codes(outside)).toEqual(['OtherVPC'])
    expect(installation.findings(outside)[0]?.profileText).toBe(
      'The security group can only be applied to instances under the same virtual private cloud.',
    )
    expect(installation.codes(elsewhere)).toEqual(['RegionMismatch'])
  })

  test('"Before creating security group, you need to create virtual private cloud."', () => {
    const early = named('web')
    const installation = new Installation(early)
    expect(installation.codes(early)).toEqual(['VPCNotFound'])
    installation.declare(network)
    expect(installation.isAccepted(early)).toBe(true)
  })

  test('"A maximum of 50 security groups can be created under a single virtual private cloud."', () => {
    const fifty = Array.from({ length: 50 }, (_, index) => named(`g${String(index)}`))
    const next = named('one-more')
    const installation = new Installation(network, ...fifty, next)
    expect(fifty.every((object) => installation.isAccepted(object))).toBe(true)
    expect(installation.findings(next)).toMatchObject([
      {
        code: 'QuotaExceeded',
        profileText:
          'The number of security groups under selected virtual private cloud resource has reached 50',
      },
    ])
    // "... and you need to re-select other virtual private cloud."
    const other = valid(vpc('back', { region: 'cn-north-1', profileRef: { name: 'jdcloud' } }))
    const there = valid(group('there', 'back', { displayName: 'there' }))
    installation.declare(other, there)
    expect(installation.isAccepted(there)).toBe(true)
  })

  test('"it is recommended that you use the customer scenario ... such as " Web server cluster allows port 80""', () => {
    const recommended = named('web', {
      displayName: 'Web server cluster allows port 80',
      description: 'Allow port 80 and port 443 in inlet direction',
    })
    const installation = new Installation(network, recommended)
    expect(installation.isAccepted(recommended)).toBe(true)
    expect(installation.findings(recommended).map(({ severity }) => severity)).toEqual(['warning', 'warning'])
  })

  test('"the new security group rejects all inlet and outlet traffic by default"', () => {
    const member = valid(instance('a', 'shop', ['new'], { addresses: ['10.0.0.1'] }))
    const peer = valid(instance('b', 'shop', ['new'], { addresses: ['10.0.0.2'] }))
    const installation = new Installation(network, named('new'), member, peer)
    const drop = [{ action: 'Drop', protocol: 'All', remote: {}, sources: ['profile:jdcloud/implicit'] }]
    expect(rulesOf(installation, member)).toMatchObject({ ingress: drop, egress: drop })
    const reference = evaluator(installation)
    for (const packet of [tcp(80), tcp(22), ping(), tcp(80, '10.0.0.2')]) {
      expect(reference.decide(member, 'Ingress', packet)).toBe('Drop')
    }
    expect(reference.decide(member, 'Egress', tcp(80, '10.0.0.1', '203.0.113.9'))).toBe('Drop')
  })

  test('"you can go to the details page to set the outbound/ inbound rules"', () => {
    const member = valid(instance('a', 'shop', ['web'], { addresses: ['10.0.0.1'] }))
    const installation = new Installation(network, named('web'), member)
    installation.declare(
      named('web', {
        ingress: [{ protocol: 'TCP', ports: [80] }],
        egress: [{ protocol: 'TCP', ports: [443] }],
      }),
    )
    const { ingress, egress } = rulesOf(installation, member)
    expect([allowedPorts(ingress), allowedPorts(egress)]).toEqual([['80'], ['443']])
  })
})

describe('Alibaba Cloud', () => {
  const network = valid(
    vpc('shop', {
      region: 'cn-hangzhou',
      profileRef: { name: 'alibaba' },
      cidrs: ['10.0.0.0/16'],
      subnets: [
        { name: 'vswitch-b', cidr: '10.0.1.0/24' },
        { name: 'vswitch-c', cidr: '10.0.2.0/24' },
      ],
    }),
  )
  const ecs = (name: string, groups: readonly string[], address: string): Instance =>
    valid(instance(name, 'shop', groups, { addresses: [address] }))
  const templated = (template: string): SecurityGroup => valid(group('g', 'shop', { template }))

  test('"Each ECS instance must join at least one security group."', () => {
    const alone = ecs('a', [], '10.0.1.1')
    const installation = new Installation(network, alone)
    expect(installation.model.instance(keyOf(alone))?.node.signature.groups).toHaveLength(1)
  })

  test('"If you do not have a security group ... you can use the default one provided by the system."', () => {
    const alone = ecs('a', [], '10.0.1.1')
    const installation = new Installation(network, alone)
    const reference = evaluator(installation)
    expect(reference.groupNames(alone)).toEqual(['shop-default'])
    const inbound = (packet: Packet): string => reference.decide(alone, 'Ingress', packet)
    expect([tcp(22), tcp(3389), ping(), tcp(80)].map(inbound)).toEqual(['Allow', 'Allow', 'Allow', 'Drop'])
    expect(rulesOf(installation, alone).ingress.map(({ sources }) => sources)).toEqual([
      ['shop-default/innerAccess'],
      ['shop-default/icmp'],
      ['shop-default/ssh'],
      ['shop-default/rdp'],
      ['profile:alibaba/implicit'],
    ])
  })

  test('"To create a VPC-connected security group, you must manage a VPC."', () => {
    const early = templated('Custom')
    const installation = new Installation(early)
    expect(installation.codes(early)).toEqual(['VPCNotFound'])
  })

  test('"You can create a VPC-connected security group across VSwitches, but not across VPCs."', () => {
    const inB = valid(instance('b', 'shop', ['g'], { subnet: 'vswitch-b', addresses: ['10.0.1.1'] }))
    const inC = valid(instance('c', 'shop', ['g'], { subnet: 'vswitch-c', addresses: ['10.0.2.1'] }))
    const other = valid(vpc('back', { region: 'cn-hangzhou', profileRef: { name: 'alibaba' } }))
    const stranger = valid(instance('d', 'back', ['g'], { addresses: ['10.0.3.1'] }))
    const installation = new Installation(network, other, templated('Custom'), inB, inC, stranger)
    expect(installation.codes(inB)).toEqual([])
    expect(installation.codes(inC)).toEqual([])
    expect(installation.codes(stranger)).toEqual(['OtherVPC'])
    expect(evaluator(installation).connects(inB, inC, tcp(80, '10.0.1.1', '10.0.2.1'))).toBe(true)
  })

  test('"To create a classic network-connected security group, select Classic."', () => {
    const classic: VPC = valid(
      vpc('classic', { region: 'cn-hangzhou', profileRef: { name: 'alibaba' }, networkType: 'Classic' }),
    )
    const web = valid(group('web', 'classic', { template: 'WebServerLinux' }))
    const member = valid(instance('a', 'classic', ['web'], { addresses: ['10.25.4.7'] }))
    const second = valid(
      vpc('second', { region: 'cn-hangzhou', profileRef: { name: 'alibaba' }, networkType: 'Classic' }),
    )
    const installation = new Installation(classic, web, member, second)
    expect([classic, web, member].flatMap((object) => installation.codes(object))).toEqual([])
    expect(installation.codes(second)).toEqual(['ClassicTaken'])
    expect(evaluator(installation).decide(member, 'Ingress', tcp(443, '203.0.113.9', '10.25.4.7'))).toBe(
      'Allow',
    )
  })

  test.each([
    [
      'WebServerLinux',
      '"By default, inbound traffic to TCP 80, TCP 443, TCP 22, and ICMP is allowed."',
      [80, 443, 22],
      [3389],
    ],
    [
      'WebServerWindows',
      '"By default, inbound traffic to port TCP 80, TCP 443, TCP 3389, and ICMP is allowed."',
      [80, 443, 3389],
      [22],
    ],
    ['Custom', '"Not for Web server"', [], [80, 443, 22, 3389]],
  ])('%s: %s', (template, _, open, closed) => {
    const member = ecs('a', ['g'], '10.0.1.1')
    const reference = evaluator(new Installation(network, templated(template), member))
    for (const port of open) expect(reference.decide(member, 'Ingress', tcp(port))).toBe('Allow')
    for (const port of closed) expect(reference.decide(member, 'Ingress', tcp(port))).toBe('Drop')
    expect(reference.decide(member, 'Ingress', ping())).toBe(open.length > 0 ? 'Allow' : 'Drop')
  })

  test('"For a new security group without any rules ... Outbound: Allow. Inbound: Forbid"', () => {
    const member = ecs('a', ['g'], '10.0.1.1')
    const installation = new Installation(network, templated('Custom'), member)
    const reference = evaluator(installation)
    expect(reference.decide(member, 'Egress', tcp(443, '10.0.1.1', '203.0.113.9'))).toBe('Allow')
    expect(reference.decide(member, 'Ingress', tcp(443))).toBe('Drop')
    expect(rulesOf(installation, member).egress.at(-1)).toMatchObject({ action: 'Allow' })
  })

  test('"add security group rules to meet your business needs": priority, accept or drop, intra-group policy', () => {
    const [a, b] = [ecs('a', ['g'], '10.0.1.1'), ecs('b', ['g'], '10.0.1.2')]
    const ruled = (innerAccess: 'Accept' | 'Drop'): SecurityGroup =>
      valid(
        group('g', 'shop', {
          template: 'WebServerLinux',
          innerAccess,
          ingress: [
            { protocol: 'TCP', ports: [22], remote: { cidr: '192.0.2.0/24' }, priority: 1 },
            { protocol: 'TCP', ports: [22], action: 'Drop', priority: 2 },
            { protocol: 'TCP', ports: [443], action: 'Drop', priority: 100 },
          ],
        }),
      )
    const installation = new Installation(network, ruled('Accept'), a, b)
    const inbound = (packet: Packet): string => evaluator(installation).decide(a, 'Ingress', packet)
    // The lower number decides; at equal priority drop does; the template's rules are the last of all.
    expect([tcp(22, '192.0.2.1'), tcp(22), tcp(443), tcp(80)].map(inbound)).toEqual([
      'Allow',
      'Drop',
      'Drop',
      'Allow',
    ])
    // Inner access Accept outranks every rule, Drop is outranked by every rule.
    expect(inbound(tcp(22, '10.0.1.2', '10.0.1.1'))).toBe('Allow')
    installation.declare(ruled('Drop'))
    expect(inbound(tcp(22, '10.0.1.2', '10.0.1.1'))).toBe('Drop')
    expect(inbound(tcp(80, '10.0.1.2', '10.0.1.1'))).toBe('Allow')
  })

  test('"add/remove an instance to/from a security group"', () => {
    const installation = new Installation(network, templated('WebServerLinux'), ecs('a', ['g'], '10.0.1.1'))
    const alone = ecs('a', [], '10.0.1.1')
    const groups = (): readonly string[] => evaluator(installation).groupNames(ecs('a', [], '10.0.1.1'))
    installation.declare(alone)
    expect(installation.codes(alone)).toEqual([])
    expect(groups()).toEqual(['shop-default'])
    const back = ecs('a', ['g'], '10.0.1.1')
    installation.declare(back)
    expect(rulesOf(installation, back).ingress.flatMap(({ sources }) => sources)).toContain(
      'g/template:WebServerLinux/ssh',
    )
  })
})

describe('NHN Cloud', () => {
  const network = valid(vpc('main', { region: 'kr1', profileRef: { name: 'nhn' } }))
  const server = (name: string, groups: readonly string[], address = '10.0.0.1'): Instance =>
    valid(instance(name, 'main', groups, { addresses: [address] }))
  const opening = (name: string, ...ports: readonly number[]): SecurityGroup =>
    valid(
      group(name, 'main', {
        displayName: name.toUpperCase(),
        ingress: ports.map((port) => ({ etherType: 'IPv4' as const, protocol: 'TCP', ports: [port] })),
      }),
    )

  test('"A default security group is created when the service is launched for the first time"', () => {
    const installation = new Installation(network)
    const made = installation.model.group('SecurityGroup/default/main-default')
    expect(made?.node.generated).toBe(true)
    expect(made?.node.object.spec.displayName).toBe('default')
  })

  test('"and additional security groups can be created afterwards"', () => {
    const more = opening('web', 80)
    expect(new Installation(network, more).isAccepted(more)).toBe(true)
  })

  test('"A policy must be added for all traffic sent when the security group was created."', () => {
    const member = server('a', ['new'])
    const installation = new Installation(network, valid(group('new', 'main')), member)
    expect(
      rulesOf(installation, member).egress.map(({ action, etherType, protocol }) => [
        action,
        etherType,
        protocol,
      ]),
    ).toEqual([
      ['Allow', 'IPv4', 'All'],
      ['Allow', 'IPv6', 'All'],
      ['Drop', undefined, 'All'],
    ])
  })

  test('"This policy can be changed or deleted in the Security Group Policy Settings."', () => {
    const member = server('a', ['g'])
    const egress = (
      list: readonly { readonly protocol: string; readonly ports: number[] }[],
    ): readonly string[] => {
      const changed = valid(group('g', 'main', { egress: list }))
      return allowedPorts(rulesOf(new Installation(network, changed, member), member).egress)
    }
    expect(egress([{ protocol: 'TCP', ports: [443] }])).toEqual(['443'])
    expect(egress([])).toEqual([])
  })

  test('"the policy will not apply if the security group is not set for the instance"', () => {
    const member = server('a', [])
    const installation = new Installation(network, opening('web', 80), member)
    expect(evaluator(installation).decide(member, 'Ingress', tcp(80))).toBe('Drop')
  })

  test('"all security policies created in the security group will be applied"', () => {
    const member = server('a', ['many'])
    const installation = new Installation(network, opening('many', 22, 23, 80, 8080), member)
    expect(allowedPorts(rulesOf(installation, member).ingress)).toEqual(['22', '23', '80', '8080'])
  })

  const row = (rule: Parameters<typeof group>[2]): PalisadeObject => valid(group('g', 'main', rule))
  const verdict = (
    rule: Parameters<typeof group>[2],
    direction: 'Ingress' | 'Egress',
    packet: Packet,
  ): string => {
    const member = server('a', ['g'])
    const installation = new Installation(
      network,
      row(rule),
      opening('conn'),
      server('c', ['conn'], '10.0.0.7'),
      member,
    )
    return evaluator(installation).decide(member, direction, packet)
  }

  test('"Ingress means the direction into the instance. Egress means the direction going out of the instance."', () => {
    const out = { egress: [{ protocol: 'TCP', ports: [80] }] }
    expect(verdict(out, 'Egress', tcp(80, '10.0.0.1', '203.0.113.9'))).toBe('Allow')
    expect(verdict(out, 'Ingress', tcp(80))).toBe('Drop')
  })

  test('"It means the version of the EtherType IP. IPv4 or IPv6 can be specified."', () => {
    const six = { ingress: [{ etherType: 'IPv6' as const, protocol: 'TCP', ports: [443] }] }
    expect(verdict(six, 'Ingress', tcp(443, '2001:db8::9', 'fd00::1'))).toBe('Allow')
    expect(verdict(six, 'Ingress', tcp(443))).toBe('Drop')
  })

  test('"Another protocol 0 means \'random\', and it allows all IP protocols."', () => {
    const zero = { ingress: [{ protocol: 0 }] }
    for (const protocol of [0, 6, 47, 255]) {
      expect(verdict(zero, 'Ingress', { from: '203.0.113.9', to: '10.0.0.1', protocol })).toBe('Allow')
    }
    const vrrp = { ingress: [{ protocol: 112 }] }
    expect(verdict(vrrp, 'Ingress', { from: '203.0.113.9', to: '10.0.0.1', protocol: 112 })).toBe('Allow')
    expect(verdict(vrrp, 'Ingress', tcp(80))).toBe('Drop')
  })

  test('"For L4 protocol, the port range can be specified."', () => {
    const range = { ingress: [{ protocol: 'TCP', ports: ['5000-5010'] }] }
    const verdicts = [4999, 5000, 5010, 5011].map((port) => verdict(range, 'Ingress', tcp(port)))
    expect(verdicts).toEqual(['Drop', 'Allow', 'Allow', 'Drop'])
    expect(() => row({ ingress: [{ protocol: 'GRE', ports: [22] }] })).toThrow(
      'ports need one of the protocols',
    )
  })

  test('"If the security group is specified, it compares if it is the IP of an instance which belongs to the specific security group."', () => {
    const remote = {
      ingress: [{ protocol: 'TCP', ports: [5432], remote: { securityGroupRef: { name: 'conn' } } }],
    }
    expect(verdict(remote, 'Ingress', tcp(5432, '10.0.0.7'))).toBe('Allow')
    expect(verdict(remote, 'Ingress', tcp(5432, '10.0.0.8'))).toBe('Drop')
  })

  test('"If the CIDR was selected ... it compares if it is the set IP address or range."', () => {
    const remote = { ingress: [{ protocol: 'TCP', ports: [22], remote: { cidr: '203.0.113.0/24' } }] }
    expect(verdict(remote, 'Ingress', tcp(22, '203.0.113.255'))).toBe('Allow')
    expect(verdict(remote, 'Ingress', tcp(22, '203.0.114.0'))).toBe('Drop')
  })

  test('"You can add description for security group policies."', () => {
    const described = row({ ingress: [{ description: 'Metrics', protocol: 'TCP', ports: [9100] }] })
    expect(new Installation(network, described).codes(described)).toEqual([])
  })

  test("\"setting two security groups ('CONN', 'WEB') to a single instance will apply all four policies\"", () => {
    const member = server('a', ['conn', 'web'])
    const installation = new Installation(network, opening('conn', 22, 23), opening('web', 80, 8080), member)
    const { ingress } = rulesOf(installation, member)
    expect(ingress).toHaveLength(5)
    expect(allowedPorts(ingress)).toEqual(['22', '23', '80', '8080'])
    expect([...new Set(ingress.flatMap(({ sources }) => sources))]).toEqual([
      'conn/r0',
      'conn/r1',
      'web/r0',
      'web/r1',
      'profile:nhn/implicit',
    ])
  })

  test('"The security groups that were applied to the instance can be changed"', () => {
    const both = [opening('conn', 22), opening('web', 80)]
    const installation = new Installation(network, ...both, server('a', ['conn', 'web']))
    const changed = server('a', ['web'])
    installation.declare(changed)
    expect(allowedPorts(rulesOf(installation, changed).ingress)).toEqual(['80'])
  })

  test('"The identical security group can be applied to a number of instances."', () => {
    const members = [server('a', ['web']), server('b', ['web'], '10.0.0.2')]
    const installation = new Installation(network, opening('web', 80), ...members)
    const sets = members.map((member) => installation.model.instanceRuleset(keyOf(member))?.ruleSet)
    expect(sets[0]).toBeDefined()
    expect(sets[1]).toBe(sets[0])
  })
})
