import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { whatIsMissing } from './network.ts'
import { Peer } from './peer.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, Shop, TCP_80 } from './shop.ts'

const missing = whatIsMissing()
const TCP_81 = allow({ protocol: 'TCP', ports: ['81'], sources: ['web/other'] })
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
