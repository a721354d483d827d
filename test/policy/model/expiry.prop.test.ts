import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS, type PalisadeObject } from '../../../src/api/objects.ts'
import type { Rule } from '../../../src/api/types.gen.ts'
import { formatMoment, type Moment } from '../../../src/core/moment.ts'
import { Model } from '../../../src/policy/model/model.ts'
import { objectsOf, worldArbitrary, type World } from '../../reference/arbitraries/world.ts'
import { BUILT_IN } from '../../reference/built-in.ts'
import { snapshotOf } from './snapshot.ts'

const START = Date.parse('2026-01-01T00:00:00Z')
const moment = fc.integer({ min: 0, max: 9 }).map((second): Moment => START + second * 1000)

type Rules = readonly Rule[] | undefined

function mapRules(world: World, change: (rules: Rules) => Rules): World {
  const groups = world.groups.map((group) => {
    const { ingress, egress, ...rest } = group.spec
    const [inward, outward] = [change(ingress), change(egress)]
    return {
      ...group,
      spec: { ...rest, ...(inward && { ingress: inward }), ...(outward && { egress: outward }) },
    }
  })
  return { ...world, groups }
}

/** Allow rules alone: a model is given Drop rules only with all that they name, and those do not end. */
const allows = (world: World): World =>
  mapRules(world, (rules) => rules?.filter(({ action }) => action !== 'Drop'))

/** Gives the rules their ends, one after the other and again from the first; undefined: never. */
function ending(world: World, ends: readonly (Moment | undefined)[]): World {
  let next = 0
  return mapRules(world, (rules) =>
    rules?.map((rule) => {
      const end = ends[next++ % ends.length]
      return end === undefined ? rule : { ...rule, expires: formatMoment(end) }
    }),
  )
}

const left = (world: World, now: Moment): World =>
  mapRules(world, (rules) =>
    rules?.filter(({ expires }) => expires === undefined || Date.parse(expires) > now),
  )

function modelOf(world: World): Model {
  const objects: readonly PalisadeObject[] = [...BUILT_IN, ...objectsOf(world)]
  const model = new Model()
  for (const kind of KINDS) for (const object of objects) if (object.kind === kind) model.put(object)
  return model
}

const rulesOf = (model: Model): object => {
  const { instances, remotes } = snapshotOf(model)
  return { instances, remotes }
}

describe('a rule that ends', () => {
  test('is as if it were not there from its moment on, whatever way the clock took, and never comes back', () => {
    fc.assert(
      fc.property(
        worldArbitrary(),
        fc.array(fc.option(moment, { nil: undefined }), { minLength: 1, maxLength: 5 }),
        fc.array(moment, { minLength: 1, maxLength: 6 }),
        (world, ends, clock) => {
          const declared = ending(allows(world), ends)
          const model = modelOf(declared)
          let latest = -Infinity
          for (const now of clock) {
            model.advance(now)
            latest = Math.max(latest, now)
            expect(rulesOf(model)).toEqual(rulesOf(modelOf(left(declared, latest))))
          }
        },
      ),
      { numRuns: 60, interruptAfterTimeLimit: 15_000 },
    )
  })
})
