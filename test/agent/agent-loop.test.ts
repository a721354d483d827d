import { beforeEach, describe, expect, test } from 'vitest'
import type { AcceptedWorld, Presence } from '../../src/agent/accepted-world.ts'
import type { AgentLoop } from '../../src/agent/agent-loop.ts'
import type { ProgrammedReport } from '../../src/agent/programmed-report.ts'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { Rule } from '../../src/api/types.gen.ts'
import type { ObjectKey } from '../../src/core/key.ts'
import { memoryFirewall, type MemoryFirewall } from '../../src/firewall/memory.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { StoreError, type Store } from '../../src/store/store.ts'
import { addressGroup, group, instance, plainProfile, vpc, type Unnamed } from '../reference/objects.ts'
import { openAgent } from './open-agent.ts'

const NODE = 'host-a'
const WEB = 'Instance/default/web-1'

const presentOf = (versions: AcceptedWorld['versions']): ReadonlyMap<ObjectKey, Presence> =>
  new Map(Array.from(versions, ([key, version]) => [key, { uid: undefined, version }]))

/** Everything of it was accepted. */
function worldOf(...objects: readonly PalisadeObject[]): AcceptedWorld {
  const versions = new Map(objects.map((object) => [keyOf(object), { generation: 1, digest: '', object }]))
  return { versions, present: presentOf(versions), reserved: new Set() }
}

const shopOpen = (...ingress: readonly Unnamed<Rule>[]): AcceptedWorld =>
  worldOf(
    vpc('shop'),
    group('web', 'shop', { ingress }),
    instance('web-1', 'shop', ['web'], {
      addresses: ['10.0.0.1'],
      attachment: { nodeName: NODE, netns: 'shop', interface: 'eth0' },
    }),
  )

const SSH: Unnamed<Rule> = { protocol: 'TCP', ports: [22] }
const HTTP: Unnamed<Rule> = { protocol: 'TCP', ports: [80] }

describe('an agent whose state cannot be written', () => {
  let world: AcceptedWorld
  let now: Date
  let firewall: MemoryFirewall
  let store: Store
  let isFull: boolean
  let agent: AgentLoop
  beforeEach(async () => {
    world = shopOpen(SSH)
    now = new Date('2026-03-01T12:00:00Z')
    firewall = memoryFirewall()
    store = memoryStore()
    isFull = false
    const write = store.writeInventory.bind(store)
    store.writeInventory = (inventory) =>
      isFull ? Promise.reject(new StoreError('the disk is full')) : write(inventory)
    agent = await openAgent({
      cluster: {
        read: () => world,
      },
      store,
      firewall,
      now: () => now,
      elapsed: () => now.getTime(),
    })
  })

  const ports = async (): Promise<readonly string[]> =>
    ((await firewall.read()).instances.get(WEB)?.ruleSet.ingress ?? []).flatMap((rule) => rule.ports ?? [])

  test('programs nothing that it could not remember, and all of it once it can', async () => {
    await agent.turn()
    expect(await ports()).toEqual(['22'])
    world = shopOpen()
    isFull = true
    await expect(agent.turn()).rejects.toThrow('the disk is full')
    expect(await ports()).toEqual(['22'])
    isFull = false
    await agent.turn()
    expect(await ports()).toEqual([])
  })

  test('closes a rule that ended meanwhile all the same', async () => {
    world = shopOpen({ ...SSH, expires: '2026-03-01T13:00:00Z' })
    await agent.turn()
    expect(await ports()).toEqual(['22'])
    now = new Date('2026-03-01T13:00:00Z')
    isFull = true
    await expect(agent.turn()).rejects.toThrow('the disk is full')
    expect(await ports()).toEqual([])
    isFull = false
    await agent.turn()
    expect(await ports()).toEqual([])
  })
})

