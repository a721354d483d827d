import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FirewallError, type Drift, type Firewall } from '../../../src/firewall/firewall.ts'
import { memoryFirewall } from '../../../src/firewall/memory.ts'
import { knownTablesInMemory } from '../../../src/firewall/nft/known-tables.ts'
import { nftFirewall } from '../../../src/firewall/nft/nft.ts'
import { diffRulesets } from '../../../src/policy/ruleset-change.ts'
import type { InstanceRuleset } from '../../../src/policy/ruleset.ts'
import { whatIsMissing } from './network.ts'
import { EVERYTHING, instanceOn, MACHINES, OUTSIDE, Shop } from './shop.ts'

const missing = whatIsMissing()

const A = instanceOn('a', { ingress: [EVERYTHING], egress: [EVERYTHING] })
const B = instanceOn('b', { ingress: [EVERYTHING], egress: [EVERYTHING] })

describe.skipIf(missing !== undefined)(`ports that stay closed ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  let bells: number
  let stop: () => void
  beforeEach(async () => {
    shop = await Shop.open()
    firewall = shop.firewall()
    bells = 0
    stop = () => undefined
  }, 60_000)
  afterEach(async () => {
    stop()
    await shop.close()
  })

  async function watch(listener = firewall): Promise<void> {
    stop = await shop.listen(listener, () => {
      bells += 1
    })
  }

  /** What is found after somebody ran this, which the firewall heard of. */
  async function foundAfter(command: string): Promise<readonly Drift[]> {
    const before = bells
    shop.network.sh('shop', command)
    const until = Date.now() + 10_000
    while (bells === before && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
    return firewall.repair()
  }

  const ports = (): readonly string[] =>
    [...(/set ports \{[^}]*\{ ([^}]*) \}/.exec(shop.table())?.[1] ?? '').matchAll(/"([^"]*)"/g)]
      .map(([, name = '']) => name)
      .toSorted()

  const reachesOutside = (): boolean => shop.network.try('a', `ping -c 1 -W 1 ${OUTSIDE.four}`).status === 0

  test('a port that another program adds is told of and taken out', async () => {
    await shop.program(firewall, [A])
    await watch()
    expect(reachesOutside()).toBe(true)
    const [drift] = await foundAfter(`nft add element inet palisade ports '{ "uplink" }'`)
    expect(drift?.parts).toEqual(['ports'])
    expect(drift?.by).toMatch(/^process \d+ \(nft\)$/)
    expect(ports()).toEqual(['pala'])
    expect(reachesOutside()).toBe(true)
    await foundAfter('nft flush ruleset')
    expect(ports()).toEqual(['pala'])
  })

  test('a port that another program adds during an apply does not stay either', async () => {
    await shop.program(firewall, [A])
    await watch()
    // Without this element the first attempt fails, and the table is read before the next.
    shop.network.sh(
      'shop',
      `nft add element inet palisade ports '{ "uplink" }'
       nft delete element inet palisade macs '{ "pala" . ${MACHINES.a.mac} }'`,
    )
    await shop.program(firewall, [])
    await firewall.repair()
    expect(ports()).toEqual(['pala'])
  })

  test.each([
    ['the table is deleted', 'nft delete table inet palisade'],
    ['everything is flushed', 'nft flush ruleset'],
    ['the port is taken out', `nft delete element inet palisade ports '{ "palb" }'`],
    ['the table has to be replaced', 'nft add counter inet palisade mine'],
  ])('a port whose instance left stays closed where %s', async (_what, command) => {
    await shop.program(firewall, [A, B])
    await shop.program(firewall, [A])
    await watch()
    expect(ports()).toEqual(['pala', 'palb'])
    expect(await foundAfter(command)).toHaveLength(1)
    expect(ports()).toEqual(['pala', 'palb'])
  })

  test('a start leaves every port closed that the table closes, and keeps it so', async () => {
    await shop.program(firewall, [A, B])
    await shop.program(firewall, [A])
    firewall = shop.firewall()
    await firewall.read()
    expect(await firewall.repair()).toEqual([])
    await watch()
    expect(await foundAfter('nft flush ruleset')).toHaveLength(1)
    expect(ports()).toEqual(['pala', 'palb'])
  })

  describe('a network namespace that is made again', () => {
    const remade = async (isNoticed: boolean): Promise<void> => {
      // Whoever listens in the namespace keeps it, and one end of each cable with it.
      for (const name of ['a', 'b', 'outside'] as const) shop.network.sh(name, 'ip link del eth0')
      await shop.network.drop('shop')
      // A number that is free again is given to the next namespace.
      if (isNoticed) await expect(firewall.repair()).rejects.toThrow('there is no network namespace shop')
      await shop.network.add('shop')
      shop.plugOutside()
      shop.plug('a')
      await firewall.repair()
    }

    const indexOf = (port: string): number =>
      Number.parseInt(shop.network.sh('shop', `ip -oneline link show ${port}`))

    test.each([
      ['while nobody looked', false],
      ['after it was missed', true],
    ])('%s has its ports by what its own interfaces are called', async (_when, isNoticed) => {
      await shop.program(firewall, [A])
      await watch()
      const before = indexOf('pala')
      await remade(isNoticed)
      expect(indexOf('uplink')).toBe(before)
      expect(ports()).toEqual(['pala'])
      expect(reachesOutside()).toBe(true)
      await firewall.repair()
      expect(ports()).toEqual(['pala'])
    })

    test('has no ports of instances that left before, and none that was renamed', async () => {
      const uplink = { ...B, attachment: { nodeName: 'host-a', netns: 'shop', interface: 'uplink' } }
      await shop.program(firewall, [A, uplink])
      await shop.program(firewall, [A])
      await watch()
      await foundAfter('ip link set pala down; ip link set pala name former').catch(() => undefined)
      expect(ports()).toEqual(['former', 'pala', 'uplink'])
      await remade(true)
      expect(ports()).toEqual(['pala'])
    })
  })

  test('what another palisade closed while this one waited for it stays closed', async () => {
    let isClaimed = false
    const record = memoryFirewall()
    const waiting = nftFirewall({
      record,
      tables: knownTablesInMemory(),
      executor: shop.network.executor(),
      now: () => new Date('2026-01-02T03:04:05Z'),
      claim: () => {
        if (isClaimed) throw new FirewallError('another palisade programs it')
      },
    })
    const apply = async (instances: readonly InstanceRuleset[]): Promise<void> => {
      const desired = { instances: new Map(instances.map((one) => [one.instance, one])), remotes: new Map() }
      await waiting.apply(diffRulesets(await record.read(), desired))
    }
    await apply([A])
    await watch(waiting)
    isClaimed = true
    await expect(waiting.repair()).rejects.toThrow('another palisade programs it')
    await shop.program(firewall, [A, B])
    await shop.program(firewall, [A])
    await expect(waiting.repair()).rejects.toThrow('another palisade programs it')
    isClaimed = false
    await waiting.repair()
    expect(ports()).toEqual(['pala', 'palb'])
  })
})
