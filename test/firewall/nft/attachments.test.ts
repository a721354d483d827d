import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FirewallError, type Faults, type Firewall } from '../../../src/firewall/firewall.ts'
import type { EffectiveRule } from '../../../src/api/types.gen.ts'
import type { InstanceRuleset } from '../../../src/policy/ruleset.ts'
import { whatIsMissing } from './network.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, Shop } from './shop.ts'

const missing = whatIsMissing()

const PING = allow({ protocol: 'ICMP' })
const A = instanceOn('a', { ingress: [EVERYTHING], egress: [EVERYTHING] })
const B = instanceOn('b', { ingress: [PING], egress: [EVERYTHING] })

describe.skipIf(missing !== undefined)(`where instances are attached ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  let bells: number
  beforeEach(async () => {
    shop = await Shop.open()
    firewall = shop.firewall()
    bells = 0
  }, 60_000)
  let stop = (): void => undefined
  afterEach(async () => {
    stop()
    stop = (): void => undefined
    await shop.close()
  })

  const watch = (): void => {
    stop = firewall.watch(() => {
      bells += 1
    })
  }

  /** Until the firewall was rung for after this. */
  async function rung(change: () => unknown): Promise<void> {
    // What was started to listen does not say when it does.
    await new Promise((resolve) => setTimeout(resolve, 500))
    await firewall.repair().catch(() => undefined)
    const before = bells
    await change()
    const until = Date.now() + 10_000
    while (bells === before && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(bells).toBeGreaterThan(before)
  }

  async function failure(attempt: Promise<unknown>): Promise<{ message: string; faults: Faults }> {
    try {
      await attempt
    } catch (error) {
      if (error instanceof FirewallError && error.faults) {
        return { message: error.message, faults: error.faults }
      }
      throw error
    }
    throw new Error('it did not fail')
  }

  const ping = (): boolean => shop.network.try('a', `ping -c 1 -W 0.5 ${MACHINES.b.four}`).status === 0
  const sh = (script: string): string => shop.network.sh('shop', script)

  test('a port of a bridge is refused, and taken when it is none any more', async () => {
    sh('ip link add up0 type bridge && ip link set up0 up')
    sh('ip link set palb master up0')
    const { message, faults } = await failure(shop.program(firewall, [A, B]))
    expect([...faults.keys()]).toEqual(['Instance/shop/b'])
    expect(message).toBe(
      `Instance shop/b is not enforced: interface palb (spec.attachment.interface) is part of bridge up0, so its packets do not pass the rules: take it out of there (ip link set palb nomaster)`,
    )
    expect(shop.table()).toContain('"pala" : jump')
    expect(shop.table()).not.toContain('"palb" : jump')
    expect(shop.table()).toMatch(/set ports \{[^}]*"palb"/)
    // A start finds the same.
    expect([...(await shop.firewall().read()).instances.keys()]).toEqual(['Instance/shop/a'])
    sh('ip link set palb nomaster')
    await shop.program(firewall, [A, B])
    expect(shop.table()).toContain('"palb" : jump')
  })

  test('a port that becomes part of a bridge is noticed', async () => {
    await shop.program(firewall, [A, B])
    watch()
    await rung(() => sh('ip link add up0 type bridge && ip link set palb master up0'))
    const { faults } = await failure(firewall.repair())
    expect(faults.get('Instance/shop/b')).toContain('is part of bridge up0')
    await rung(() => sh('ip link set palb nomaster'))
    expect(await firewall.repair()).toEqual([])
    expect(shop.table()).toContain('"palb" : jump')
  })

  test('an interface that is renamed away stays closed under its other name', async () => {
    const closed = instanceOn('b', {})
    await shop.program(firewall, [A, closed])
    watch()
    expect(ping()).toBe(false)
    await rung(() => sh('ip link set palb down; ip link set palb name other; ip link set other up'))
    const { faults } = await failure(firewall.repair())
    expect(faults).toEqual(
      new Map([
        [
          'Instance/shop/b',
          'interface palb (spec.attachment.interface) is now called other, which stays closed: name it palb again',
        ],
      ]),
    )
    sh(`ip route replace ${MACHINES.b.four}/32 dev other; ip addr replace 169.254.1.1/32 dev other`)
    expect(ping()).toBe(false)
    await rung(() => sh('ip link set other down; ip link set other name palb; ip link set palb up'))
    await firewall.repair()
    expect(shop.table()).toContain('"palb" : jump')
  })

  const at = (port: string) => ({ nodeName: 'host-a', netns: 'shop', interface: port })
  /** b is behind an interface without the prefix of ports: nothing closes it but what is declared. */
  const named = (port: string): InstanceRuleset => ({ ...instanceOn('b', {}), attachment: at(port) })
  const rename = (): string =>
    sh(
      `ip link set palb down; ip link set palb name eth-b; ip link set eth-b up
       ip route replace ${MACHINES.b.four}/32 dev eth-b; ip addr replace 169.254.1.1/32 dev eth-b`,
    )

  test.each([
    ['DCCP', 'nf_conntrack_dccp_timeout_open'],
    ['SCTP', 'nf_conntrack_sctp_timeout_established'],
  ])('ports of %s are refused where the kernel does not track them', async (protocol, setting) => {
    const isTracked = shop.network.try('shop', `test -e /proc/sys/net/netfilter/${setting}`).status === 0
    const refused = isTracked ? [] : ['Instance/shop/b']
    const faultsOf = async (...ingress: readonly EffectiveRule[]): Promise<readonly string[]> => {
      const programmed = shop.program(firewall, [A, instanceOn('b', { ingress: [PING, ...ingress] })])
      const faults = await programmed.then(
        () => new Map<string, string>(),
        async () => (await failure(firewall.repair())).faults,
      )
      return [...faults.keys()]
    }
    const drop = allow({ action: 'Drop', protocol, ports: ['5001'] })
    expect(await faultsOf(allow({ protocol, ports: ['5001'] }))).toEqual(refused)
    expect(ping()).toBe(isTracked)
    expect(await faultsOf(drop, allow({ protocol: 'TCP' }))).toEqual([])
    expect(ping()).toBe(true)
    expect(await faultsOf(drop, EVERYTHING)).toEqual(refused)
    expect(await faultsOf(allow({ protocol }))).toEqual([])
  })

  test.each([
    ['with ports', ['5001']],
    ['without ports', undefined],
  ])(
    'UDP-Lite %s is refused while the kernel compares its checksums, and passes otherwise',
    async (_, ports) => {
      const compare = (value: 0 | 1): string =>
        sh(`echo ${value} > /proc/sys/net/netfilter/nf_conntrack_checksum`)
      compare(1)
      const lite = allow({ protocol: 'UDP-Lite', ...(ports && { ports }) })
      const asking = instanceOn('b', { ingress: [PING, lite] })
      const { message, faults } = await failure(shop.program(firewall, [A, asking]))
      expect([...faults.keys()]).toEqual(['Instance/shop/b'])
      expect(message).toBe(
        'Instance shop/b is not enforced: rule web/rule allows UDP-Lite, whose checksums the kernel takes for wrong, so that none of it would pass: let it compare none (sysctl -w net.netfilter.nf_conntrack_checksum=0 in network namespace shop), or leave the rule out',
      )
      expect(ping()).toBe(false)
      compare(0)
      await shop.program(firewall, [A, asking])
      expect(ping()).toBe(true)
      expect(await answersByUdpLite('four')).toBe(true)
      expect(await answersByUdpLite('six')).toBe(true)
    },
  )

  test('who allows every protocol is not refused for the sake of UDP-Lite', async () => {
    await shop.program(firewall, [A, instanceOn('b', { ingress: [EVERYTHING] })])
    expect(ping()).toBe(true)
  })

  /** Whether a machine that waits for a datagram of UDP-Lite gets one, and is heard. */
  async function answersByUdpLite(family: 'four' | 'six'): Promise<boolean> {
    const number = family === 'four' ? '' : '6'
    const perl = (script: string): readonly string[] => [
      ...['perl', '-MSocket=:all', '-e'],
      `alarm 5; $| = 1; socket(S, AF_INET${number}, SOCK_DGRAM, 136) or die $!;
       $b = pack_sockaddr_in${number}(5001, inet_pton(AF_INET${number}, "${MACHINES.b[family]}")); ${script}`,
    ]
    const [program, ...words] = shop.network.enter('b')
    const answering =
      'bind(S, $b) or die $!; print "waits\\n"; $a = recv(S, $_, 9, 0); send(S, "answer", 0, $a)'
    const waiting = spawn(program, [...words, ...perl(answering)], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(waiting.stdout, 'data')
    const [asker, ...way] = shop.network.enter('a')
    const asking = perl('send(S, "question", 0, $b); recv(S, $_, 9, 0); print')
    const { stdout } = spawnSync(asker, [...way, ...asking], { encoding: 'utf8' })
    waiting.kill()
    return stdout === 'answer'
  }

  test('an interface that is meant by another of its names is refused, and closed', async () => {
    rename()
    sh('ip link property add dev eth-b altname inst-b')
    const { message, faults } = await failure(shop.program(firewall, [A, named('inst-b')]))
    expect([...faults.keys()]).toEqual(['Instance/shop/b'])
    expect(message).toBe(
      'Instance shop/b is not enforced: interface inst-b (spec.attachment.interface) is only another name of eth-b, under which its packets come: attach the instance to eth-b',
    )
    expect(ping()).toBe(false)
    expect(shop.table()).toMatch(/set ports \{[^}]*"eth-b"/)
    await shop.program(firewall, [A, { ...B, attachment: at('eth-b') }])
    expect(ping()).toBe(true)
  })

  test('who is attached to an interface by its own name keeps it', async () => {
    sh('ip link property add dev palb altname inst-b')
    const other: InstanceRuleset = {
      ...named('inst-b'),
      instance: 'Instance/shop/c',
      addresses: ['10.0.1.12'],
    }
    const { faults } = await failure(shop.program(firewall, [A, B, other]))
    expect([...faults.keys()]).toEqual(['Instance/shop/c'])
    expect(ping()).toBe(true)
  })

  test('an interface that is given the name of an attachment besides its own is noticed', async () => {
    rename()
    await shop.program(firewall, [A, named('inst-b')])
    watch()
    expect(ping()).toBe(true)
    await rung(() => sh('ip link property add dev eth-b altname inst-b'))
    const { faults } = await failure(firewall.repair())
    expect([...faults.keys()]).toEqual(['Instance/shop/b'])
    expect(ping()).toBe(false)
  })

  test('an interface that disappears and returns meets its rules again', async () => {
    await shop.program(firewall, [A, B])
    expect(ping()).toBe(true)
    watch()
    sh('ip link del palb')
    await firewall.repair()
    expect(shop.table()).toContain('"palb" : jump')
    shop.plug('b')
    expect(ping()).toBe(true)
    await shop.program(firewall, [A, instanceOn('b', {})])
    expect(ping()).toBe(false)
  })

  test('a namespace that is deleted is told of, and has its table when it returns', async () => {
    await shop.program(firewall, [A, B])
    watch()
    await rung(() => shop.network.drop('shop'))
    const { message, faults } = await failure(firewall.repair())
    expect(message).toBe(
      'there is no network namespace shop, which Instance shop/a and 1 more is attached to',
    )
    expect([...faults.keys()]).toEqual(['Instance/shop/a', 'Instance/shop/b'])
    expect(faults.get('Instance/shop/b')).toContain(
      'there is no network namespace shop (spec.attachment.netns)',
    )
    await rung(() => shop.network.add('shop'))
    await firewall.repair()
    expect(shop.table()).toContain('"palb" : jump')
  })

  test('a namespace that fails keeps neither another one nor its remotes from being programmed', async () => {
    const members = new Map([['SecurityGroup/shop/friends', [`${MACHINES.a.four}/32`]]])
    const friends = allow({ protocol: 'ICMP', remote: { securityGroup: 'friends' } })
    const here = instanceOn('b', { ingress: [friends] })
    const there: InstanceRuleset = {
      ...instanceOn('b', { ingress: [friends] }),
      instance: 'Instance/shop/c',
      addresses: ['10.0.1.12'],
      attachment: { nodeName: 'host-a', netns: 'annex', interface: 'palc' },
    }
    const { message, faults } = await failure(shop.program(firewall, [A, here, there], members))
    expect(message).toBe('there is no network namespace annex, which Instance shop/c is attached to')
    expect([...faults.keys()]).toEqual(['Instance/shop/c'])
    expect(ping()).toBe(true)
    const recorded = await shop.record.read()
    expect([...recorded.instances.keys()]).toEqual(['Instance/shop/a', 'Instance/shop/b'])
    expect(recorded.remotes).toEqual(members)
    // The next change of the other namespace goes through, and so does the first one once there is a namespace.
    await failure(
      firewall.apply({ put: [], remove: ['Instance/shop/a'], putRemotes: new Map(), removeRemotes: [] }),
    )
    expect(shop.table()).not.toContain('"pala" : jump')
    await shop.network.add('annex')
    await firewall.repair()
    expect([...(await shop.record.read()).instances.keys()]).toEqual(['Instance/shop/b', 'Instance/shop/c'])
    expect(shop.network.sh('annex', 'nft list table inet palisade')).toContain('"palc" : jump')
  })

  test('two VPCs that use the same address are not mixed in one namespace', async () => {
    const other: InstanceRuleset = { ...B, vpc: 'VPC/shop/other', addresses: [MACHINES.a.four] }
    const { message, faults } = await failure(shop.program(firewall, [A, other]))
    expect(message).toBe(
      'Instance shop/b is not enforced: it cannot be attached to network namespace shop (spec.attachment): its VPC shop/other has the address 10.0.1.10 as VPC shop/shop does, whose instances are there: give each VPC a network namespace of its own',
    )
    expect([...faults.keys()]).toEqual(['Instance/shop/b'])
    expect(shop.table()).not.toContain('"palb" : jump')
    await shop.program(firewall, [A, { ...other, addresses: [MACHINES.b.four] }])
    expect(shop.table()).toContain('"palb" : jump')
    // A member of a group of one VPC, wherever it is, passes for the instance of the other.
    const rules = { ingress: [allow({ remote: { securityGroup: 'friends' } })] }
    const members = new Map([['SecurityGroup/shop/friends', [`${MACHINES.b.four}/32`]]])
    const mixed = await failure(
      shop.program(firewall, [instanceOn('a', rules), { ...other, addresses: [MACHINES.b.four] }], members),
    )
    expect(mixed.message).toContain('has the address 10.0.1.11 as')
  })
})
