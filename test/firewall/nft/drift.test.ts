import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Drift, Firewall } from '../../../src/firewall/firewall.ts'
import { diffRulesets } from '../../../src/policy/ruleset-change.ts'
import { eventually } from '../../contract/sources.ts'
import { whatIsMissing } from './network.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, Shop, TCP_80 } from './shop.ts'

const missing = whatIsMissing()

/** The process that listens in a network namespace for what nft commits. */
function monitorIn(namespace: string): number {
  const found = readdirSync('/proc').find((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return command === 'nft\0monitor\0' && readlinkSync(`/proc/${pid}/ns/net`) === namespace
    } catch {
      // It is no process, or has ended.
      return false
    }
  })
  if (found === undefined) throw new Error(`nothing listens in ${namespace}`)
  return Number(found)
}

describe.skipIf(missing !== undefined)(`what others change is put right ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  const group = allow({ protocol: 'TCP', ports: ['80'], remote: { securityGroup: 'clients' } })
  const instances = [instanceOn('a', { egress: [EVERYTHING] }), instanceOn('b', { ingress: [group, TCP_80] })]
  const remotes = new Map([['SecurityGroup/shop/clients', [`${MACHINES.a.four}/32`]]])
  let bells: number
  let stop: () => void
  beforeEach(async () => {
    shop = await Shop.open()
    firewall = shop.firewall()
    bells = 0
    await shop.program(firewall, instances, remotes)
    stop = firewall.watch(() => {
      bells += 1
    })
    // The monitor says nothing when it has begun to listen: a change that it must report shows it.
    await rung(() => {
      for (const verb of ['add', 'delete']) {
        shop.network.sh('shop', `nft ${verb} element inet palisade ports '{ "probe" }'`)
      }
    })
    await firewall.repair()
    bells = 0
  }, 60_000)
  afterEach(async () => {
    stop()
    await shop.close()
  })

  async function rung(change: () => unknown): Promise<void> {
    const before = bells
    const until = Date.now() + 10_000
    while (bells === before && Date.now() < until) {
      change()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(bells).toBeGreaterThan(before)
  }

  /** The table without counts and order of elements is what it was. */
  const plain = (): string =>
    shop
      .table()
      .replaceAll(/packets \d+ bytes \d+/g, '')
      .replaceAll(/0x[0-9a-f]{8}/g, 'mark')

  const setName = (): string => /set (m4_[0-9a-f]+)/.exec(shop.table())?.[1] ?? ''
  const chain = (): string => /chain (i_[0-9a-f]+) \{\n\t\tip saddr @m4/.exec(shop.table())?.[1] ?? ''
  const tampers: readonly (readonly [string, () => string])[] = [
    ['a rule added', () => `nft insert rule inet palisade ${chain()} accept`],
    ['a chain flushed', () => `nft flush chain inet palisade ${chain()}`],
    ['a member added', () => `nft add element inet palisade ${setName()} '{ 10.9.9.9 }'`],
    ['a member removed', () => `nft delete element inet palisade ${setName()} '{ ${MACHINES.a.four} }'`],
    [
      'an address to spoof',
      () => `nft add element inet palisade source4 '{ "pala" . 10.0.1.11 . ${MACHINES.a.mac} }'`,
    ],
    [
      'a port that leads to no rules',
      () => 'nft add element inet palisade to_instance \'{ "uplink" : accept }\'',
    ],
    ['a state that is accepted', () => "nft add element inet palisade state '{ 0x8 : accept }'"],
    [
      'a hook of its own',
      () => 'nft add chain inet palisade mine "{ type filter hook forward priority -1; }"',
    ],
    ['the table put to sleep', () => 'nft add table inet palisade "{ flags dormant; }"'],
    ['a hook flushed', () => 'nft flush chain inet palisade forward'],
    [
      'a port with a comment like a counter',
      () => `nft add element inet palisade ports '{ "z0" comment "q counter packets 1 bytes 2 z" }'`,
    ],
    [
      'a port with a comment like more elements',
      () => `nft add element inet palisade ports '{ "z0" comment "a, b } elements = { c, 0x8 } " }'`,
    ],
    [
      'a map with a comment like a verdict',
      () => `nft add element inet palisade to_instance '{ "z0" comment "x : accept, y" : accept }'`,
    ],
    ['a port that no interface can be', () => `nft add element inet palisade ports '{ "a, b" }'`],
    ['a chain of its own', () => 'nft add chain inet palisade mine'],
    ['a counter of its own', () => 'nft add counter inet palisade mine'],
    ['the table deleted', () => 'nft delete table inet palisade'],
    ['everything flushed', () => 'nft flush ruleset'],
  ]
  test.each(tampers)('%s', async (_what, command) => {
    const before = plain()
    await rung(() => shop.network.try('shop', command()))
    const drift = await firewall.repair()
    expect(drift).toHaveLength(1)
    expect(drift[0]?.by).toMatch(/^process \d+ \(nft\)$/)
    expect(drift[0]?.parts.length).toBeGreaterThan(0)
    expect(plain()).toBe(before)
    expect(await firewall.repair()).toEqual([])
  })

  test('a rule edited under an unchanged comment', async () => {
    const before = plain()
    await rung(() => shop.network.sh('shop', `nft flush chain inet palisade ${chain() || 'none'}; true`))
    shop.network.sh(
      'shop',
      `nft add rule inet palisade ${/jump (i_[0-9a-f]+)/.exec(before)?.[1] ?? ''} tcp dport 1-65535 counter goto commit comment web/rule`,
    )
    await firewall.repair()
    expect(plain()).toBe(before)
  })

  test('the tables of others are left alone, and their changes ring no bell', async () => {
    shop.network.sh('shop', 'nft add table inet other; nft add chain inet other mine')
    await new Promise((resolve) => setTimeout(resolve, 300))
    const before = bells
    shop.network.sh('shop', 'nft add rule inet other mine accept')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(bells).toBe(before)
    await shop.program(firewall, instances)
    expect(shop.network.sh('shop', 'nft list table inet other')).toContain('accept')
  })

  test('a change of which no news came, since too much else was changed at once', async () => {
    const before = plain()
    const listener = monitorIn(shop.network.sh('shop', 'readlink /proc/self/ns/net').trim())
    process.kill(listener, 'SIGSTOP')
    try {
      // More than the socket of nft monitor holds, which reads none of it meanwhile.
      const rule = `ip daddr 10.1.1.1 counter ${'meta mark 1 '.repeat(6)} accept comment "${'x'.repeat(120)}"`
      shop.network.sh(
        'shop',
        `nft add table inet other; nft add chain inet other mine
         yes 'add rule inet other mine ${rule}' | head -n 40000 | nft -f -
         nft flush chain inet palisade ${chain()}`,
      )
      expect(bells).toBe(0)
    } finally {
      process.kill(listener, 'SIGCONT')
    }
    await eventually(() => bells > 0)
    const [drift] = await firewall.repair()
    expect(drift?.by).toBeUndefined()
    expect(drift?.parts.length).toBeGreaterThan(0)
    expect(plain()).toBe(before)
  })

  test('its own commits ring no bell', async () => {
    const before = bells
    for (const ports of ['1', '2', '3']) {
      await shop.program(firewall, [
        instanceOn('b', { ingress: [allow({ protocol: 'TCP', ports: [ports] })] }),
      ])
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(bells).toBe(before)
  })

  test('a restart finds everything in place and commits nothing', async () => {
    const before = shop.table()
    const restarted = shop.firewall()
    const read = await restarted.read()
    expect([...read.instances.keys()].sort()).toEqual(['Instance/shop/a', 'Instance/shop/b'])
    const drift: readonly Drift[] = await restarted.repair()
    expect(drift).toEqual([])
    expect(shop.table()).toBe(before)
  })

  /** What a tamper takes from the instances as a start sees them. */
  const misses: Readonly<Record<string, readonly string[]>> = {
    'a rule added': ['b'],
    'a chain flushed': ['b'],
    // Rules name the set, not what is in it.
    'a member added': [],
    'a member removed': [],
    'an address to spoof': ['a'],
    // No instance is attached to it.
    'a port that leads to no rules': [],
    'a chain of its own': [],
  }
  test.each(tampers)('also while palisade does not run: %s', async (what, command) => {
    const before = plain()
    stop()
    shop.network.sh('shop', command())
    const restarted = shop.firewall()
    const read = await restarted.read()
    const held = ['a', 'b'].filter((name) => !(misses[what] ?? ['a', 'b']).includes(name))
    expect([...read.instances.keys()]).toEqual(held.map((name) => `Instance/shop/${name}`))
    if (what.startsWith('a member')) expect(read.remotes.size).toBe(0)
    const desired = { instances: new Map(instances.map((one) => [one.instance, one])), remotes }
    await restarted.apply(diffRulesets(read, desired))
    const drift = await restarted.repair()
    expect(plain()).toBe(before)
    // After a start of the machine there is no table, and nobody to blame.
    if (['the table deleted', 'everything flushed'].includes(what)) expect(drift).toEqual([])
    else expect(drift[0]?.by).toMatch(/^another program while palisade did not run, or /)
  })

  test('a comment on an element does not keep the table from coming back', async () => {
    const before = plain()
    await rung(() =>
      shop.network.sh(
        'shop',
        `nft add element inet palisade ports '{ "z0" comment "q counter packets 1 bytes 2 z" }'`,
      ),
    )
    await firewall.repair()
    await rung(() => shop.network.sh('shop', 'nft flush ruleset'))
    expect(await firewall.repair()).toHaveLength(1)
    expect(plain()).toBe(before)
  })

  test('a start keeps former ports closed also where somebody put a comment beside them', async () => {
    await shop.program(firewall, instances.slice(0, 1), remotes)
    const before = plain()
    stop()
    shop.network.sh('shop', `nft add element inet palisade ports '{ "z0" comment "a, b" }'`)
    const restarted = shop.firewall()
    const read = await restarted.read()
    const desired = { instances: new Map(instances.slice(0, 1).map((one) => [one.instance, one])), remotes }
    await restarted.apply(diffRulesets(read, desired))
    await restarted.repair()
    expect(before).toMatch(/set ports \{[^}]*"palb"/)
    expect(plain()).toBe(before)
  })

  test('a restart after a change by others misses exactly what differs', async () => {
    shop.network.sh('shop', `nft flush chain inet palisade ${chain()}`)
    const read = await shop.firewall().read()
    expect([...read.instances.keys()]).toEqual(['Instance/shop/a'])
  })

  test('a namespace that was deleted and made anew gets its table again', async () => {
    const before = plain()
    await shop.network.drop('shop')
    await expect(firewall.repair()).rejects.toThrow(/network namespace shop.*Instance shop\/a/)
    await shop.network.add('shop')
    await firewall.repair()
    expect(plain()).toBe(before)
  })
})
