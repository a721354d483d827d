import { describe, expect, test } from 'vitest'
import type { AcceptedWorld } from '../../src/agent/accepted-world.ts'
import { NodeModel } from '../../src/agent/node-model.ts'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import { group, instance, plainProfile, vpc } from '../reference/objects.ts'

const NODE = 'host-a'
const WEB = 'Instance/default/web'

/** Everything of it was accepted. */
function worldOf(...objects: readonly PalisadeObject[]): AcceptedWorld {
  const versions = new Map(objects.map((object) => [keyOf(object), { generation: 1, digest: '', object }]))
  return { versions, present: new Set(versions.keys()), reserved: new Set() }
}

const web = (...groups: readonly string[]): PalisadeObject =>
  instance('web', 'shop', groups, { attachment: { nodeName: NODE, netns: 'shop', interface: 'eth0' } })

const newNode = (): NodeModel => new NodeModel(NODE, [plainProfile('standard')])

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
    expect(ports(node)).toEqual([])
    expect(node.adopt(joined, 12_000)).toEqual({ waits: [] })
    expect(ports(node)).toEqual(['22'])
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
