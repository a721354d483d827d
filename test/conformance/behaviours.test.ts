import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import { attachedToLab, topologyOf } from '../../src/lab/topology.ts'
import { portName } from '../../src/lab/names.ts'
import { datagram } from '../firewall/nft/datagram.ts'
import { whatIsMissing } from '../firewall/nft/network.ts'
import { Field, type Shot } from '../lab/field.ts'
import { buildProber } from '../lab/prober-program.ts'
import { Installation } from '../policy/installation.ts'
import { group, instance, vpc, type Unnamed } from '../reference/objects.ts'
import type { Rule } from '../../src/api/types.gen.ts'

/**
 * What OpenStack Neutron's functional tests ask of a firewall driver
 * (neutron/tests/functional/agent/test_firewall.py), with real packets. Each test is one small network.
 */

const missing = whatIsMissing()

type Rules = readonly Unnamed<Rule>[]

const A = 'Instance/default/a'
const B = 'Instance/default/b'
const C = 'Instance/default/c'

const ADDRESSES: Readonly<Record<string, readonly [string, string]>> = {
  [A]: ['10.0.0.10', 'fd00::10'],
  [B]: ['10.0.0.11', 'fd00::11'],
  [C]: ['10.0.0.12', 'fd00::12'],
}

/** a and c may send anything; what reaches b is what `ingress` says. */
function shop(ingress: Rules, egress: Rules = []): PalisadeObject[] {
  const machine = (key: string, groups: readonly string[]): PalisadeObject =>
    instance(key.split('/')[2] ?? '', 'shop', groups, {
      addresses: [...(ADDRESSES[key] ?? [])],
    })
  return [
    vpc('shop', {
      cidrs: ['10.0.0.0/24', 'fd00::/64'],
      subnets: [{ name: 'one', cidr: '10.0.0.0/24' }],
    }),
    group('client', 'shop', { ingress: [], egress: [{}] }),
    group('server', 'shop', { ingress, egress }),
    machine(A, ['client']),
    machine(B, ['server']),
    machine(C, ['client']),
  ]
}

