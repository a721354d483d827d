import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TRAFFIC, type Traffic } from '../../../src/net/traffic.ts'
import { differenceOf } from '../../../src/policy/reachability/difference.ts'
import type { Party } from '../../../src/policy/reachability/party.ts'
import { Reachability, ReachabilityMemory } from '../../../src/policy/reachability/reachability.ts'
import { connectionsBetween, reachabilitySnapshot } from '../../../src/policy/reachability/snapshot.ts'
import { objectsOf, worldsArbitrary } from '../../reference/arbitraries/world.ts'
import { Installation } from '../installation.ts'

type Point = readonly [family: Party['family'], address: bigint]

/** An address at each end of every run of addresses that any party has. */
function pointsOf(...relations: readonly Reachability[]): readonly Point[] {
  const points = relations.flatMap(({ parties }) =>
    parties.flatMap(({ family, addresses }) =>
      addresses.intervals.flatMap(({ first, last }): Point[] => [
        [family, first],
        [family, last],
      ]),
    ),
  )
  return [...new Map(points.map((point) => [point.join(' '), point])).values()]
}

/** What passes between two addresses, one of which at least must be an instance; nothing where one is not `there`. */
function passing(relation: Reachability, from: Point, to: Point, there: (point: Point) => boolean): Traffic {
  const [source, target] = [relation.partyOf(...from), relation.partyOf(...to)]
  const isNobodys = source.ruleSet === undefined && target.ruleSet === undefined
  return isNobodys || !there(from) || !there(to) ? TRAFFIC.empty : relation.traffic(source, target)
}

describe('the difference of two relations', () => {
  test('is what a comparison of every pair of addresses finds', () => {
    let compared = 0
    fc.assert(
      fc.property(worldsArbitrary(2, { groups: 4, instances: 4 }), ([first, second]) => {
        if (first === undefined || second === undefined) return
        const [before, after] = [first, second].map((world) => new Installation(...objectsOf(world)).model)
        if (before === undefined || after === undefined) return
        const [old, now] = [
          reachabilitySnapshot(before, new ReachabilityMemory()),
          reachabilitySnapshot(after, new ReachabilityMemory()),
        ]
        for (const [key, was] of old) {
          const is = now.get(key) ?? Reachability.nothing()
          const { changes } = differenceOf(was, is)
          const points = pointsOf(was, is)
          const isOf = (relation: Reachability, point: Point): boolean =>
            relation.partyOf(...point).ruleSet !== undefined
          // Not there: an address that an instance has only in the other version.
          const thereIn = (relation: Reachability, other: Reachability) => (point: Point) =>
            isOf(relation, point) || !isOf(other, point)
          for (const from of points) {
            for (const to of points) {
              if (from[0] !== to[0]) continue
              const past = passing(was, from, to, thereIn(was, is))
              const present = passing(is, from, to, thereIn(is, was))
              const change = changes.find(
                (one) =>
                  one.from.after.family === from[0] &&
                  one.from.addresses.contains(from[1]) &&
                  one.to.addresses.contains(to[1]),
              )
              compared += 1
              expect(change?.opened ?? []).toEqual(TRAFFIC.difference(present, past))
              expect(change?.closed ?? []).toEqual(TRAFFIC.difference(past, present))
            }
          }
        }
      }),
      { numRuns: 25, interruptAfterTimeLimit: 15_000 },
    )
    expect(compared).toBeGreaterThan(200)
  })

  test('is nothing where only the spelling of the objects differs', () => {
    let compared = 0
    fc.assert(
      fc.property(worldsArbitrary(1), ([world]) => {
        if (world === undefined) return
        const objects = objectsOf(world)
        const [before, after] = [objects, objects.toReversed()].map((all) => new Installation(...all).model)
        if (before === undefined || after === undefined) return
        // Quotas serve the older first, so only equal sets in force can be compared.
        const [was, is] = [before, after].map((model) => {
          return [...model.objects()].map((object) => JSON.stringify(object)).sort()
        })
        if (was?.length === 0 || JSON.stringify(was) !== JSON.stringify(is)) return
        compared += 1
        expect(
          connectionsBetween(
            reachabilitySnapshot(before, new ReachabilityMemory()),
            reachabilitySnapshot(after, new ReachabilityMemory()),
          ),
        ).toEqual([])
      }),
      { numRuns: 40 },
    )
    expect(compared).toBeGreaterThan(5)
  })
})