describe('an agent that starts again while a group of its instance is missing for good', () => {
  const [g, h] = [group('g', 'shop', { ingress: [SSH] }), group('h', 'shop', { ingress: [HTTP] })]
  const web = instance('web-1', 'shop', ['g', 'h'], {
    attachment: { nodeName: NODE, netns: 'shop', interface: 'eth0' },
  })
  const whole = worldOf(vpc('shop'), g, h, web)
  const withoutGroup = worldOf(vpc('shop'), h, web)

  const store = memoryStore()
  const firewall = memoryFirewall()
  let now = new Date('2026-03-01T12:00:00Z')
  const turns = async (...worlds: readonly (AcceptedWorld | undefined)[]): Promise<void> => {
    let world: AcceptedWorld | undefined
    const agent = await openAgent({
      cluster: { read: () => world },
      store,
      firewall,
      now: () => now,
      elapsed: () => now.getTime(),
    })
    for (world of worlds) {
      await agent.turn()
      now = new Date(now.getTime() + 6_000)
    }
  }
  /** Ports of its rules, and the action of the last one, which has none; undefined: none of its rules are in force. */
  const rules = async (): Promise<readonly string[] | undefined> => {
    const { instances } = await firewall.read()
    return instances.get(WEB)?.ruleSet.ingress.map((rule) => rule.ports?.join() ?? rule.action)
  }
  const CLOSED = ['Drop']

  test('has what was in force, with the cluster and without it', async () => {
    await turns(whole)
    expect(await rules()).toEqual(['22', '80', 'Drop'])
    await turns(withoutGroup, withoutGroup)
    expect(await rules()).toEqual(CLOSED)
    await turns(undefined)
    expect(await rules()).toEqual(CLOSED)
    await turns(withoutGroup)
    expect(await rules()).toEqual(CLOSED)
  })

  test('leaves out what has no rules at all without what is missing', async () => {
    await turns(worldOf(vpc('shop'), h, web))
    const { entries, ...rest } = await store.readInventory()
    const withoutVpc = [...entries].filter(([key]) => key !== 'VPC/default/shop')
    await store.writeInventory({ ...rest, entries: new Map(withoutVpc) })
    await turns(undefined)
    expect(await rules()).toBeUndefined()
    await turns(withoutGroup, withoutGroup)
    expect(await rules()).toEqual(CLOSED)
  })
})

describe('an agent whose only instance of a namespace is enforced nowhere any more', () => {
  test('says that it does not enforce it', async () => {
    let world = shopOpen(SSH)
    let told: ReadonlyMap<ObjectKey, ProgrammedReport | undefined> = new Map()
    const firewall = memoryFirewall()
    const agent = await openAgent({
      cluster: {
        read: () => world,
        report: (reports) => {
          told = reports
        },
      },
      firewall,
    })
    await agent.turn()
    expect(told.get(WEB)?.programmed?.nodeName).toBe(NODE)
    const { present } = worldOf(vpc('shop'), group('web', 'shop'), instance('web-1', 'shop', ['web']))
    world = { versions: new Map(), present, reserved: new Set(), namespaces: new Set(['']) }
    await agent.turn()
    expect((await firewall.read()).instances.size).toBe(0)
    expect([...told]).toEqual([[WEB, undefined]])
  })
})

describe('an agent that waits for a group', () => {
  const at = { attachment: { nodeName: NODE, netns: 'shop', interface: 'eth0' } }
  const world = worldOf(vpc('shop'), instance('web-1', 'shop', ['late'], at))

  test('waits for as long as some kind cannot be watched, which may be that of the group', async () => {
    let [elapsed, isCut] = [0, false]
    const agent = await openAgent({
      cluster: {
        read: () => world,
        isCut: () => isCut,
      },
      elapsed: () => elapsed,
    })
    expect(await agent.turn()).toMatchObject({ instances: 0, againMs: 5_000 })
    elapsed = 1_000
    isCut = true
    expect(await agent.turn()).toMatchObject({ instances: 0, againMs: 4_000 })
    elapsed = 60_000
    expect(await agent.turn()).toMatchObject({ instances: 0, againMs: 4_000 })
    isCut = false
    expect(await agent.turn()).toMatchObject({ instances: 0, againMs: 4_000 })
    elapsed = 64_000
    expect(await agent.turn()).toMatchObject({ instances: 1, againMs: undefined })
  })

  test('waits no longer than it would have where the clock goes back', async () => {
    let [now, elapsed] = [new Date('2026-03-01T12:00:00Z'), 0]
    const agent = await openAgent({
      cluster: { read: () => world },
      now: () => now,
      elapsed: () => elapsed,
    })
    expect(await agent.turn()).toMatchObject({ instances: 0, againMs: 5_000, next: undefined })
    now = new Date('2026-03-01T11:00:00Z')
    elapsed = 3_000.5
    expect(await agent.turn()).toMatchObject({ instances: 0, againMs: 2_000 })
    elapsed = 5_000
    expect(await agent.turn()).toMatchObject({ instances: 1, againMs: undefined, waits: [] })
  })
})

describe('an agent that starts while the cluster is away', () => {
  const home = plainProfile('open', {
    defaultGroups: [
      { name: 'default', create: 'WhenNeeded', editable: true, ingress: [{ ...SSH, name: 'ssh' }] },
    ],
    instanceWithoutGroups: 'JoinDefault',
  })
  const accepted = worldOf(
    home,
    vpc('shop', { profileRef: { name: 'open' } }),
    instance('web-1', 'shop', [], {
      addresses: ['10.0.0.1'],
      attachment: { nodeName: NODE, netns: 'shop', interface: 'eth0' },
    }),
  )
  const DEFAULT = 'SecurityGroup/default/shop-default'
  const refused: AcceptedWorld = {
    ...accepted,
    present: new Map([...presentOf(accepted.versions), [DEFAULT, { uid: undefined, version: undefined }]]),
    reserved: new Set([DEFAULT]),
  }

  const store = memoryStore()
  const firewall = memoryFirewall()
  const portsAfterStart = async (world: AcceptedWorld | undefined): Promise<readonly string[]> => {
    const agent = await openAgent({ cluster: { read: () => world }, builtIn: [], store, firewall })
    await agent.turn()
    const ruleset = (await firewall.read()).instances.get(WEB)
    return (ruleset?.ruleSet.ingress ?? []).flatMap((rule) => rule.ports ?? [])
  }

  test('keeps a default group away for as long as somebody declares another that is refused', async () => {
    expect(await portsAfterStart(refused)).toEqual([])
    expect(await portsAfterStart(undefined)).toEqual([])
    expect(await portsAfterStart(accepted)).toEqual(['22'])
    expect(await portsAfterStart(undefined)).toEqual(['22'])
  })
})