describe.skipIf(missing !== undefined)(`a network with rules ${missing ?? ''}`, () => {
  let prober: Awaited<ReturnType<typeof buildProber>>
  beforeAll(async () => {
    prober = await buildProber()
  })
  afterAll(() => prober.remove())

  async function network(
    objects: readonly PalisadeObject[],
  ): Promise<{ field: Field; installation: Installation }> {
    const installation = new Installation(...objects.map(attachedToLab))
    const field = await Field.open(topologyOf(installation.model), prober.program)
    onTestFinished(() => field.close())
    await field.enforce(installation.model)
    return { field, installation }
  }

  /** Sends all of them; an answer that is due may take its time on a machine that is busy. */
  async function expectAnswers(field: Field, shots: readonly Shot[], due: readonly boolean[]): Promise<void> {
    const first = await field.send(shots, 300)
    const late = shots.filter((_, index) => due[index] === true && first[index] !== 'Answered')
    const second = await field.send(late, 5000)
    const isAnswered = (shot: Shot, index: number): boolean =>
      first[index] === 'Answered' || second[late.indexOf(shot)] === 'Answered'
    expect(shots.map(isAnswered)).toEqual(due)
  }

  /** Packets to b over both families, to ports in turn. */
  const toB = (protocol: 'TCP' | 'UDP', ports: readonly number[], by = A): readonly Shot[] =>
    ports.flatMap((port) => [0, 1].map((family) => shot(by, B, family, { protocol, port })))

  function shot(by: string, to: string, family: number, rest: Omit<Shot, 'by' | 'from' | 'to'>): Shot {
    return {
      by,
      from: ADDRESSES[by]?.[family] ?? '',
      to: ADDRESSES[to]?.[family] ?? '',
      ...rest,
    }
  }

  test.each(['TCP', 'UDP'] as const)(
    'lets %s in on a range of ports, and not on the ports beside it',
    async (protocol) => {
      const { field } = await network(shop([{ protocol, ports: ['80-82'] }]))
      await expectAnswers(field, toB(protocol, [80, 81, 82]), [true, true, true, true, true, true])
      await expectAnswers(field, toB(protocol, [79, 83]), [false, false, false, false])
    },
  )

  test('judges source ports', async () => {
    const { field } = await network(shop([{ protocol: 'UDP', sourcePorts: ['4000-4001'] }]))
    const from = (sourcePort: number): Shot => shot(A, B, 0, { protocol: 'UDP', port: 53, sourcePort })
    await expectAnswers(field, [3999, 4000, 4001, 4002].map(from), [false, true, true, false])
  })

  test('lets echo requests in by their type, in each family by its own rule', async () => {
    const echo = (family: number): Shot => shot(A, B, family, { protocol: family === 0 ? 'ICMP' : 'ICMPv6' })
    const { field, installation } = await network(shop([{ protocol: 'ICMP', icmp: { type: 8 } }]))
    await expectAnswers(field, [echo(0), echo(1)], [true, false])
    installation.declare(
      group('server', 'shop', {
        ingress: [{ protocol: 'ICMPv6', icmp: { type: 128 } }],
      }),
    )
    await field.enforce(installation.model)
    await expectAnswers(field, [echo(0), echo(1)], [false, true])
  })

  test('lets in the members of a remote group, and who joins it', async () => {
    const { field, installation } = await network(
      shop([
        {
          protocol: 'TCP',
          ports: [22],
          remote: { securityGroupRef: { name: 'friends' } },
        },
      ]).concat(group('friends', 'shop', { ingress: [], egress: [{}] })),
    )
    await expectAnswers(field, toB('TCP', [22]), [false, false])
    const joined = instance('a', 'shop', ['friends'], {
      addresses: ['10.0.0.10', 'fd00::10'],
    })
    installation.declare(attachedToLab(joined))
    await field.enforce(installation.model)
    await expectAnswers(field, toB('TCP', [22]), [true, true])
    await expectAnswers(field, toB('TCP', [22], C), [false, false])
  })

  test('answers come back though no rule lets them in', async () => {
    const { field } = await network(shop([{ protocol: 'TCP' }]))
    // b may open nothing itself, and answers a.
    await expectAnswers(field, toB('TCP', [1, 65_535]), [true, true, true, true])
    await expectAnswers(field, [shot(B, A, 0, { protocol: 'TCP', port: 80 })], [false])
  })

  test('lets out what egress allows, to that destination only', async () => {
    const { field } = await network(
      shop([], [{ protocol: 'UDP', ports: [53], remote: { cidr: '192.0.2.53/32' } }]),
    )
    const ask = (to: string, port: number): Shot => ({
      by: B,
      from: '10.0.0.11',
      to,
      protocol: 'UDP',
      port,
    })
    const shots = [ask('192.0.2.53', 53), ask('192.0.2.53', 54), ask('192.0.2.54', 53)]
    await expectAnswers(field, shots, [true, false, false])
  })

  test('drops packets under the address of another, over IPv4 and IPv6', async () => {
    const { field } = await network(shop([{ protocol: 'UDP' }]))
    // c's addresses on a: the router would send the answers to c, so b's counter tells what came.
    await field.sh(A, 'ip addr add 10.0.0.12/32 dev eth0; ip -6 addr add fd00::12/128 dev eth0 nodad')
    await watch(field, B, 'udp dport 9')
    const forged = [0, 1].map((family) => ({
      ...shot(C, B, family, { protocol: 'UDP' as const, port: 9 }),
      by: A,
    }))
    await field.send(forged, 200)
    expect(await seen(field, B)).toBe(0)
    await field.send(
      [0, 1].map((family) => shot(C, B, family, { protocol: 'UDP', port: 9 })),
      200,
    )
    expect(await seen(field, B)).toBe(2)
  })

  test('drops packets under another MAC address', async () => {
    const { field } = await network(shop([{ protocol: 'UDP' }]))
    await expectAnswers(field, toB('UDP', [9]), [true, true])
    await watch(field, B, 'udp dport 9')
    await field.sh(A, 'ip link set eth0 address 02:66:66:66:66:66')
    await field.send(toB('UDP', [9]), 200)
    expect(await seen(field, B)).toBe(0)
  })

  test('lets an instance ask for an address, and not give one', async () => {
    const { field } = await network(shop([{}], [{}]))
    await watch(field, 'router', 'udp dport 67')
    await field.sh(
      A,
      `ip addr flush dev eth0 scope global; ip route add 255.255.255.255 dev eth0; ${datagram(68, 67, '255.255.255.255')}`,
    )
    expect(await seen(field, 'router')).toBe(1)
    await watch(field, B, 'udp dport 68')
    await field.sh(C, datagram(67, 68, '10.0.0.11'))
    await field.sh(C, datagram(66, 68, '10.0.0.11'))
    expect(await seen(field, B)).toBe(1)
  })

  test('drops router advertisements of an instance, and lets it look for a router', async () => {
    const { field } = await network(shop([{}], [{}]))
    // An echo request that becomes another message on its way out; nothing else writes such messages here.
    const becoming = (type: number): string =>
      `nft -f - <<'END'
add table inet forge
delete table inet forge
table inet forge { chain c { type filter hook output priority 0; icmpv6 type 128 icmpv6 type set ${String(type)}; }; }
END
ping -n -c 1 -W 0.2 -t 255 fe80::1%eth0 || true`
    // The kernel of the instance looks for a router by itself, for some seconds after its interface is up.
    await field.sh(A, 'echo 0 > /proc/sys/net/ipv6/conf/eth0/router_solicitations')
    await watch(field, 'router', 'icmpv6 type { 133, 134 }', 'prerouting')
    await field.sh(A, becoming(134))
    expect(await seen(field, 'router')).toBe(0)
    await field.sh(A, becoming(133))
    expect(await seen(field, 'router')).toBe(1)
  })

  test('judges the ports of SCTP', async () => {
    const { field } = await network(shop([{ protocol: 'SCTP', ports: ['5000'] }]))
    await watch(field, B, 'meta l4proto 132')
    await field.sh(A, sctpInit(4000, 5001, '10.0.0.11'))
    expect(await seen(field, B)).toBe(0)
    await field.sh(A, sctpInit(4000, 5000, '10.0.0.11'))
    await field.sh(C, sctpInit(5000, 5001, '10.0.0.11'))
    expect(await seen(field, B)).toBe(1)
  })

  test('lets an instance ask for an IPv6 address, and not give one', async () => {
    const { field } = await network(shop([{}], [{}]))
    await watch(field, 'router', 'udp dport 547', 'prerouting')
    await field.sh(A, datagram(546, 547, 'ff02::1:2%eth0'))
    expect(await seen(field, 'router')).toBe(1)
    await watch(field, 'router', 'udp dport 546', 'prerouting')
    await field.sh(C, datagram(547, 546, 'fe80::1%eth0'))
    await field.sh(C, datagram(547, 546, 'fd00::11'))
    expect(await seen(field, 'router')).toBe(0)
  })

  test('lets an instance be given an address by its router, though no rule lets anything in', async () => {
    const { field } = await network(shop([], []))
    await watch(field, B, 'meta l4proto udp')
    await field.sh('router', datagram(67, 68, '10.0.0.11'))
    await field.sh('router', datagram(547, 546, 'fd00::11'))
    expect(await seen(field, B)).toBe(2)
    await field.sh('router', datagram(67, 69, '10.0.0.11'))
    await field.sh('router', datagram(547, 545, 'fd00::11'))
    expect(await seen(field, B)).toBe(2)
  })

  test('lets an instance find out whether an address is taken, and say which groups it listens to', async () => {
    const { field } = await network(shop([], []))
    const takesAnAddress = (address: string): Promise<string> =>
      field.sh(
        A,
        `echo 1 > /proc/sys/net/ipv6/conf/all/accept_dad; echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad
ip -6 addr add ${address}/64 dev eth0; sleep 1.5`,
      )
    await watch(field, 'router', 'ip6 saddr :: icmpv6 type 135', 'prerouting')
    await takesAnAddress('fe80::a:1')
    expect(await seen(field, 'router')).toBeGreaterThan(0)
    await watch(field, 'router', 'icmpv6 type 143', 'prerouting')
    await takesAnAddress('fe80::a:2')
    expect(await seen(field, 'router')).toBeGreaterThan(0)
  })

  test('sends no packet astray for ARP or neighbour advertisements of another', async () => {
    const { field, installation } = await network(shop([{}], [{}]))
    installation.declare(group('client', 'shop', { ingress: [{}], egress: [{}] }))
    await field.enforce(installation.model)
    const port = portName(A)
    // A router that believes all that it is told, and asks a for the addresses of b.
    await field.sh('router', 'for f in /proc/sys/net/ipv4/conf/*/arp_accept; do echo 1 > $f; done')
    await field.sh(
      A,
      `cd /proc/sys/net; ip addr add 10.0.0.11/32 dev eth0; echo 1 > ipv4/conf/eth0/arp_notify
ip link set eth0 down; ip link set eth0 up
echo 0 > ipv6/neigh/eth0/proxy_delay; echo 1 > ipv6/conf/all/forwarding; echo 1 > ipv6/conf/eth0/proxy_ndp; ip -6 neigh add proxy fd00::11 dev eth0`,
    )
    // Asks again until a has answered for both: the addresses of a port just set up are tentative at first.
    const believed = await field.sh(
      'router',
      `ip -6 route add fd00::11 dev ${port} metric 4000
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  for address in 10.0.0.11 fd00::11; do ping -n -c 1 -W 0.5 -I ${port} $address >/dev/null || true; done
  neighbours=$(ip neigh show dev ${port})
  case $neighbours in *'10.0.0.11 lladdr'*'fd00::11 lladdr'* | *'fd00::11 lladdr'*'10.0.0.11 lladdr'*) break ;; esac
done
printf '%s\n' "$neighbours"`,
    )
    expect(believed).toMatch(/^10\.0\.0\.11 lladdr /m)
    expect(believed).toMatch(/^fd00::11 lladdr /m)
    await watch(field, A, 'meta l4proto { tcp, udp }', 'prerouting')
    await expectAnswers(field, [...toB('TCP', [80], C), ...toB('UDP', [80], C)], [true, true, true, true])
    expect(await seen(field, A)).toBe(0)
  })

  test('drops packets that belong to no connection and open none, whatever the rules', async () => {
    const { field } = await network(shop([{}], [{}]))
    await expectAnswers(field, toB('TCP', [9]), [true, true])
    await field.sh(
      A,
      `nft -f - <<'END'
table inet forge { chain c { type filter hook output priority 0; tcp dport 9 tcp flags syn tcp flags set fin | syn; }; }
END`,
    )
    await watch(field, B, 'tcp dport 9')
    await field.send(toB('TCP', [9]), 200)
    expect(await seen(field, B)).toBe(0)
  })

  test('tells instances with one MAC address apart by their ports', async () => {
    const [first, ...others] = shop([{ protocol: 'UDP' }])
    const mac = '02:00:00:00:00:77'
    const alike = others.map((object) =>
      object.kind === 'Instance' ? { ...object, spec: { ...object.spec, mac } } : object,
    )
    const { field } = await network(first === undefined ? [] : [first, ...alike])
    await expectAnswers(field, [...toB('UDP', [9]), ...toB('UDP', [9], C)], [true, true, true, true])
    await field.sh(A, 'ip addr add 10.0.0.12/32 dev eth0')
    await watch(field, B, 'ip saddr 10.0.0.12')
    await field.send([{ ...shot(C, B, 0, { protocol: 'UDP', port: 9 }), by: A }], 200)
    expect(await seen(field, B)).toBe(0)
  })

  test('lets fragments of what is allowed through, and of nothing else', async () => {
    const { field } = await network(shop([{ protocol: 'ICMP' }, { protocol: 'ICMPv6' }]))
    const big = (to: string): string => `ping -n -c 1 -W 2 -s 4000 ${to}`
    await expect(field.sh(A, big('10.0.0.11'))).resolves.toContain(' 0% packet loss')
    await expect(field.sh(A, big('fd00::11'))).resolves.toContain(' 0% packet loss')
    await watch(field, A, 'meta l4proto { icmp, icmpv6 }')
    await expect(field.sh(B, `ping -n -c 1 -W 0.3 -s 4000 10.0.0.10`)).rejects.toThrow()
    expect(await seen(field, A)).toBe(0)
  })

  test('lets through the errors of connections that are allowed', async () => {
    const { field } = await network(shop([{ protocol: 'UDP' }], [{ protocol: 'ICMP' }]))
    // Nobody listens on b: a hears of it by "port unreachable", for which there is no rule.
    await expectAnswers(field, toB('UDP', [9999]), [true, true])
    // "Fragmentation needed" comes from the router.
    await field.sh('router', 'ip link set uplink mtu 1280')
    await expect(field.sh(B, 'ping -n -c 1 -W 2 -M do -s 1400 192.0.2.1 2>&1 || true')).resolves.toMatch(
      /mtu ?= ?1280/,
    )
  })

  test('gives each of several addresses to one instance, and all of them away again', async () => {
    const { field, installation } = await network(shop([{ protocol: 'UDP' }]))
    const both = ['10.0.0.10', 'fd00::10', '10.0.0.99']
    const apply = async (key: string, addresses: readonly string[]): Promise<void> => {
      const next = instance(key.split('/')[2] ?? '', 'shop', ['client'], {
        addresses: [...addresses],
      })
      installation.declare(attachedToLab(next))
      await field.enforce(installation.model)
      await field.lab.follow(topologyOf(installation.model))
    }
    const spare = (by: string): Shot => ({
      by,
      from: '10.0.0.99',
      to: '10.0.0.11',
      protocol: 'UDP',
      port: 9,
    })
    await apply(A, both)
    await expectAnswers(field, [spare(A), ...toB('UDP', [9])], [true, true, true])
    await apply(A, ['10.0.0.10', 'fd00::10'])
    await apply(C, ['10.0.0.12', 'fd00::12', '10.0.0.99'])
    await expectAnswers(field, [spare(C)], [true])
    await field.sh(A, 'ip addr add 10.0.0.99/32 dev eth0')
    await watch(field, B, 'ip saddr 10.0.0.99')
    await field.send([spare(A)], 200)
    expect(await seen(field, B)).toBe(0)
  })

  test('forgets the rules of a port that is plugged anew for another instance', async () => {
    const { field, installation } = await network(shop([{ protocol: 'UDP' }]))
    await expectAnswers(field, toB('UDP', [9]), [true, true])
    installation.withdraw(A)
    await field.enforce(installation.model)
    await expectAnswers(field, toB('UDP', [10]), [false, false])
    const { attachment, mac } = specOf(A)
    const next = instance('d', 'shop', ['quiet'], {
      addresses: ['10.0.0.10'],
      ...(attachment && { attachment }),
      ...(mac && { mac }),
    })
    installation.declare(group('quiet', 'shop', { ingress: [], egress: [{ protocol: 'TCP' }] }), next)
    await field.enforce(installation.model)
    // Same port, same address: its own rules, for IPv4 alone.
    await expectAnswers(field, toB('UDP', [9]), [false, false])
    installation.declare(group('server', 'shop', { ingress: [{}] }))
    await field.enforce(installation.model)
    await expectAnswers(field, toB('TCP', [9]), [true, false])
  })

  test('drops everything of a port that no instance is declared for', async () => {
    const { field, installation } = await network(shop([{}], [{}]))
    await expectAnswers(field, toB('UDP', [9]), [true, true])
    installation.withdraw(A)
    await field.enforce(installation.model)
    await watch(field, B, 'meta l4proto { udp, tcp }')
    await field.send([...toB('UDP', [9]), ...toB('TCP', [9])], 200)
    expect(await seen(field, B)).toBe(0)
    const replies = [0, 1].map((family) => shot(C, A, family, { protocol: 'UDP', port: 9 }))
    await expectAnswers(field, replies, [false, false])
  })

  const specOf = (
    key: string,
  ): {
    attachment?: { nodeName: string; netns: string; interface: string }
    mac?: string
  } => {
    const object = attachedToLab(instance(key.split('/')[2] ?? '', 'shop'))
    if (object.kind !== 'Instance' || object.spec.attachment?.netns === undefined) {
      throw new Error(`${keyOf(object)} is not attached`)
    }
    const { netns } = object.spec.attachment
    return {
      attachment: { nodeName: 'lab', netns, interface: portName(key) },
      ...(object.spec.mac !== undefined && { mac: object.spec.mac }),
    }
  }
})

