import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { isRevoked } from '../../../src/firewall/nft/mark.ts'
import { datagram } from './datagram.ts'
import { delegate } from './delegate.ts'
import { whatIsMissing } from './network.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, OUTSIDE, Shop, TCP_80 } from './shop.ts'

const missing = whatIsMissing()
const UDP_53 = allow({ protocol: 'UDP', ports: ['53'] })
const [A, B] = [MACHINES.a.four, MACHINES.b.four]
const OPEN = { ingress: [EVERYTHING], egress: [EVERYTHING] }

describe.skipIf(missing !== undefined)(`connections whose opener is silent ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  beforeAll(async () => {
    shop = await Shop.open()
  }, 60_000)
  afterAll(() => shop.close())
  beforeEach(async () => {
    firewall = shop.firewall({ node: 'host-a' })
    await shop.program(firewall, [])
    shop.network.sh('shop', 'conntrack -F 2>/dev/null')
  })

  /** One that was open before the next change; its port is 53. */
  const opened = (source: string, destination: string, own = 4000, mark = 0x100): void => {
    const words = `-s ${source} -d ${destination} -r ${destination} -q ${source} --sport ${own} --dport 53`
    shop.network.sh(
      'shop',
      `conntrack -A -p udp ${words} --reply-port-src 53 --reply-port-dst ${own} -t 100 -m ${mark} 2>/dev/null`,
    )
  }
  const isCut = (source: string, destination: string): boolean => {
    const list = shop.network.sh('shop', `conntrack -L -p udp -s ${source} -d ${destination} 2>/dev/null`)
    return isRevoked(Number(/ mark=(\d+)/.exec(list)?.[1]))
  }

  test.each([
    ['is deleted', []],
    ['is refused', [instanceOn('a', { egress: [EVERYTHING, allow({ protocol: 'DCCP', ports: ['5'] })] })]],
    [
      'moves to another interface',
      [instanceOn('a', OPEN, { attachment: { nodeName: 'host-a', netns: 'shop', interface: 'palz' } })],
    ],
    ['moves to another node', [instanceOn('a', OPEN, { attachment: { nodeName: 'host-b' } })]],
    ['loses the address', [instanceOn('a', OPEN, { addresses: [MACHINES.a.six] })]],
  ])(
    'those of an instance that %s are cut both ways, also where a profile keeps what is open',
    async (_how, after) => {
      const b = instanceOn('b', OPEN, { established: 'Keep' })
      await shop.program(firewall, [instanceOn('a', OPEN, { established: 'Keep' }), b])
      for (const other of [B, OUTSIDE.four]) {
        opened(A, other)
        opened(other, A)
      }
      opened(B, OUTSIDE.four)
      await shop.program(firewall, [...after, b]).catch(() => undefined)
      for (const other of [B, OUTSIDE.four]) expect([isCut(A, other), isCut(other, A)]).toEqual([true, true])
      expect(isCut(B, OUTSIDE.four)).toBe(false)
    },
  )

  test('one that was deleted in a change that failed loses them with the next one', async () => {
    await shop.program(firewall, [instanceOn('a', OPEN), instanceOn('b', OPEN)])
    opened(A, B)
    const broken = allow({ protocol: 'TCP', ports: ['no port'] })
    await expect(shop.program(firewall, [instanceOn('b', { ingress: [broken] })])).rejects.toThrow()
    expect(isCut(A, B)).toBe(false)
    await shop.program(firewall, [instanceOn('b', { ingress: [UDP_53] })])
    expect(isCut(A, B)).toBe(true)
  })

  test('one whose opener was heard since, and whose receiver no longer allows it, is cut', async () => {
    const real = shop.network.executor()
    const heard = (): void => {
      const current = Number(/set judged \{[^}]*elements = \{ (\w+) \}/.exec(shop.table())?.[1])
      opened(A, B, 4000, current + 0x2000_0000)
    }
    let listings = 0
    const executor = delegate(real, {
      run: (netns, command, input) => {
        if (command[0] === 'conntrack' && listings++ === 0) heard()
        return real.run(netns, command, input)
      },
    })
    firewall = shop.firewall({ node: 'host-a', executor })
    await shop.program(firewall, [instanceOn('a', OPEN), instanceOn('b', {})])
    expect(listings).toBeGreaterThan(0)
    expect(isCut(A, B)).toBe(true)
  })

  test('the rules of whoever gets the address decide', async () => {
    const address = '10.0.1.77'
    const own = [MACHINES.a.four, MACHINES.a.six]
    const b = instanceOn('b', { ingress: [UDP_53] }, { addresses: [B, MACHINES.b.six, address] })
    await shop.program(firewall, [instanceOn('a', OPEN, { addresses: [...own, address] })])
    opened(OUTSIDE.four, address)
    opened(address, OUTSIDE.four)
    await shop.program(firewall, [instanceOn('a', OPEN), b])
    expect([isCut(OUTSIDE.four, address), isCut(address, OUTSIDE.four)]).toEqual([false, true])
  })

  test('one that goes on elsewhere is open again when its opener sends, if the other end allows it', async () => {
    await shop.program(firewall, [instanceOn('a', OPEN), instanceOn('b', { ingress: [UDP_53] })])
    opened(A, B)
    await shop.program(firewall, [instanceOn('b', { ingress: [UDP_53] })])
    expect(isCut(A, B)).toBe(true)
    shop.network.sh('shop', `ip route replace ${A}/32 via ${OUTSIDE.four}`)
    shop.network.sh(
      'outside',
      `ip addr add ${A}/32 dev eth0; ip route add ${B}/32 via 192.0.2.1 src ${A}; ${datagram(4000, 53, B)}`,
    )
    expect(isCut(A, B)).toBe(false)
    await shop.program(firewall, [instanceOn('b', { ingress: [TCP_80] })])
    expect(isCut(A, B)).toBe(true)
  })
  test('a sweep that fails is told of once, and made up for by the next repair', async () => {
    const real = shop.network.executor()
    const told: string[] = []
    let isBroken = true
    const executor = delegate(real, {
      run: (netns, command, input) =>
        isBroken && command[0] === 'conntrack'
          ? Promise.resolve({ status: 1, stdout: '', stderr: 'out of memory' })
          : real.run(netns, command, input),
    })
    firewall = shop.firewall({ node: 'host-a', executor, warn: (sentence) => told.push(sentence) })
    await shop.program(firewall, [instanceOn('a', OPEN), instanceOn('b', OPEN)])
    told.length = 0
    opened(A, B)
    opened(B, OUTSIDE.four)
    await shop.program(firewall, [instanceOn('b', OPEN)])
    await firewall.repair()
    expect(told).toEqual([
      'connections that the rules no longer allow are cut only when their opener sends, since the sweep failed: out of memory',
    ])
    expect(isCut(A, B)).toBe(false)
    isBroken = false
    await firewall.repair()
    expect([isCut(A, B), isCut(B, OUTSIDE.four)]).toEqual([true, false])
  })
})
