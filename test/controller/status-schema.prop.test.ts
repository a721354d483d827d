import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../src/api/objects.ts'
import { objectsOf, worldsArbitrary } from '../reference/arbitraries/world.ts'
import { group, instance, vpc } from '../reference/objects.ts'
import { fileOf, RecordedEngine } from './recorded-engine.ts'
import { statusFaults } from './status-schema.ts'

const faultsOf = ({ statuses }: RecordedEngine): readonly string[] =>
  [...statuses.values()].flatMap(statusFaults)

/** Types of conditions that an object has more than once: its list is a map by type. */
const doubled = (object: PalisadeObject): readonly string[] => {
  const types = (object.status?.conditions ?? []).map(({ type }) => type)
  return types.filter((type, index) => types.indexOf(type) !== index)
}

describe('every status is one that an API server takes', () => {
  test('whatever is declared, accepted or not, deleted or kept', () => {
    fc.assert(
      fc.property(worldsArbitrary(2), fc.nat(8), (worlds, gone) => {
        const engine = new RecordedEngine()
        for (const world of worlds) {
          const objects = objectsOf(world)
          engine.reconcile([fileOf('all.yaml', objects)])
          expect(faultsOf(engine)).toEqual([])
          engine.reconcile([fileOf('all.yaml', objects.slice(gone))])
          expect(faultsOf(engine)).toEqual([])
          expect([...engine.statuses.values()].flatMap(doubled)).toEqual([])
        }
      }),
      { numRuns: 60, interruptAfterTimeLimit: 25_000 },
    )
  })

  test('of an instance in more groups than are listed, by a rule from more sources than are listed', () => {
    const same = { name: 'same', protocol: 'TCP', ports: [443] }
    const groups = Array.from({ length: 1100 }, (_, index) =>
      group(`g${String(index)}`, 'shop', { instanceSelector: {}, ingress: [same] }),
    )
    const engine = new RecordedEngine()
    engine.reconcile([fileOf('all.yaml', [vpc('shop'), ...groups, instance('i', 'shop')])])
    expect(faultsOf(engine)).toEqual([])
  })

  test('of a group with more members than are listed', () => {
    const instances = Array.from({ length: 2100 }, (_, index) => instance(`i${String(index)}`, 'shop', ['g']))
    const engine = new RecordedEngine()
    engine.reconcile([fileOf('all.yaml', [vpc('shop'), group('g', 'shop'), ...instances])])
    expect(faultsOf(engine)).toEqual([])
  })

  test('and one that is not would be seen', () => {
    const conditions = [
      { type: 'Ready', status: 'Perhaps', reason: 'x', message: '', lastTransitionTime: '' },
    ]
    expect(statusFaults({ ...vpc('v'), status: { conditions, surprise: 1 } })).toEqual([
      'VPC v must NOT have additional properties',
      'VPC v/conditions/0/status must be equal to one of the allowed values',
    ])
  })
})
