import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { memoryFirewall } from '../../../src/firewall/memory.ts'
import { knownTablesInMemory } from '../../../src/firewall/nft/known-tables.ts'
import { nftFirewall } from '../../../src/firewall/nft/nft.ts'
import { delegate } from './delegate.ts'
import { whatIsMissing } from './network.ts'
import { allow, instanceOn, Shop } from './shop.ts'

const missing = whatIsMissing()

const portsOpen = (...ports: readonly number[]): ReturnType<typeof instanceOn> =>
  instanceOn('b', {
    ingress: ports.map((port) =>
      allow({ protocol: 'TCP', ports: [String(port)], sources: [`web/tcp ${String(port)}`] }),
    ),
  })

describe.skipIf(missing !== undefined)(`handles of rules that were added ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  /** What nft was asked to do, in order. */
  let asked: string[]
  beforeEach(async () => {
    shop = await Shop.open()
    asked = []
    const real = shop.network.executor()
    firewall = nftFirewall({
      record: memoryFirewall(),
      tables: knownTablesInMemory(),
      executor: delegate(real, {
        run: (netns, command, input) => {
          if (command[0] === 'nft') asked.push(input === undefined ? 'list' : 'load')
          return real.run(netns, command, input)
        },
      }),
      now: () => new Date(),
    })
  }, 60_000)
  afterEach(() => shop.close())

  test('are learnt while changes are waited for, and the next edit asks for none', async () => {
    const stop = firewall.watch(() => undefined)
    await shop.program(firewall, [portsOpen(80, 443)])
    await shop.program(firewall, [portsOpen(80, 8443)])
    await vi.waitFor(() => {
      expect(asked.slice(-2)).toEqual(['load', 'list'])
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    asked.length = 0
    await shop.program(firewall, [portsOpen(80, 9443)])
    expect(asked[0]).toBe('load')
    expect(shop.table()).toMatch(/dport 9443 /)
    expect(shop.table()).not.toMatch(/dport 8443 /)
    stop()
  })

  test('are asked for by the next edit where it comes before they are learnt, and once', async () => {
    const stop = firewall.watch(() => undefined)
    await shop.program(firewall, [portsOpen(80, 443)])
    await shop.program(firewall, [portsOpen(80, 8443)])
    asked.length = 0
    await shop.program(firewall, [portsOpen(80, 9443)])
    expect(asked.filter((what) => what === 'list').length).toBeLessThanOrEqual(2)
    expect(shop.table()).toMatch(/dport 9443 /)
    expect(shop.table()).not.toMatch(/dport 8443 /)
    stop()
  })

  test('are not learnt after a single change, of which nobody waits for the next', async () => {
    await shop.program(firewall, [portsOpen(80, 443)])
    await shop.program(firewall, [portsOpen(80, 8443)])
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(asked.at(-1)).toBe('load')
  })
})
