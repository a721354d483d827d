import { describe, expect, test } from 'vitest'
import type { AcceptedWorld, Presence } from '../../src/agent/accepted-world.ts'
import { NodeModel } from '../../src/agent/node-model.ts'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { InstanceSpec } from '../../src/api/types.gen.ts'
import type { ObjectKey } from '../../src/core/key.ts'
import type { AcceptedVersion } from '../../src/store/store.ts'
import { group, instance, plainProfile, vpc } from '../reference/objects.ts'

const NODE = 'host-a'
const WEB = 'Instance/default/web'

type TestWorld = AcceptedWorld & { readonly present: ReadonlyMap<ObjectKey, Presence> }

/** Everything of it was accepted. */
function worldOf(...objects: readonly PalisadeObject[]): TestWorld {
  const versions = new Map(objects.map((object) => [keyOf(object), { generation: 1, digest: '', object }]))
  const present = new Map(Array.from(versions, ([key, version]) => [key, { uid: undefined, version }]))
  return { versions, present, reserved: new Set() }
}

const web = (...groups: readonly string[]): PalisadeObject =>
  instance('web', 'shop', groups, { attachment: { nodeName: NODE, netns: 'shop', interface: 'eth0' } })

const newNode = (): NodeModel => new NodeModel(NODE, [plainProfile('standard')])

/** The groups that the version in force names. */
const named = (node: NodeModel): readonly string[] => {
  const object = node.version(WEB)?.object
  return object?.kind === 'Instance' ? (object.spec.securityGroupRefs ?? []).map(({ name }) => name) : []
}

const ports = (node: NodeModel): readonly string[] =>
  (node.instanceRuleset(WEB)?.ruleSet.ingress ?? []).flatMap((rule) => rule.ports ?? [])

describe('a node waits five seconds for the groups of an instance', () => {
  const shop = vpc('shop')
  const open = group('open', 'shop', { ingress: [{ protocol: 'TCP', ports: [22] }] })
  const closed = group('closed', 'shop')

  test('also for a second one while the first is missing for good', () => {
    const node = newNode()
    const before = worldOf(shop, open, closed, web('gone', 'closed'))
    expect(node.adopt(before, 0).waits).toHaveLength(1)
    expect(node.adopt(before, 5_000).waits).toEqual([])
    const joined = worldOf(shop, open, closed, web('gone', 'open', 'blocker'))
    expect(node.adopt(joined, 7_000)).toMatchObject({ waits: [expect.any(String)], again: 12_000 })
    expect(named(node)).toEqual(['gone', 'closed'])
    expect(node.adopt(joined, 12_000)).toEqual({ waits: [] })
    expect(named(node)).toEqual(['gone', 'open', 'blocker'])
    // Nobody knows what the groups closed that are missing.
    expect(ports(node)).toEqual([])
  })

  test('each by its own time', () => {
    const node = newNode()
    const instances = web('gone', 'late')
    const late = group('late', 'shop')
    node.adopt(worldOf(shop, late, instances), 0)
    expect(node.adopt(worldOf(shop, instances), 4_000).again).toBe(5_000)
    expect(node.adopt(worldOf(shop, instances), 5_000).again).toBe(9_000)
    expect(node.adopt(worldOf(shop, instances), 9_000).waits).toEqual([])
  })

  test('also for one that is missing for good to another, since it may have been made again', () => {
    const node = newNode()
    const other = instance('other', 'shop', ['gone'])
    node.adopt(worldOf(shop, open, other, web()), 0)
    expect(node.adopt(worldOf(shop, open, other, web()), 5_000).waits).toEqual([])
    expect(node.adopt(worldOf(shop, open, other, web('open', 'gone')), 6_000).again).toBe(11_000)
    expect(ports(node)).toEqual([])
  })
})

