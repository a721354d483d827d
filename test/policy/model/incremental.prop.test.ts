import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS, keyOf, type PalisadeObject } from '../../../src/api/objects.ts'
import type { ObjectKey } from '../../../src/core/key.ts'
import { Model } from '../../../src/policy/model/model.ts'
import { referencesOf } from '../../../src/policy/references.ts'
import { objectsOf, worldArbitrary, worldsArbitrary, type World } from '../../reference/arbitraries/world.ts'
import { BUILT_IN } from '../../reference/built-in.ts'
import { Mirror, snapshotOf } from './snapshot.ts'

/** One step: an object comes in a version of some world, goes, or goes with all in it; at times somebody looks. */
interface Step {
  readonly pick: number
  readonly action: 'Put' | 'Remove' | 'Clear'
  readonly look: boolean
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    pick: fc.nat(10_000),
    action: fc.constantFrom<Step['action'][]>('Put', 'Put', 'Put', 'Remove', 'Remove', 'Clear'),
    look: fc.boolean(),
  }),
  { maxLength: 60, size: 'max' },
)

/** The kinds whose absence a model may not find: whoever refers to them has to wait. */
const NEEDED = new Set(['CloudProfile', 'VPC'])

/** A model that is only told what acceptance may tell it: referents first in, last out. */
class Sequence {
  readonly model = new Model()
  readonly objects = new Map<ObjectKey, PalisadeObject>()

  put(object: PalisadeObject): void {
    const needs = referencesOf(object).filter((key) => NEEDED.has(key.split('/')[0] ?? ''))
    if (!needs.every((key) => this.objects.has(key))) return
    this.objects.set(keyOf(object), object)
    this.model.put(object)
  }

  remove(key: ObjectKey): void {
    const isNeeded = NEEDED.has(key.split('/')[0] ?? '')
    const referrers = [...this.objects.values()].filter((object) => referencesOf(object).includes(key))
    if (!this.objects.has(key) || (isNeeded && referrers.length > 0)) return
    this.objects.delete(key)
    this.model.remove(key)
  }

  /** A VPC, or the VPC of an object, with all that is in it. */
  clear(object: PalisadeObject): void {
    const own = referencesOf(object).find((key) => key.startsWith('VPC/'))
    const key = object.kind === 'VPC' ? keyOf(object) : own
    if (key === undefined) return
    const inside = [...this.objects.values()].filter((other) => referencesOf(other).includes(key))
    for (const other of inside) this.remove(keyOf(other))
    this.remove(key)
  }
}

/** Drop rules are in force only where what they name is; a model is never given others. */
const withoutDrops = (world: World): World => ({
  ...world,
  groups: world.groups.map((group) => {
    const { ingress, egress, ...rest } = group.spec
    const allows = (rules: typeof ingress): typeof ingress => rules?.filter(({ action }) => action !== 'Drop')
    const kept = { ...(ingress && { ingress: allows(ingress) }), ...(egress && { egress: allows(egress) }) }
    return { ...group, spec: { ...rest, ...kept } }
  }),
})

function fresh(objects: Iterable<PalisadeObject>): Model {
  const model = new Model()
  const list = [...objects]
  for (const kind of KINDS) for (const object of list) if (object.kind === kind) model.put(object)
  return model
}

describe('a model that has seen any sequence of changes', () => {
  test('is the same as a new one that holds what is left, and every difference on the way was named', () => {
    fc.assert(
      fc.property(
        fc.oneof(worldsArbitrary(2), fc.tuple(worldArbitrary(), worldArbitrary())),
        steps,
        (worlds, sequence) => {
          const pool = [...BUILT_IN, ...worlds.flatMap((world) => objectsOf(withoutDrops(world)))]
          const run = new Sequence()
          const mirror = new Mirror()
          for (const object of pool) run.put(object)
          for (const { pick, action, look } of sequence) {
            const object = pool[pick % pool.length]
            if (object === undefined) continue
            if (action === 'Put') run.put(object)
            else if (action === 'Remove') run.remove(keyOf(object))
            else run.clear(object)
            if (look) mirror.follow(run.model, run.model.drain())
          }
          mirror.follow(run.model, run.model.drain())
          const scratch = snapshotOf(fresh(run.objects.values()))
          expect(mirror.snapshot()).toEqual(scratch)
          expect(snapshotOf(run.model)).toEqual(scratch)
        },
      ),
      { numRuns: 150, interruptAfterTimeLimit: 25_000 },
    )
  })
})