/** A command that asks for an SCTP association (RFC 9260, section 3.3.2). The kernel needs no SCTP: an echo request becomes one on its way out. */
function sctpInit(sourcePort: number, port: number, to: string): string {
  const packet = Buffer.alloc(32)
  packet.writeUInt16BE(sourcePort, 0)
  packet.writeUInt16BE(port, 2)
  // INIT of 20 bytes: its tag, window, streams out and in, and first number.
  packet.set([1, 0, 0, 20, 0, 0, 0, 7, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1], 12)
  packet.writeUInt32LE(crc32c(packet), 8)
  const words = Array.from({ length: packet.length / 4 }, (_, at) => {
    return `@th,${String(32 * at)},32 set ${String(packet.readUInt32BE(4 * at))}`
  })
  return `nft -f - <<'END'
add table inet forge
delete table inet forge
table inet forge { chain c { type filter hook output priority -400; icmp type 8 ip protocol set 132 ${words.join(' ')}; }; }
END
ping -n -c 1 -W 0.2 -s 24 ${to} || true
nft delete table inet forge`
}

/** CRC-32C, which SCTP wants over all of its packet (RFC 9260, appendix A). */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0)
  }
  return ~crc >>> 0
}

/** Counts packets that somebody gets, from now on. */
async function watch(
  field: Field,
  who: string,
  match: string,
  hook: 'input' | 'prerouting' = 'input',
): Promise<void> {
  await field.sh(
    who,
    `nft -f - <<'END'
add table inet watch
delete table inet watch
table inet watch { chain c { type filter hook ${hook} priority ${hook === 'input' ? 300 : -299}; ${match} counter; }; }
END`,
  )
}

async function seen(field: Field, who: string): Promise<number> {
  const listing = await field.sh(who, 'nft list table inet watch')
  return Number(/packets (\d+)/.exec(listing)?.[1])
}
