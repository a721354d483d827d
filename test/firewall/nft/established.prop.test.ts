import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EffectiveRule } from '../../../src/api/types.gen.ts'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { isRevoked } from '../../../src/firewall/nft/mark.ts'
import type { InstanceRuleset } from '../../../src/policy/ruleset.ts'
import { interpret } from '../../reference/effective-rules.ts'
import type { Packet } from '../../reference/packet.ts'
import { whatIsMissing } from './network.ts'
import { Peer } from './peer.ts'
import { allow, EVERYTHING, instanceOn, MACHINES, OUTSIDE, Shop } from './shop.ts'

const missing = whatIsMissing()

/** Each opens 18 connections and edits the rules 4 times: some 3 s. */
const CASES = Number(process.env['PALISADE_ESTABLISHED_CASES'] ?? 6)

const ENDS = { a: MACHINES.a, b: MACHINES.b, outside: OUTSIDE }
type End = keyof typeof ENDS

interface Flow {
  readonly from: End
  readonly to: End
  readonly packet: Packet & { readonly port: number }
}

/** An instance to another, from outside to an instance and back, over both families and to each port. */
const FLOWS: readonly Flow[] = (
  [
    ['a', 'b'],
    ['outside', 'b'],
    ['b', 'outside'],
  ] as const
).flatMap(([from, to]) =>
  [53, 54, 55].flatMap((port) =>
    (['four', 'six'] as const).map((family) => ({
      from,
      to,
      packet: { from: ENDS[from][family], to: ENDS[to][family], protocol: 17, port },
    })),
  ),
)

interface Edit {
  readonly ingressOfB: readonly EffectiveRule[]
  readonly egressOfB: readonly EffectiveRule[]
  readonly egressOfA: readonly EffectiveRule[]
  readonly members: readonly string[]
  /** Whether openers send before the next edit. */
  readonly speaks: boolean
}

const rule: fc.Arbitrary<EffectiveRule> = fc
  .record({
    action: fc.constantFrom('Allow' as const, 'Allow' as const, 'Allow' as const, 'Drop' as const),
    transport: fc.constantFrom<Partial<EffectiveRule>>(
      { protocol: 'All' },
      { protocol: 'UDP' },
      { protocol: 'UDP', ports: ['53'] },
      { protocol: 'UDP', ports: ['54-55'] },
      { protocol: 'UDP', ports: ['53', '55'] },
      { protocol: 'TCP' },
    ),
    reach: fc.constantFrom<Partial<EffectiveRule>>(
      {},
      { etherType: 'IPv4' },
      { etherType: 'IPv6' },
      { remote: { cidr: '10.0.1.0/24' } },
      { remote: { cidr: '192.0.2.2/32' } },
      { remote: { cidr: 'fd00::/16' } },
      { remote: { cidr: 'fd00:99::/64' } },
      { remote: { securityGroup: 'clients' } },
    ),
  })
  .map(({ action, transport, reach }) => allow({ action, ...transport, ...reach }))

const rules = fc.array(rule, { maxLength: 4 })

const edit: fc.Arbitrary<Edit> = fc.record({
  ingressOfB: rules,
  egressOfB: rules,
  egressOfA: rules,
  members: fc.subarray([
    `${MACHINES.a.four}/32`,
    `${MACHINES.a.six}/128`,
    `${OUTSIDE.four}/32`,
    `${OUTSIDE.six}/128`,
  ]),
  speaks: fc.boolean(),
})

const OPEN: Edit = {
  ingressOfB: [EVERYTHING],
  egressOfB: [EVERYTHING],
  egressOfA: [EVERYTHING],
  members: [],
  speaks: true,
}

