import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { whatIsMissing } from './network.ts'
import { Peer } from './peer.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, Shop, TCP_80 } from './shop.ts'

const missing = whatIsMissing()
const TCP_81 = allow({ protocol: 'TCP', ports: ['81'], sources: ['web/other'] })
const UDP_54 = allow({ protocol: 'UDP', ports: ['54'], sources: ['web/other'] })
const UDP_53 = allow({ protocol: 'UDP', ports: ['53'], sources: ['web/dns'] })

describe.skipIf(missing !== undefined)(`open connections follow the rules ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  let a: Peer
  let b: Peer
  let next = 0
  const client = instanceOn('a', { egress: [EVERYTHING] })
  beforeAll(async () => {
    shop = await Shop.open()
    ;[a, b] = await Promise.all([Peer.start(shop.network, 'a'), Peer.start(shop.network, 'b')])
    for (const port of [80, 81]) await b.ask('tcp-serve', port)
    await b.ask('udp-serve', 53)
    firewall = shop.firewall()
  }, 60_000)
  afterAll(async () => {
    await Promise.all([a.stop(), b.stop()])
    await shop.close()
  })
  let id: string
  beforeEach(() => {
    next += 1
    id = `c${next}`
  })

  const serve = (...ingress: Parameters<typeof instanceOn>[1]['ingress'] & object): Promise<void> =>
    shop.program(firewall, [client, instanceOn('b', { ingress })])

  test.each([
    ['IPv4', MACHINES.b.four],
    ['IPv6', MACHINES.b.six],
  ])(
    'a rule that goes cuts the TCP connection that it allowed, and no other: %s',
    async (_family, address) => {
      await serve(TCP_80, TCP_81)
      expect(await a.ask('tcp-open', `${id}-80`, address, 80)).toBe('open')
      expect(await a.ask('tcp-open', `${id}-81`, address, 81)).toBe('open')
      await serve(TCP_81)
      expect(await a.ask('tcp-echo', `${id}-80`)).toBe('silent')
      expect(await a.ask('tcp-echo', `${id}-81`)).toBe('echo')
    },
  )

  test('a connection that another rule allows as well lives on', async () => {
    await serve(TCP_80, EVERYTHING)
    expect(await a.ask('tcp-open', id, MACHINES.b.four, 80)).toBe('open')
    await serve(EVERYTHING)
    expect(await a.ask('tcp-echo', id)).toBe('echo')
  })

  test('a rule that comes back revives what it allowed', async () => {
    await serve(UDP_53)
    expect(await a.ask('udp-echo', id, MACHINES.b.four, 53)).toBe('echo')
    await serve(TCP_80)
    expect(await a.ask('udp-echo', id, MACHINES.b.four, 53)).toBe('silent')
    await serve(UDP_53)
    expect(await a.ask('udp-echo', id, MACHINES.b.four, 53)).toBe('echo')
  })

  test('the egress rule of the other end counts as much', async () => {
    await serve(TCP_80)
    expect(await a.ask('tcp-open', id, MACHINES.b.four, 80)).toBe('open')
    await shop.program(firewall, [instanceOn('a', {}), instanceOn('b', { ingress: [TCP_80] })])
    expect(await a.ask('tcp-echo', id)).toBe('silent')
  })

  test.each([
    ['IPv4', 'ping', MACHINES.b.four],
    ['IPv6', 'ping -6', MACHINES.b.six],
  ])('a ping that goes on is cut and comes back: %s', async (_family, ping, address) => {
    const icmp = allow({ protocol: address.includes(':') ? 'ICMPv6' : 'ICMP' })
    await serve(icmp)
    shop.network.sh('a', `${ping} -e 77 -i 0.1 -c 1 ${address}`)
    await serve(TCP_80)
    expect(shop.network.try('a', `${ping} -e 77 -i 0.1 -c 3 -W 1 ${address}`).status).not.toBe(0)
    await serve(icmp)
    expect(shop.network.try('a', `${ping} -e 77 -i 0.1 -c 1 -W 1 ${address}`).status).toBe(0)
  })

  test('replies stop as well where the opener has fallen silent', async () => {
    await serve(UDP_53)
    expect(await a.ask('udp-echo', id, MACHINES.b.six, 53)).toBe('echo')
    const cut = (): number =>
      shop.network
        .sh('shop', 'conntrack -L -f ipv6 -p udp 2>/dev/null')
        .split('\n')
        .filter((line) => {
          const mark = Number(/mark=(\d+)/.exec(line)?.[1] ?? 0)
          return line.includes('dport=53') && (mark & 0x4000_0000) !== 0
        }).length
    const before = cut()
    await serve(TCP_80)
    expect(cut()).toBe(before + 1)
  })

  /** Marks of the connections that a line of conntrack's list shows. */
  const cutAmong = (pattern: RegExp): readonly boolean[] =>
    shop.network
      .sh('shop', 'conntrack -L 2>/dev/null')
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => (Number(/mark=(\d+)/.exec(line)?.[1] ?? 0) & 0x4000_0000) !== 0)

  test('thousands of silent connections are cut at once, and those of another rule stay', async () => {
    shop.network.sh('shop', 'conntrack -F 2>/dev/null')
    await serve(UDP_53, UDP_54)
    expect(await a.ask('udp-echo', id, MACHINES.b.four, 53)).toBe('echo')
    const mark = /dport=53 .*mark=(\d+)/.exec(
      shop.network.sh('shop', 'conntrack -L -f ipv4 2>/dev/null'),
    )?.[1]
    const [from, to] = [MACHINES.a.four, MACHINES.b.four]
    const ends = `-p udp -s ${from} -d ${to} -r ${to} -q ${from} -t 100 -m ${mark ?? ''}`
    shop.network.sh(
      'shop',
      `for own in $(seq 20000 23999); do
         port=$((53 + own % 2))
         echo "-A ${ends} --sport $own --dport $port --reply-port-src $port --reply-port-dst $own"
       done | conntrack -R -`,
    )
    await serve(UDP_54)
    expect(cutAmong(/ sport=2\d{4} dport=53 /)).toEqual(Array.from({ length: 2000 }, () => true))
    expect(cutAmong(/ sport=2\d{4} dport=54 /)).toEqual(Array.from({ length: 2000 }, () => false))
    shop.network.sh('shop', 'conntrack -F 2>/dev/null')
  })

  test('a connection whose destination is translated is judged by where it goes', async () => {
    shop.network.sh(
      'shop',
      `nft -f - <<'EOF'\ntable ip translated {
        chain prerouting {
          type nat hook prerouting priority dstnat
          ip daddr 203.0.113.5 udp dport 5353 dnat to ${MACHINES.b.four}:53
        }
      }\nEOF`,
    )
    await serve(UDP_53, TCP_80)
    expect(await a.ask('udp-echo', id, '203.0.113.5', 5353)).toBe('echo')
    await serve(UDP_53)
    expect(await a.ask('udp-echo', id, '203.0.113.5', 5353)).toBe('echo')
    expect(cutAmong(/dst=203\.0\.113\.5 /)).toEqual([false])
    await serve()
    expect(cutAmong(/dst=203\.0\.113\.5 /)).toEqual([true])
    shop.network.sh('shop', 'nft delete table ip translated')
  })

  test('whoever has an address goes on to renew it', async () => {
    await serve(TCP_80)
    shop.network.sh('b', 'ip route add 192.0.2.2/32 via 169.254.1.1 dev eth0')
    const renewing = `conntrack -A -p udp -s ${MACHINES.b.four} -d 192.0.2.2 -r 192.0.2.2 -q ${MACHINES.b.four} --sport 68 --dport 67 --reply-port-src 67 --reply-port-dst 68 -t 100 -m 256 2>/dev/null`
    shop.network.sh('shop', renewing)
    await serve(TCP_81)
    expect(cutAmong(/ sport=68 dport=67 /)).toEqual([false])
    const [node, own] = ['169.254.1.1', MACHINES.b.four]
    const given = `-s ${node} -d ${own} -r ${own} -q ${node} --sport 67 --dport 68 --reply-port-src 68`
    shop.network.sh('shop', `conntrack -A -p udp ${given} --reply-port-dst 67 -t 100 -m 256 2>/dev/null`)
    await serve(TCP_80)
    expect(cutAmong(/src=169\.254\.1\.1 dst=\S+ sport=67 /)).toEqual([false])
  })

  test('an instance that gets an address is not open to what was open to it elsewhere', async () => {
    const address = '10.0.1.77'
    shop.network.sh('outside', `ip addr add ${address}/32 dev eth0`)
    shop.network.sh('shop', `ip route add ${address}/32 via 192.0.2.2`)
    await serve()
    const outside = await Peer.start(shop.network, 'outside')
    await outside.ask('tcp-serve', 80)
    expect(await a.ask('tcp-open', id, address, 80)).toBe('open')
    const b2 = instanceOn('b', {}, { addresses: [MACHINES.b.four, MACHINES.b.six, address] })
    await shop.program(firewall, [client, b2])
    shop.network.sh('b', `ip addr add ${address}/32 dev eth0`)
    shop.network.sh('shop', `ip route replace ${address}/32 dev ${MACHINES.b.interface}`)
    const segments = (): string => shop.network.sh('b', "awk '/^Tcp: [0-9]/ { print $11 }' /proc/net/snmp")
    const before = segments()
    expect(await a.ask('tcp-echo', id)).toBe('silent')
    expect(segments()).toBe(before)
    await outside.stop()
    shop.network.sh('b', `ip addr del ${address}/32 dev eth0`)
    shop.network.sh('shop', `ip route del ${address}/32`)
  })

  test('what was open while another program changed the table is cut with the repair', async () => {
    await serve(TCP_80)
    shop.network.sh('shop', 'conntrack -F 2>/dev/null')
    shop.network.sh('shop', 'nft "insert rule inet palisade forward accept"')
    expect(await a.ask('udp-echo', id, MACHINES.b.four, 53)).toBe('echo')
    const stop = firewall.watch(() => undefined)
    expect(await firewall.repair()).toHaveLength(1)
    stop()
    expect(cutAmong(/ dport=53 /)).toEqual([true])
  })

  test('a profile that keeps open connections keeps them, and opens no new ones', async () => {
    const kept = (ingress: readonly (typeof TCP_80)[]): Promise<void> =>
      shop.program(firewall, [client, instanceOn('b', { ingress }, { established: 'Keep' })])
    await kept([TCP_80])
    expect(await a.ask('tcp-open', id, MACHINES.b.four, 80)).toBe('open')
    await kept([])
    expect(await a.ask('tcp-echo', id)).toBe('echo')
    expect(await a.ask('tcp-open', `${id}-new`, MACHINES.b.four, 80)).toBe('silent')
  })

  test('a member that leaves the remote group loses its connections', async () => {
    const group = allow({ protocol: 'TCP', ports: ['80'], remote: { securityGroup: 'clients' } })
    const instances = [client, instanceOn('b', { ingress: [group] })]
    const members = (...prefixes: string[]): ReadonlyMap<string, readonly string[]> =>
      new Map([['SecurityGroup/shop/clients', prefixes]])
    await shop.program(firewall, instances, members(`${MACHINES.a.four}/32`, '10.0.1.99/32'))
    expect(await a.ask('tcp-open', id, MACHINES.b.four, 80)).toBe('open')
    await shop.program(firewall, instances, members('10.0.1.99/32'))
    expect(await a.ask('tcp-echo', id)).toBe('silent')
  })

  test('a thousand changes without pause lose no packet of a connection that stays allowed', async () => {
    await serve(UDP_53, TCP_80)
    let changes = 0
    const edit = async (): Promise<void> => {
      for (; changes < 1000; changes++) await serve(UDP_53, changes % 2 === 0 ? TCP_81 : TCP_80)
    }
    const edits = edit()
    const arrived: string[] = []
    while (changes < 1000) arrived.push(await a.ask('udp-flood', MACHINES.b.four, 53, 500, 5))
    await edits
    expect(new Set(arrived)).toEqual(new Set(['500']))
    expect(arrived.length).toBeGreaterThan(1)
  }, 120_000)
})