describe('an agent that cannot tell whether anybody meant a deletion', () => {
  const list = addressGroup('unused', ['192.0.2.0/24'])
  const LIST = keyOf(list)
  const attachment = { nodeName: NODE, netns: 'shop', interface: 'eth0' }
  const plain = instance('web-1', 'shop', ['web'], { attachment })
  const web = { ...plain, metadata: { ...plain.metadata, uid: 'first' } }
  const at = (...rules: readonly Unnamed<Rule>[]): PalisadeObject => group('web', 'shop', { ingress: rules })

  let world: AcceptedWorld
  let isCut: boolean
  let doubts: ReadonlyMap<ObjectKey, string>
  let asked: (readonly ObjectKey[])[]
  let told: ReadonlyMap<ObjectKey, ProgrammedReport | undefined>
  let firewall: MemoryFirewall
  let agent: AgentLoop
  beforeEach(async () => {
    ;[world, isCut, doubts, asked, told] = [
      worldOf(vpc('shop'), at(SSH), list, web),
      false,
      new Map(),
      [],
      new Map(),
    ]
    firewall = memoryFirewall()
    agent = await openAgent({
      cluster: {
        read: () => world,
        isCut: () => isCut,
        doubtsOf: (deleted) => {
          asked.push(deleted)
          return Promise.resolve(new Map([...doubts].filter(([key]) => deleted.includes(key))))
        },
        report: (reports) => {
          told = reports
        },
      },
      firewall,
    })
    await agent.turn()
  })

  const ports = async (): Promise<readonly string[] | undefined> =>
    (await firewall.read()).instances.get(WEB)?.ruleSet.ingress.flatMap((rule) => rule.ports ?? [])

  test('follows all the rest, says so, and asks again', async () => {
    expect(await ports()).toEqual(['22'])
    doubts = new Map([[LIST, 'the CRD is being removed']])
    world = worldOf(vpc('shop'), at(), web)
    expect(await agent.turn()).toMatchObject({
      unreported: 'the CRD is being removed',
    })
    expect(await ports()).toEqual([])
    doubts = new Map()
    expect(await agent.turn()).toMatchObject({ unreported: undefined })
    await agent.turn()
    expect(asked).toEqual([[LIST], [LIST]])
  })

  test('keeps an instance, whose groups go on to change, and reports nothing of another of its name', async () => {
    doubts = new Map([[WEB, 'nobody can say']])
    const rest = worldOf(vpc('shop'), at(HTTP), list)
    world = { ...rest, versions: new Map(), namespaces: new Set(['']) }
    await agent.turn()
    expect(await ports()).toEqual(['80'])
    const anew = new Map([...presentOf(rest.versions), [WEB, { uid: 'second', version: undefined }]])
    world = { ...rest, present: anew }
    await agent.turn()
    expect([...told]).toEqual([])
    doubts = new Map()
    world = rest
    await agent.turn()
    expect(await ports()).toBeUndefined()
  })

  test('asks nobody while some kind cannot be watched, and keeps what is gone until all can be', async () => {
    isCut = true
    world = worldOf(vpc('shop'), at(HTTP))
    expect((await agent.turn()).unreported).toContain('not every kind can be watched')
    expect(await ports()).toEqual(['80'])
    expect(asked).toEqual([])
    isCut = false
    await agent.turn()
    expect(await ports()).toBeUndefined()
  })

  test("keeps the cluster's own version of a profile that palisade brings as well", async () => {
    const lenient = plainProfile('standard', {
      groupTypes: [
        {
          name: 'Basic',
          implicit: { ingress: 'Allow', egress: 'Allow' },
          remotes: ['CIDR'],
        },
      ],
    })
    world = worldOf(lenient, vpc('shop'), at(SSH), list, web)
    await agent.turn()
    const before = (await firewall.read()).instances.get(WEB)
    doubts = new Map([[keyOf(lenient), 'the CRD is being removed']])
    world = worldOf(vpc('shop'), at(SSH), list, web)
    await agent.turn()
    expect((await firewall.read()).instances.get(WEB)).toEqual(before)
    doubts = new Map()
    await agent.turn()
    expect((await firewall.read()).instances.get(WEB)).not.toEqual(before)
  })
})
