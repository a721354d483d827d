import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EffectiveRule } from '../../../src/api/types.gen.ts'
import { HitSampler } from '../../../src/controller/hit-sampler.ts'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import type { HitSample } from '../../../src/store/store.ts'
import { whatIsMissing } from './network.ts'
import { Peer } from './peer.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, Shop } from './shop.ts'

const missing = whatIsMissing()

const udp = (port: number, changes: Partial<EffectiveRule> = {}): EffectiveRule =>
  allow({ protocol: 'UDP', ports: [String(port)], sources: [`web/udp ${port} counter`], ...changes })

/** IPv4 and UDP headers and the word of four letters that a peer sends. */
const BYTES = 20 + 8 + 4

describe.skipIf(missing !== undefined)(`rules count what they decide ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  let a: Peer
  let b: Peer
  let next = 0
  beforeAll(async () => {
    shop = await Shop.open()
    ;[a, b] = await Promise.all([Peer.start(shop.network, 'a'), Peer.start(shop.network, 'b')])
    for (const port of [53, 54, 55]) await b.ask('udp-serve', port)
  }, 60_000)
  afterAll(async () => {
    await Promise.all([a.stop(), b.stop()])
    await shop.close()
  })
  beforeEach(async () => {
    firewall = shop.firewall()
    await shop.program(firewall, [])
  })

  const client = instanceOn('a', { egress: [EVERYTHING] })
  const serve = (...ingress: readonly EffectiveRule[]): Promise<void> =>
    shop.program(firewall, [client, instanceOn('b', { ingress })])
  /** A packet of a new connection each time. */
  const send = async (port: number): Promise<void> => {
    next += 1
    await a.ask('udp-echo', `c${next}`, MACHINES.b.four, port)
  }
  const of = async (name: 'a' | 'b', side: 'ingress' | 'egress'): Promise<readonly number[]> => {
    const found = (await firewall.counters()).find(({ instances }) =>
      instances.includes(`Instance/shop/${name}`),
    )
    return found?.[side].map(({ packets }) => packets) ?? []
  }

  test('packets and bytes of new connections, by rule and direction, down to the implicit rule', async () => {
    await serve(udp(53), udp(54))
    for (const port of [53, 53, 54, 99]) await send(port)
    expect(await of('a', 'egress')).toEqual([4, 0])
    expect(await of('b', 'ingress')).toEqual([2, 1, 1])
    const [, server] = await firewall.counters()
    expect(server?.ingress[0]).toEqual({ packets: 2, bytes: 2 * BYTES })
  })

  test('a connection that is open is not counted again', async () => {
    await serve(udp(53))
    await send(53)
    await a.ask('udp-echo', `c${next}`, MACHINES.b.four, 53)
    expect(await of('b', 'ingress')).toEqual([1, 0])
  })

  test('a rule keeps its count when others come, change and go', async () => {
    await serve(udp(53), udp(54))
    for (const port of [53, 54, 99]) await send(port)
    await serve(udp(55), udp(53))
    expect(await of('b', 'ingress')).toEqual([0, 1, 1])
    await send(55)
    await serve(udp(53, { ports: ['53-54'] }), udp(55))
    expect(await of('b', 'ingress')).toEqual([0, 1, 1])
  })

  test('and where rules that allow and rules that drop need their order', async () => {
    const drop = udp(55, { action: 'Drop', sources: ['web/not'] })
    await serve(drop, udp(53), udp(54))
    for (const port of [53, 54, 54, 55]) await send(port)
    const other = udp(56, { action: 'Drop' })
    await serve(drop, udp(53), other, udp(54))
    expect(await of('b', 'ingress')).toEqual([1, 1, 0, 2, 0])
    expect(shop.table()).toMatch(/dport 53 .*\n.*dport 56 .*\n.*dport 54 /)
    await serve(other, drop, udp(53), udp(54))
    expect(await of('b', 'ingress')).toEqual([0, 1, 1, 2, 0])
  })

  test('counts stay when palisade starts anew, and through its next change', async () => {
    await serve(udp(53), udp(54))
    await send(53)
    firewall = shop.firewall()
    expect(await of('b', 'ingress')).toEqual([1, 0, 0])
    await serve(udp(53), udp(55))
    expect(await of('b', 'ingress')).toEqual([1, 0, 0])
  })

  test('rules of several protocols and families are one rule', async () => {
    await serve(udp(53, { ports: ['53', '54', '1000-2000'] }))
    for (const port of [53, 54, 1500]) await send(port)
    await a.ask('udp-echo', 'six', MACHINES.b.six, 53)
    expect(await of('b', 'ingress')).toEqual([4, 0])
  })

  test('instances with the same rules are counted together', async () => {
    const rules = { egress: [udp(53)], ingress: [udp(53)] }
    await shop.program(firewall, [instanceOn('a', rules), instanceOn('b', rules)])
    await send(53)
    expect(await firewall.counters()).toMatchObject([
      { instances: ['Instance/shop/a', 'Instance/shop/b'], egress: [{ packets: 1 }, { packets: 0 }] },
    ])
  })

  describe('where a long list of rules is packed into a set', () => {
    beforeEach(() => {
      firewall = shop.firewall({ packedFrom: 2 })
    })

    test('each rule has its own count, and keeps it', async () => {
      const both = udp(53, { ports: ['53', '55-60'] })
      await serve(both, udp(54), udp(54, { remote: { cidr: '10.0.0.0/8' }, sources: ['web/overlaps'] }))
      expect(shop.table()).toMatch(/0\.0\.0\.0\/0 \. 55-60 \. 17 counter/)
      for (const port of [53, 53, 54, 55, 99]) await send(port)
      await a.ask('udp-echo', 'packed', MACHINES.b.six, 53)
      expect(await of('b', 'ingress')).toEqual([4, 1, 0, 1])
      await serve(udp(70), both)
      expect(await of('b', 'ingress')).toEqual([0, 4, 1])
      firewall = shop.firewall({ packedFrom: 2 })
      expect(await of('b', 'ingress')).toEqual([0, 4, 1])
    })

    test('and a rule that goes still cuts what it allowed', async () => {
      await serve(udp(53), udp(54), udp(55))
      await send(53)
      await serve(udp(54), udp(55))
      expect(await a.ask('udp-echo', `c${next}`, MACHINES.b.four, 53)).toBe('silent')
    })
  })

  test('by two looks it is known since when a rule is unused', async () => {
    await serve(udp(53), udp(54))
    let note: HitSample | undefined
    const sampler = new HitSampler({
      firewall,
      note: {
        read: () => undefined,
        write: (sample) => {
          note = sample
          return Promise.resolve()
        },
      },
      now: () => new Date('2026-01-02T03:04:05Z'),
    })
    await sampler.sample()
    await send(54)
    await sampler.sample()
    const server = note?.ruleSets.find(({ instances }) => instances.includes('Instance/shop/b'))
    const times = server?.rules.map(({ lastHit }) => lastHit)
    expect(times).toEqual([undefined, '2026-01-02T03:04:05.000Z', undefined, undefined])
  })

  test('another program that takes a rule away takes its count alone', async () => {
    await serve(udp(53), udp(54))
    for (const port of [53, 54]) await send(port)
    const handle = /dport 54 .*# (handle \d+)/.exec(
      shop.network.sh('shop', 'nft -a list table inet palisade'),
    )
    const chain = /chain (i_\w+) \{[^}]*dport 54/.exec(shop.table())
    shop.network.sh('shop', `nft delete rule inet palisade ${chain?.[1] ?? ''} ${handle?.[1] ?? ''}`)
    const unwatch = firewall.watch(() => undefined)
    await firewall.repair()
    unwatch()
    expect(await of('b', 'ingress')).toEqual([1, 0, 0])
  })
})