describe.skipIf(missing !== undefined)(`open connections, edit after edit ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  const peers = new Map<End, Peer>()
  let next = 0
  beforeAll(async () => {
    shop = await Shop.open()
    firewall = shop.firewall()
    for (const name of ['a', 'b', 'outside'] as const) {
      const peer = await Peer.start(shop.network, name)
      peers.set(name, peer)
      for (const port of [53, 54, 55]) await peer.ask('udp-serve', port)
    }
  }, 60_000)
  afterAll(async () => {
    await Promise.all([...peers.values()].map((peer) => peer.stop()))
    await shop.close()
  })

  const instancesOf = (edit: Edit): Readonly<Record<'a' | 'b', InstanceRuleset>> => ({
    a: instanceOn('a', { ingress: [EVERYTHING], egress: edit.egressOfA }),
    b: instanceOn('b', { ingress: edit.ingressOfB, egress: edit.egressOfB }),
  })

  /** An end that is no instance has no say. */
  function isAllowed({ from, to, packet }: Flow, edit: Edit): boolean {
    const instances = instancesOf(edit)
    const agrees = (end: End, direction: 'Ingress' | 'Egress'): boolean => {
      if (end === 'outside') return true
      const { ingress, egress } = instances[end].ruleSet
      const list = direction === 'Ingress' ? ingress : egress
      return interpret(list, direction, packet, () => edit.members) === 'Allow'
    }
    return agrees(from, 'Egress') && agrees(to, 'Ingress')
  }

  const program = (edit: Edit): Promise<void> =>
    shop.program(
      firewall,
      Object.values(instancesOf(edit)),
      new Map([['SecurityGroup/shop/clients', edit.members]]),
    )

  const send = ({ from, packet }: Flow, id: string): Promise<string> | undefined =>
    peers.get(from)?.ask('udp-echo', id, packet.to, packet.port)

  /** Which are answered; one that is due may take its time on a machine that is busy. */
  async function answered(ids: readonly string[], due: readonly boolean[]): Promise<readonly boolean[]> {
    const sendAll = (which: readonly boolean[]): Promise<readonly boolean[]> =>
      Promise.all(
        FLOWS.map(async (flow, at) => which[at] === true && (await send(flow, ids[at] ?? '')) === 'echo'),
      )
    const first = await sendAll(FLOWS.map(() => true))
    const late = due.map((isDue, at) => isDue && first[at] === false)
    const second = late.some(Boolean) ? await sendAll(late) : []
    return first.map((isAnswered, at) => isAnswered || second[at] === true)
  }

  /** Which are cut in both directions, whoever speaks; undefined: there is no such connection. */
  function cut(): readonly (boolean | undefined)[] {
    const lines = ['ipv4', 'ipv6'].flatMap((family) =>
      shop.network.sh('shop', `conntrack -L -f ${family} -p udp 2>/dev/null`).split('\n'),
    )
    return FLOWS.map(({ packet: { from, to, port } }) => {
      const words = new RegExp(`^udp .*? src=${from} dst=${to} sport=\\d+ dport=${String(port)} `)
      const line = lines.find((text) => words.test(text))
      return line === undefined ? undefined : isRevoked(Number(/ mark=(\d+)/.exec(line)?.[1] ?? 0))
    })
  }

  test(
    'one dies when no rule allows it any more, lives while one does, and revives when one does again',
    { timeout: 30_000 + CASES * 20_000 },
    async () => {
      let died = 0
      let revived = 0
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 4, maxLength: 4 }), async (edits) => {
          shop.network.sh('shop', 'conntrack -F 2>/dev/null')
          await program(OPEN)
          const ids = FLOWS.map(() => `c${String(++next)}`)
          const all = FLOWS.map(() => true)
          expect(await answered(ids, all)).toEqual(all)
          for (const edit of edits) {
            const before = cut()
            await program(edit)
            const due = FLOWS.map((flow) => isAllowed(flow, edit))
            // One that was cut stays so until its opener speaks.
            expect(cut()).toEqual(due.map((isDue, at) => !isDue || before[at]))
            died += due.filter((isDue, at) => !isDue && before[at] === false).length
            revived += due.filter((isDue, at) => isDue && before[at] === true).length
            if (edit.speaks) expect(await answered(ids, due)).toEqual(due)
          }
        }),
        { numRuns: CASES },
      )
      expect(died).toBeGreaterThan(CASES)
      expect(revived).toBeGreaterThan(0)
    },
  )
})
