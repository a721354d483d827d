import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { AgentReport } from '../../src/controller/agent-reports.ts'
import type { InstanceRuleset } from '../../src/policy/ruleset.ts'
import { acceptableStates } from '../policy/acceptable-states.ts'
import { worldsArbitrary } from '../reference/arbitraries/world.ts'
import { group, instance, vpc } from '../reference/objects.ts'
import { ServedEngine } from './served-engine.ts'
import { statusFaults } from './status-schema.ts'

const shop = vpc('shop')
const limited = vpc('shop', { limits: { securityGroups: 2 } })
const g = (name: string): PalisadeObject => group(name, 'shop')
const keyOfGroup = (name: string): string => `SecurityGroup/default/${name}`

function served(...objects: readonly PalisadeObject[]): ServedEngine {
  const engine = new ServedEngine()
  engine.put(...objects)
  engine.turn()
  return engine
}

const inForce = (engine: ServedEngine): readonly string[] =>
  [...engine.statuses.keys()]
    .filter((key) => engine.conditions(key)['Accepted'] === 'True Accepted')
    .filter((key) => key.startsWith('SecurityGroup/'))
    .map((key) => key.slice(keyOfGroup('').length))
    .sort()

describe('the order of acceptance of what a server holds', () => {
  test('is that of creation, in whatever order it is seen', () => {
    const engine = new ServedEngine()
    engine.put(limited)
    for (const name of ['z', 'y', 'a']) {
      engine.second += 1
      engine.put(g(name))
    }
    engine.turn()
    expect(inForce(engine)).toEqual(['y', 'z'])
  })

  test('is that of names where the second of creation is the same', () => {
    expect(inForce(served(limited, g('c'), g('a'), g('b')))).toEqual(['a', 'b'])
  })

  test('never evicts what is in force, also where a newcomer of the same second comes first by name', () => {
    const engine = served(limited, g('y'), g('z'))
    engine.put(g('a'))
    engine.turn()
    expect(inForce(engine)).toEqual(['y', 'z'])
    engine.restart()
    engine.turn()
    expect(inForce(engine)).toEqual(['y', 'z'])
  })

  test('is lost by an object that is deleted and made again, though between two looks', () => {
    const engine = served(limited, g('x'))
    engine.second += 1
    engine.put(g('y'))
    engine.second += 1
    engine.put(g('z'))
    engine.turn()
    expect(inForce(engine)).toEqual(['x', 'y'])
    engine.second += 1
    engine.delete(keyOfGroup('y'))
    engine.turn()
    engine.put(g('y'))
    engine.turn()
    expect(inForce(engine)).toEqual(['x', 'z'])
  })
})

describe('the generation', () => {
  test("is the server's, in what is observed and in what is enforced", () => {
    const engine = served(shop, g('web'))
    engine.put(group('web', 'shop', { description: 'edited' }))
    engine.put(group('web', 'shop', { description: 'edited again' }))
    engine.turn()
    expect(engine.statuses.get(keyOfGroup('web'))?.status).toMatchObject({
      observedGeneration: 3,
      enforced: { generation: 3 },
    })
  })

  test('of what is enforced is the last one where the spec went to and fro between two looks', () => {
    const engine = served(shop, g('web'))
    engine.put(group('web', 'shop', { description: 'edited' }))
    engine.put(g('web'))
    engine.turn()
    expect(engine.statuses.get(keyOfGroup('web'))?.status).toMatchObject({
      observedGeneration: 3,
      enforced: { generation: 3 },
    })
  })
})

describe('the version in force', () => {
  test('is in the status, so that an agent needs nothing else', () => {
    const engine = served(shop, group({ name: 'web', labels: { team: 'a' } }, 'shop'))
    const enforced = engine.statuses.get(keyOfGroup('web'))?.status?.enforced
    expect(JSON.parse(enforced?.object ?? '')).toEqual({
      metadata: { labels: { team: 'a' } },
      spec: { vpcRef: { name: 'shop' } },
    })
  })

  test('stays where the declared one is refused, also after a restart', () => {
    const web = group('web', 'shop', { ingress: [{ protocol: 'TCP', ports: [443] }] })
    const member = instance('web-1', 'shop', ['web'], { addresses: ['10.0.0.1'] })
    const engine = served(shop, web, member)
    const before = engine.ruleset
    engine.put(group('web', 'shop', { ingress: [{ remote: { securityGroupRef: { name: 'none' } } }] }))
    engine.put(
      group('web', 'shop', { ingress: [{ action: 'Drop', remote: { addressGroupRef: { name: 'none' } } }] }),
    )
    engine.turn()
    engine.restart()
    engine.turn()
    expect(engine.conditions(keyOfGroup('web'))['Accepted']).toBe('False RefNotFound')
    expect(engine.statuses.get(keyOfGroup('web'))?.status).toMatchObject({
      observedGeneration: 3,
      enforced: { generation: 1 },
    })
    expect(engine.ruleset).toEqual(before)
  })
})

