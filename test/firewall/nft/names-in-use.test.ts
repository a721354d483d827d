import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FirewallError, type Faults, type Firewall } from '../../../src/firewall/firewall.ts'
import type { InstanceRuleset } from '../../../src/policy/ruleset.ts'
import { whatIsMissing } from './network.ts'
import { EVERYTHING, instanceOn, MACHINES, Shop, type MachineName } from './shop.ts'

const missing = whatIsMissing()

/** An instance that is attached by this name of a namespace; none: the node's own. */
function by(netns: string | undefined, name: MachineName): InstanceRuleset {
  const port = MACHINES[name].interface
  return instanceOn(
    name,
    { egress: [EVERYTHING] },
    { attachment: { nodeName: 'host-a', interface: port, ...(netns !== undefined && { netns }) } },
  )
}

const [A, B] = [by('shop', 'a'), by('annex', 'b')]
const SAME =
  'network namespace annex (spec.attachment) is the same as network namespace shop: attach the instances of both to one of the two'

describe.skipIf(missing !== undefined)(`a network namespace of two names ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  beforeEach(async () => {
    shop = await Shop.open()
    firewall = shop.firewall()
    shop.network.alias('annex', 'shop')
  }, 60_000)
  afterEach(() => shop.close())

  async function refusal(
    attempt: Promise<unknown>,
  ): Promise<{ message: string; faults: Faults | undefined }> {
    const error = await attempt.then(
      () => undefined,
      (cause: unknown) => cause,
    )
    if (error instanceof FirewallError) return { message: error.message, faults: error.faults }
    throw new Error('it was not refused', { cause: error })
  }

  /** The table without what packets change; its generation is that of the last commit. */
  const plain = (): string => shop.table().replaceAll(/packets \d+ bytes \d+/g, '')
  /** Which ports lead to rules. */
  const ports = (netns = 'shop'): readonly string[] => {
    const table = shop.network.sh(netns, 'nft list table inet palisade')
    return ['pala', 'palb'].filter((port) => table.includes(`"${port}" : jump`))
  }

  test('is programmed by one of them: who is attached by the other is told', async () => {
    const refused = { message: SAME, faults: new Map([['Instance/shop/b', SAME]]) }
    expect(await refusal(shop.program(firewall, [A, B]))).toEqual(refused)
    const before = plain()
    // Neither undoes what the other did.
    expect(await refusal(firewall.repair())).toEqual(refused)
    expect(await refusal(firewall.repair())).toEqual(refused)
    expect(plain()).toBe(before)
    expect(ports()).toEqual(['pala'])
    expect([...(await shop.record.read()).instances.keys()]).toEqual(['Instance/shop/a'])
  })

  test.each([
    ['while one is refused', [A, B]],
    ['after all moved to the other', [by('annex', 'a'), B]],
  ])('stays as it is while changes are waited for, %s', async (_when, instances) => {
    await shop.program(firewall, [A])
    await shop.program(firewall, instances).catch(() => undefined)
    let bells = 0
    const repair = (): Promise<unknown> => firewall.repair().catch(() => undefined)
    const stop = firewall.watch(() => {
      bells += 1
      void repair()
    })
    try {
      await repair()
      const before = plain()
      await sleep(1500)
      expect(bells).toBe(0)
      expect(plain()).toBe(before)
    } finally {
      stop()
    }
  })

  test("is programmed by one of them where the other is the node's own", async () => {
    shop.network.alias('self', undefined)
    const { message, faults } = await refusal(shop.program(firewall, [by(undefined, 'a'), by('self', 'b')]))
    expect([...(faults?.keys() ?? [])]).toEqual(['Instance/shop/b'])
    expect(message).toBe(
      "network namespace self (spec.attachment) is the same as the node's own network namespace: attach the instances of both to one of the two",
    )
    expect(ports('self')).toEqual(['pala'])
  })

  test('is programmed by the second when the first is gone', async () => {
    await refusal(shop.program(firewall, [A, B]))
    shop.network.unname('shop')
    const { faults } = await refusal(firewall.repair())
    expect([...(faults?.keys() ?? [])]).toEqual(['Instance/shop/a'])
    expect(ports('annex')).toEqual(['palb'])
  })

  test('is programmed by the second when the first stands for another namespace', async () => {
    await refusal(shop.program(firewall, [A, B]))
    shop.network.unname('shop')
    await shop.network.add('shop')
    await firewall.repair()
    expect(ports('annex')).toEqual(['palb'])
    expect(ports('shop')).toEqual(['pala'])
    expect(await firewall.repair()).toEqual([])
  })

  test('is programmed by the second when nobody is attached by the first any more', async () => {
    await refusal(shop.program(firewall, [A, B]))
    await shop.program(firewall, [by('annex', 'a'), B])
    const before = plain()
    expect(ports()).toEqual(['pala', 'palb'])
    expect(await firewall.repair()).toEqual([])
    expect(plain()).toBe(before)
  })

  test('is programmed after a start by the name that had it', async () => {
    await shop.program(firewall, [A])
    await shop.program(firewall, [by('annex', 'a')])
    const restarted = shop.firewall()
    await restarted.read()
    const { faults } = await refusal(shop.program(restarted, [by('annex', 'a'), by('shop', 'b')]))
    expect([...(faults?.keys() ?? [])]).toEqual(['Instance/shop/b'])
    expect(ports()).toEqual(['pala'])
  })

  test('whose second name is put over another: nobody there counts as programmed', async () => {
    shop.network.unname('annex')
    await shop.network.add('annex')
    await shop.program(firewall, [A, B])
    await shop.network.drop('annex')
    shop.network.alias('annex', 'shop')
    const { faults } = await refusal(firewall.repair())
    expect(faults).toEqual(new Map([['Instance/shop/b', SAME]]))
    expect(ports()).toEqual(['pala'])
  })
})
