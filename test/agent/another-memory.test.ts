import { beforeEach, describe, expect, test } from 'vitest'
import type { AcceptedWorld } from '../../src/agent/accepted-world.ts'
import type { AgentTurn } from '../../src/agent/agent-loop.ts'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import { memoryFirewall, type MemoryFirewall } from '../../src/firewall/memory.ts'
import { memoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { group, instance, vpc } from '../reference/objects.ts'
import { openAgent } from './open-agent.ts'

const at = (name: string, nodeName: string): PalisadeObject =>
  instance(name, 'shop', ['web'], { attachment: { nodeName, netns: name, interface: 'eth0' } })
const objects = [vpc('shop'), group('web', 'shop'), at('on-a', 'host-a'), at('on-b', 'host-b')]
const versions = new Map(objects.map((object) => [keyOf(object), { generation: 1, digest: '', object }]))
const present = new Map(Array.from(versions, ([key, version]) => [key, { uid: undefined, version }]))
const seen: AcceptedWorld = { versions, present, reserved: new Set() }

let store: Store
let firewall: MemoryFirewall
beforeEach(async () => {
  store = memoryStore()
  firewall = memoryFirewall()
  await turns('host-a', seen)
})

/** What came of one turn with each of the worlds; undefined: the cluster is away. */
async function turns(node: string, ...worlds: readonly (AcceptedWorld | undefined)[]): Promise<AgentTurn[]> {
  let world: AcceptedWorld | undefined
  const agent = await openAgent({ node, cluster: { read: () => world }, store, firewall })
  const done: AgentTurn[] = []
  for (world of worlds) done.push(await agent.turn())
  return done
}

const programmed = async (): Promise<readonly string[]> => [...(await firewall.read()).instances.keys()]

describe('an agent whose state folder is that of another node', () => {
  test('leaves what is programmed until the cluster has been seen', async () => {
    const [first, second] = await turns('host-b', undefined, seen)
    expect(first?.refusal).toContain('remembers the node host-a, and this is host-b')
    expect(first?.change.remove).toEqual([])
    expect(second).toMatchObject({ refusal: undefined, instances: 1 })
    expect(await programmed()).toEqual(['Instance/default/on-b'])
  })

  test('leaves it as it is, also in the memory, where the cluster is never seen', async () => {
    await turns('host-b', undefined)
    expect(await programmed()).toEqual(['Instance/default/on-a'])
    expect(await turns('host-a', undefined)).toMatchObject([{ refusal: undefined, instances: 1 }])
  })

  test('has one of its own from then on', async () => {
    await turns('host-b', seen)
    expect(await turns('host-b', undefined)).toMatchObject([{ refusal: undefined, instances: 1 }])
  })
})

describe('an agent whose memory was lost', () => {
  test('leaves what is programmed until the cluster has been seen', async () => {
    store = memoryStore()
    const [first] = await turns('host-a', undefined)
    expect(first?.refusal).toContain('the state folder remembers none')
    expect(await programmed()).toEqual(['Instance/default/on-a'])
    expect(await turns('host-a', seen, undefined)).toMatchObject([
      { refusal: undefined, instances: 1 },
      { refusal: undefined, instances: 1 },
    ])
  })

  test.each(['SecurityGroup/default/web', 'VPC/default/shop'])(
    'takes nothing off while not all has been seen: %s is missing',
    async (missing) => {
      store = memoryStore()
      const without = <Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
        new Map([...map].filter(([key]) => key !== missing))
      const incomplete = { ...seen, versions: without(versions), present: without(present) }
      const [, second] = await turns('host-a', undefined, incomplete)
      expect(second?.waits).toHaveLength(1)
      expect(await programmed()).toEqual(['Instance/default/on-a'])
      const nothing = { versions: new Map(), present: new Map(), reserved: new Set<string>() }
      await turns('host-a', incomplete, nothing)
      expect(await programmed()).toEqual([])
    },
  )

  test('is at rest where nothing is programmed', async () => {
    ;[store, firewall] = [memoryStore(), memoryFirewall()]
    expect(await turns('host-a', undefined)).toMatchObject([{ refusal: undefined, instances: 0 }])
  })
})
