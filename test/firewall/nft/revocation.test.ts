import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Firewall } from '../../../src/firewall/firewall.ts'
import { isRevoked } from '../../../src/firewall/nft/mark.ts'
import { diffRulesets } from '../../../src/policy/ruleset-change.ts'
import { rulesetOf } from '../../lab/field.ts'
import { Installation } from '../../policy/installation.ts'
import { group, instance, plainProfile, vpc } from '../../reference/objects.ts'
import { whatIsMissing } from './network.ts'
import { Peer } from './peer.ts'
import { MACHINES, Shop } from './shop.ts'

const missing = whatIsMissing()

/** Which of the two VPCs have their rules. */
type Open = 'both' | 'cut' | 'none'

/** a is in a VPC whose profile cuts open connections, b in one whose profile keeps them. */
describe.skipIf(missing !== undefined)(`two VPCs in one network namespace ${missing ?? ''}`, () => {
  let shop: Shop
  let firewall: Firewall
  let peers: Readonly<Record<'a' | 'b' | 'outside', Peer>>
  let installation: Installation
  let next = 0
  let id: string
  beforeAll(async () => {
    shop = await Shop.open()
    firewall = shop.firewall()
    const [a, b, outside] = await Promise.all(
      (['a', 'b', 'outside'] as const).map((name) => Peer.start(shop.network, name)),
    )
    if (a === undefined || b === undefined || outside === undefined) throw new Error('a machine is missing')
    peers = { a, b, outside }
    for (const server of [a, b]) {
      await server.ask('tcp-serve', 80)
      await server.ask('udp-serve', 53)
    }
  }, 60_000)
  afterAll(async () => {
    await Promise.all(Object.values(peers).map((peer) => peer.stop()))
    await shop.close()
  })
  beforeEach(async () => {
    id = `c${String(++next)}`
    installation = new Installation(
      plainProfile('cutting', { established: 'Cut' }),
      plainProfile('keeping', { established: 'Keep' }),
      vpc('cut', { profileRef: { name: 'cutting' } }),
      vpc('kept', { profileRef: { name: 'keeping' } }),
      machine('a', 'cut'),
      machine('b', 'kept'),
    )
    await open('both')
  })

  const machine = (name: 'a' | 'b', vpcName: string): ReturnType<typeof instance> => {
    const { interface: port, mac, four, six } = MACHINES[name]
    const attachment = { nodeName: 'host-a', netns: 'shop', interface: port }
    return instance(name, vpcName, [`in-${vpcName}`], { addresses: [four, six], mac, attachment })
  }

  async function enforce(): Promise<void> {
    await firewall.apply(diffRulesets(await shop.record.read(), rulesetOf(installation.model)))
  }

  async function open(which: Open): Promise<void> {
    const rules = (isOpen: boolean): Parameters<typeof group>[2] =>
      isOpen ? { ingress: [{}], egress: [{}] } : { ingress: [], egress: [] }
    installation.declare(
      group('in-cut', 'cut', rules(which !== 'none')),
      group('in-kept', 'kept', rules(which === 'both')),
    )
    await enforce()
  }

  const connect = (from: keyof typeof peers, address: string, name: string): Promise<string> =>
    peers[from].ask('tcp-open', `${id}-${name}`, address, 80)
  const echo = (from: keyof typeof peers, name: string): Promise<string> =>
    peers[from].ask('tcp-echo', `${id}-${name}`)

  test.each(['four', 'six'] as const)('each follows its own profile: %s', async (family) => {
    const [outsideToA, outsideToB] = [MACHINES.a[family], MACHINES.b[family]]
    expect(await connect('outside', outsideToA, 'a')).toBe('open')
    expect(await connect('outside', outsideToB, 'b')).toBe('open')
    await open('none')
    expect(await echo('outside', 'a')).toBe('silent')
    expect(await echo('outside', 'b')).toBe('echo')
    expect(await connect('outside', outsideToB, 'new')).toBe('silent')
  })

  test('a connection between them is cut by the end that cuts, and by no other', async () => {
    expect(await connect('a', MACHINES.b.four, 'to-b')).toBe('open')
    expect(await connect('b', MACHINES.a.four, 'to-a')).toBe('open')
    await open('cut')
    expect(await echo('a', 'to-b')).toBe('echo')
    expect(await echo('b', 'to-a')).toBe('echo')
    await open('none')
    expect(await echo('a', 'to-b')).toBe('silent')
    expect(await echo('b', 'to-a')).toBe('silent')
  })

  test('and so it is where the opener is silent', async () => {
    for (const { six } of [MACHINES.a, MACHINES.b]) {
      expect(await peers.outside.ask('udp-echo', `${id}-${six}`, six, 53)).toBe('echo')
    }
    await open('none')
    const cut = shop.network
      .sh('shop', 'conntrack -L -f ipv6 -p udp 2>/dev/null')
      .split('\n')
      .filter((line) => isRevoked(Number(/ mark=(\d+)/.exec(line)?.[1] ?? 0)))
      .map((line) => / dst=(\S+) /.exec(line)?.[1])
    expect(cut).toEqual([MACHINES.a.six])
  })

  test('a profile that begins to cut cuts what it had kept', async () => {
    expect(await connect('outside', MACHINES.b.four, 'b')).toBe('open')
    await open('none')
    expect(await echo('outside', 'b')).toBe('echo')
    installation.declare(plainProfile('keeping', { established: 'Cut' }))
    await enforce()
    expect(await echo('outside', 'b')).toBe('silent')
  })
})
