import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { EffectiveRule } from '../../../src/api/types.gen.ts'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { memoryFirewall } from '../../../src/firewall/memory.ts'
import { knownTablesInMemory } from '../../../src/firewall/nft/known-tables.ts'
import { isRevoked } from '../../../src/firewall/nft/mark.ts'
import { nftFirewall } from '../../../src/firewall/nft/nft.ts'
import { diffRulesets } from '../../../src/policy/ruleset-change.ts'
import type { InstanceRuleset } from '../../../src/policy/ruleset.ts'
import { datagram } from './datagram.ts'
import { TestNetwork, whatIsMissing } from './network.ts'
import { Peer } from './peer.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, TCP_80, type Rules } from './shop.ts'

const missing = whatIsMissing()

const HOST = { four: '192.0.2.1', six: 'fd00:99::1' } as const
const OTHER = { four: '192.0.2.2', six: 'fd00:99::2' } as const
const FAMILIES = ['four', 'six'] as const
const SSH = 22

const UDP_53 = allow({ protocol: 'UDP', ports: ['53'] })
const ICMP = allow({ protocol: 'ICMP' })
const ICMPV6 = allow({ protocol: 'ICMPv6' })

describe.skipIf(missing !== undefined)(`an instance that is this host ${missing ?? ''}`, () => {
  let network: TestNetwork
  let firewall: Firewall
  const record = memoryFirewall()
  let host: Peer
  let other: Peer
  let number = 0
  let id: string
  beforeAll(async () => {
    network = await TestNetwork.open()
    await network.add('other', 'a')
    network.sh(undefined, 'ip link set lo up; echo 1 > /proc/sys/net/ipv4/ip_forward')
    network.connect(undefined, 'eth0', 'other', 'eth0')
    for (const [netns, { four, six }] of [
      [undefined, HOST],
      ['other', OTHER],
    ] as const) {
      network.sh(netns, `ip addr add ${four}/24 dev eth0; ip -6 addr add ${six}/64 dev eth0 nodad`)
    }
    ;[host, other] = await Promise.all([Peer.start(network, undefined), Peer.start(network, 'other')])
    for (const peer of [host, other]) {
      for (const port of [SSH, 80]) await peer.ask('tcp-serve', port)
      await peer.ask('udp-serve', 53)
    }
    firewall = nftFirewall({
      record,
      tables: knownTablesInMemory(),
      executor: network.executor(),
      now: () => new Date('2026-01-02T03:04:05Z'),
      warn: (sentence) => {
        throw new Error(sentence)
      },
    })
  }, 60_000)
  afterAll(async () => {
    await Promise.all([host.stop(), other.stop()])
    await network.close()
  })
  beforeEach(() => {
    number += 1
    id = `c${String(number)}`
  })

  const program = async (...instances: readonly InstanceRuleset[]): Promise<void> => {
    const desired = { instances: new Map(instances.map((one) => [one.instance, one])), remotes: new Map() }
    await firewall.apply(diffRulesets(await record.read(), desired))
  }
  const hostWith = (rules: Rules, changes: Partial<InstanceRuleset> = {}): InstanceRuleset => {
    const { mac: _mac, ...bare } = instanceOn('a', rules, {
      instance: 'Instance/shop/host',
      addresses: [HOST.four, HOST.six],
      attachment: { nodeName: 'host-a', host: true },
      ...changes,
    })
    return bare
  }
  const rules = (ingress: readonly EffectiveRule[], egress: readonly EffectiveRule[] = []): Promise<void> =>
    program(hostWith({ ingress, egress }))
  const ping = (netns: string | undefined, address: string): boolean =>
    network.try(netns, `ping -c 1 -W 1 ${address}`).status === 0

  test.each(FAMILIES)('is reached on what its ingress allows, and on nothing else: IP%s', async (family) => {
    await rules([TCP_80, UDP_53])
    expect(await other.ask('tcp-open', id, HOST[family], 80)).toBe('open')
    expect(await other.ask('udp-echo', id, HOST[family], 53)).toBe('echo')
    expect(await other.ask('tcp-open', `${id}-ssh`, HOST[family], SSH)).toBe('silent')
    expect(ping('other', HOST[family])).toBe(false)
    await rules([ICMP, ICMPV6])
    expect(ping('other', HOST[family])).toBe(true)
    expect(await other.ask('udp-echo', `${id}-new`, HOST[family], 53)).toBe('silent')
  })

  test('takes an address from a server of each family, and nothing of the kind in the other family', async () => {
    await rules([])
    network.sh(
      undefined,
      `nft 'table inet watch { chain c { type filter hook input priority 300; udp dport { 68, 546 } counter; }; }'`,
    )
    onTestFinished(() => {
      network.sh(undefined, 'nft delete table inet watch')
    })
    const seen = (): number =>
      Number(/packets (\d+)/.exec(network.sh(undefined, 'nft list table inet watch'))?.[1])
    network.sh('other', datagram(547, 546, HOST.four))
    network.sh('other', datagram(67, 68, HOST.six))
    expect(seen()).toBe(0)
    network.sh('other', datagram(67, 68, HOST.four))
    network.sh('other', datagram(547, 546, HOST.six))
    expect(seen()).toBe(2)
  })

  test.each(FAMILIES)('reaches what its egress allows, and nothing else: IP%s', async (family) => {
    await rules([], [TCP_80])
    expect(await host.ask('tcp-open', id, OTHER[family], 80)).toBe('open')
    // What comes back needs no rule.
    expect(await host.ask('tcp-echo', id)).toBe('echo')
    expect(await host.ask('tcp-open', `${id}-ssh`, OTHER[family], SSH)).not.toBe('open')
    expect(await host.ask('udp-echo', id, OTHER[family], 53)).not.toBe('echo')
    expect(ping(undefined, OTHER[family])).toBe(false)
  })

  test.each(FAMILIES)('has its open connections cut with their rule, both ways: IP%s', async (family) => {
    await rules([TCP_80, UDP_53], [TCP_80, UDP_53])
    for (const [peer, to] of [
      [other, HOST],
      [host, OTHER],
    ] as const) {
      expect(await peer.ask('tcp-open', id, to[family], 80)).toBe('open')
      expect(await peer.ask('udp-echo', id, to[family], 53)).toBe('echo')
    }
    await rules([UDP_53], [UDP_53])
    for (const [peer, to] of [
      [other, HOST],
      [host, OTHER],
    ] as const) {
      expect(await peer.ask('tcp-echo', id)).toBe('silent')
      expect(await peer.ask('udp-echo', id, to[family], 53)).toBe('echo')
    }
  })

  test.each([
    ['a declared one', HOST.four, true],
    ['one that is not declared', '192.0.2.77', true],
    ['one of a whole prefix that is its own', '203.0.113.9', true],
    ['its own, from itself', '127.0.0.53', false],
  ])('has those cut whose opener is silent, to any address that it has: %s', async (_which, to, isCut) => {
    network.sh(undefined, 'ip addr add 192.0.2.77/24 dev eth0; ip route add local 203.0.113.0/24 dev lo')
    onTestFinished(() => {
      network.sh(undefined, 'ip addr del 192.0.2.77/24 dev eth0; ip route del local 203.0.113.0/24 dev lo')
    })
    await rules([UDP_53, TCP_80])
    const from = isCut ? OTHER.four : '127.0.0.1'
    const words = `-s ${from} -d ${to} -r ${to} -q ${from} --sport 4000 --dport 53 --reply-port-src 53`
    network.sh(undefined, `conntrack -A -p udp ${words} --reply-port-dst 4000 -t 100 -m 256 2>/dev/null`)
    await rules([TCP_80])
    // Others between the same two, of tests before, may still be there.
    const list = network.sh(undefined, `conntrack -L -p udp -s ${from} -d ${to} --sport 4000 2>/dev/null`)
    expect(isRevoked(Number(/ mark=(\d+)/.exec(list)?.[1]))).toBe(isCut)
  })

  test('goes on to give addresses to a port, which needs no rule for that', async () => {
    const port = { nodeName: 'host-a', interface: 'pala' }
    const to = MACHINES.a.four
    const edit = (ingress: readonly EffectiveRule[]): Promise<void> =>
      program(instanceOn('a', {}, { attachment: port }), hostWith({ ingress, egress: [EVERYTHING] }))
    await edit([UDP_53, TCP_80])
    const words = `-s ${HOST.four} -d ${to} -r ${to} -q ${HOST.four} --sport 67 --dport 68 --reply-port-src 68`
    network.sh(undefined, `conntrack -A -p udp ${words} --reply-port-dst 67 -t 100 -m 256 2>/dev/null`)
    await edit([UDP_53])
    const list = network.sh(undefined, `conntrack -L -p udp -s ${HOST.four} -d ${to} --sport 67 2>/dev/null`)
    expect(isRevoked(Number(/ mark=(\d+)/.exec(list)?.[1]))).toBe(false)
  })

  test('keeps them where its profile says so', async () => {
    await program(hostWith({ ingress: [TCP_80] }, { established: 'Keep' }))
    expect(await other.ask('tcp-open', id, HOST.four, 80)).toBe('open')
    await program(hostWith({}, { established: 'Keep' }))
    expect(await other.ask('tcp-echo', id)).toBe('echo')
    expect(await other.ask('tcp-open', `${id}-new`, HOST.four, 80)).toBe('silent')
  })

  test('nothing is kept open for whoever administers it: SSH is closed like any port, and cut', async () => {
    await rules([allow({ protocol: 'TCP', ports: [String(SSH)] })])
    expect(await other.ask('tcp-open', id, HOST.four, SSH)).toBe('open')
    await rules([])
    expect(await other.ask('tcp-echo', id)).toBe('silent')
    expect(await other.ask('tcp-open', `${id}-new`, HOST.four, SSH)).toBe('silent')
  })

  test('talks to itself without rules', async () => {
    await rules([])
    for (const address of ['127.0.0.1', '::1', HOST.four, HOST.six]) {
      expect(await host.ask('tcp-open', `${id}-${address}`, address, 80)).toBe('open')
    }
  })

  test('finds its neighbours, and is found, without rules', async () => {
    const flush = 'ip neigh flush dev eth0; ip -6 neigh flush dev eth0'
    network.sh(undefined, flush)
    network.sh('other', flush)
    await rules([])
    for (const family of FAMILIES) ping('other', HOST[family])
    const neighbours = network.sh('other', 'ip neigh show dev eth0')
    for (const family of FAMILIES) expect(neighbours).toMatch(new RegExp(`${HOST[family]} lladdr `))
  })

  test('learns of the errors of connections that it may open', async () => {
    await rules([], [allow({ protocol: 'UDP' })])
    // Nobody listens: the refusal is an ICMP error, for which there is no rule.
    const closed = `node -e 'const s = require("dgram").createSocket("udp4"); s.connect(9999, "${OTHER.four}", () => { s.send("x"); s.on("error", (e) => { console.log(e.code); process.exit() }); setTimeout(process.exit, 2000) })'`
    expect(network.sh(undefined, closed)).toContain('ECONNREFUSED')
  })

  test('a port beside it needs the rules of both', async () => {
    network.connect(undefined, MACHINES.a.interface, 'a', 'eth0')
    network.sh(undefined, `ip addr add 169.254.1.1/32 dev pala; ip route add ${MACHINES.a.four}/32 dev pala`)
    network.sh(
      'a',
      `ip link set eth0 address ${MACHINES.a.mac}; ip addr add ${MACHINES.a.four}/32 dev eth0
       ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1 dev eth0`,
    )
    const a = await Peer.start(network, 'a')
    const machine = (egress: readonly EffectiveRule[]): InstanceRuleset =>
      instanceOn('a', { egress }, { attachment: { nodeName: 'host-a', interface: 'pala' } })
    for (const [egress, ingress, outcome] of [
      [[EVERYTHING], [TCP_80], 'open'],
      [[], [TCP_80], 'silent'],
      [[EVERYTHING], [], 'silent'],
    ] as const) {
      await program(machine(egress), hostWith({ ingress }))
      expect(await a.ask('tcp-open', `${id}-${outcome}`, HOST.four, 80)).toBe(outcome)
    }
    await a.stop()
  })

  test('counts what its rules decide', async () => {
    await rules([UDP_53, TCP_80])
    const hits = async (): Promise<readonly (number | undefined)[]> =>
      (await firewall.counters())[0]?.ingress.map(({ packets }) => packets) ?? []
    const before = await hits()
    await other.ask('udp-echo', id, HOST.four, 53)
    expect(await hits()).toEqual([(before[0] ?? 0) + 1, before[1], before[2]])
  })

  test('that is declared no more leaves the host as it was without', async () => {
    await rules([])
    expect(await other.ask('tcp-open', id, HOST.four, SSH)).toBe('silent')
    await program()
    expect(await other.ask('tcp-open', `${id}-new`, HOST.four, SSH)).toBe('open')
  })
})