describe('what is being deleted', () => {
  test('is no longer declared; while others need it, it stays and says so', () => {
    const engine = served(shop, g('web'), instance('web-1', 'shop', ['web']))
    engine.delete(keyOfGroup('web'))
    engine.turn()
    engine.restart()
    engine.turn()
    expect(engine.has(keyOfGroup('web'))).toBe(true)
    expect(engine.conditions(keyOfGroup('web'))).toMatchObject({
      DeletionBlocked: 'True InUse',
      Ready: 'False InUse',
    })
    engine.put(instance('web-1', 'shop'))
    engine.turn()
    expect(engine.has(keyOfGroup('web'))).toBe(false)
  })

  test('goes at once where nobody needs it, also if the controller was away when it was deleted', () => {
    const engine = served(shop, g('web'))
    engine.restart()
    engine.delete(keyOfGroup('web'))
    engine.turn()
    expect(engine.has(keyOfGroup('web'))).toBe(false)
  })
})

describe('an instance that an agent enforces', () => {
  const key = 'Instance/default/web-1'
  const attached = instance('web-1', 'shop', ['web'], {
    addresses: ['10.0.0.1'],
    attachment: { nodeName: 'host-a', host: true },
  })
  const web = group('web', 'shop', { ingress: [{ protocol: 'TCP', ports: [443] }] })

  function ruleset(engine: ServedEngine): InstanceRuleset {
    const found = engine.ruleset.instances.get(key)
    if (found === undefined) throw new Error('nothing is programmed')
    return found
  }

  const done = (engine: ServedEngine, more: Partial<AgentReport['programmed']> = {}): AgentReport => ({
    isProgrammed: true,
    message: 'done',
    programmed: { nodeName: 'host-a', generation: 1, digest: ruleset(engine).ruleSet.digest, ...more },
  })

  test('is under way until the agent has programmed it, whose condition is not written by anybody else', () => {
    const engine = served(shop, web, attached)
    expect(engine.conditions(key)).toEqual({
      Accepted: 'True Accepted',
      ResolvedRefs: 'True RefsResolved',
      Ready: 'False Pending',
      Reconciling: 'True Pending',
    })
  })

  test('is ready as soon as the agent says so of the rules that are in force', () => {
    const engine = served(shop, web, attached)
    engine.report(key, done(engine))
    expect(engine.turn().written).toBe(1)
    expect(engine.conditions(key)).toEqual({
      Accepted: 'True Accepted',
      ResolvedRefs: 'True RefsResolved',
      Ready: 'True Ready',
    })
    engine.report(key, done(engine))
    expect(engine.turn().written).toBe(0)
  })

  test('is under way again when its rules change', () => {
    const engine = served(shop, web, attached)
    engine.report(key, done(engine))
    engine.turn()
    engine.put(group('web', 'shop', { ingress: [{ protocol: 'TCP', ports: [80] }] }))
    engine.turn()
    expect(engine.conditions(key)).toMatchObject({ Ready: 'False Pending', Reconciling: 'True Pending' })
  })

  test.each([
    ['on another node', { nodeName: 'host-b' }],
    ['of another version of the instance', { generation: 7 }],
    ['of other rules', { digest: 'sha256:other' }],
  ])('is not ready by a report %s', (_, other) => {
    const engine = served(shop, web, attached)
    engine.report(key, done(engine, other))
    engine.turn()
    expect(engine.conditions(key)).toMatchObject({ Ready: 'False Pending' })
  })

  test('says why the agent could not program it', () => {
    const engine = served(shop, web, attached)
    engine.report(key, { isProgrammed: false, message: 'there is no interface pal1', programmed: undefined })
    engine.turn()
    expect(engine.conditions(key)).toMatchObject({
      Ready: 'False ApplyFailed',
      Reconciling: 'True ApplyFailed',
    })
  })

  test('of no attachment waits for no agent', () => {
    const engine = served(shop, web, instance('web-1', 'shop', ['web']))
    expect(engine.conditions(key)).toMatchObject({ Programmed: 'True NotEnforced', Ready: 'True Ready' })
  })
})

test('one member more in a group that rules of many name is two statuses', () => {
  const open = group('open', 'shop', { ingress: [{ remote: { securityGroupRef: { name: 'web' } } }] })
  const members = Array.from({ length: 50 }, (_, index) =>
    instance(`i${String(index)}`, 'shop', ['open', 'web'], { addresses: [`10.0.0.${String(index)}`] }),
  )
  const engine = served(shop, open, g('web'), ...members)
  engine.put(instance('one-more', 'shop', ['web'], { addresses: ['10.0.1.1'] }))
  expect(engine.turn().written).toBe(2)
})

describe('a restart, after which the statuses are all that is known', () => {
  const settings = { numRuns: 40, interruptAfterTimeLimit: 20_000 }

  test('writes nothing, between any two states of the world', () => {
    fc.assert(
      fc.property(acceptableStates(worldsArbitrary(3)), (states) => {
        const [steady, restarted] = [new ServedEngine(), new ServedEngine()]
        let last: readonly PalisadeObject[] = []
        for (const state of states) {
          const present = new Set(state.map(keyOf))
          for (const engine of [steady, restarted]) {
            engine.second += 1
            for (const key of last.map(keyOf)) if (!present.has(key)) engine.delete(key)
            engine.turn()
            engine.put(...state)
            engine.turn()
          }
          restarted.restart()
          expect(restarted.turn().written).toBe(0)
          expect(restarted.bytes()).toEqual(steady.bytes())
          expect(restarted.ruleset).toEqual(steady.ruleset)
          expect([...restarted.statuses.values()].flatMap(statusFaults)).toEqual([])
          last = state
        }
      }),
      settings,
    )
  })
})