describe('a group that was deleted and made again', () => {
  const selecting = group({ name: 'open', uid: 'first' }, 'shop', {
    instanceSelector: {},
    ingress: [{ protocol: 'TCP', ports: [22] }],
  })
  const before = worldOf(vpc('shop'), selecting, web())
  const key = keyOf(selecting)
  /** Nothing of the group is accepted. */
  const refused = (uid: string | undefined): AcceptedWorld => {
    const world = worldOf(vpc('shop'), web())
    return { ...world, present: new Map([...before.present, [key, { uid, version: undefined }]]) }
  }
  const afterwards = (world: AcceptedWorld): NodeModel => {
    const node = newNode()
    node.adopt(before, 0)
    node.adopt(world, 0)
    return node
  }

  test('is not in force until it is accepted, and the one that was has gone', () => {
    expect(afterwards(before).deleted(refused('second'))).toEqual([key])
    expect(ports(afterwards(refused('second')))).toEqual([])
    const { metadata, ...rest } = selecting
    const anew = worldOf(vpc('shop'), { ...rest, metadata: { ...metadata, uid: 'second' } }, web())
    expect(afterwards(before).deleted(anew)).toEqual([])
    expect(ports(afterwards(anew))).toEqual(['22'])
  })

  test('is another one to a node that has started again as well', () => {
    const node = newNode()
    node.restore(before)
    node.adopt(refused('second'), 0)
    expect(ports(node)).toEqual([])
  })

  test.each(['first', undefined])('is the same where its uid is %s', (uid) => {
    expect(afterwards(before).deleted(refused(uid))).toEqual([])
    expect(ports(afterwards(refused(uid)))).toEqual(['22'])
  })
})

describe('a namespace whose last instance leaves the node', () => {
  const [shop, open] = [vpc('shop'), group('open', 'shop', { ingress: [{ protocol: 'TCP', ports: [22] }] })]
  const before = worldOf(shop, open, web('open'))
  /** As it is read where no instance of the namespace is the node's. */
  const without = (changed: ReadonlyMap<ObjectKey, AcceptedVersion | undefined>): AcceptedWorld => {
    const changes = Array.from(changed, ([key, version]) => [key, { uid: undefined, version }] as const)
    const present = new Map([...before.present, ...changes])
    return { versions: new Map(), present, reserved: new Set(), namespaces: new Set(['']) }
  }
  const placed = (spec: Partial<InstanceSpec>): AcceptedVersion => ({
    ...{ generation: 2, digest: '' },
    object: instance('web', 'shop', ['open'], spec),
  })
  const afterwards = (world: AcceptedWorld): NodeModel => {
    const node = newNode()
    node.adopt(before, 0)
    node.adopt(world, 0)
    return node
  }
  const elsewhere = { attachment: { nodeName: 'host-b', netns: 'shop', interface: 'eth0' } }

  test.each([
    ['moves to another', elsewhere],
    ['is enforced nowhere any more', {}],
  ])('has nothing in force there when it %s', (_, spec) => {
    const node = afterwards(without(new Map([[WEB, placed(spec)]])))
    expect([...node.own]).toEqual([])
    expect(node.version(keyOf(open))).toBeUndefined()
  })

  test('stays while nothing else of the instance is accepted', () => {
    const node = afterwards(without(new Map([[WEB, undefined]])))
    expect([...node.own]).toEqual([WEB])
    expect(ports(node)).toEqual(['22'])
    node.adopt(without(new Map([[WEB, placed(elsewhere)]])), 0)
    expect([...node.own]).toEqual([])
  })
})

describe('an instance whose deletion is in doubt', () => {
  const standing = (...others: readonly PalisadeObject[]): readonly ObjectKey[] => {
    const node = newNode()
    const own = web()
    node.adopt(worldOf(vpc('shop'), own), 0)
    node.adopt(worldOf(vpc('shop'), ...others), 0, new Set([WEB]))
    return [...node.own]
  }
  const place = { nodeName: NODE, netns: 'shop', interface: 'eth0' }

  test('stays where nobody has come in its place', () => {
    const elsewhere = { ...place, interface: 'eth1' }
    expect(standing(instance('next', 'shop', [], { attachment: elsewhere }))).toContain(WEB)
  })

  test('gives way to one that was accepted at its place', () => {
    const next = instance('next', 'shop', [], { attachment: place })
    expect(standing(next)).toEqual([keyOf(next)])
  })
})
