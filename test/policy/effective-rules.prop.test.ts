import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf, namespaceOf } from '../../src/api/objects.ts'
import type { Instance } from '../../src/api/types.gen.ts'
import { objectKey } from '../../src/core/key.ts'
import type { Model } from '../../src/policy/model/model.ts'
import { objectsOf, worldArbitrary } from '../reference/arbitraries/world.ts'
import { boundariesOf, packetsAt } from '../reference/boundary-packets.ts'
import { interpret, type Remotes } from '../reference/effective-rules.ts'
import { Evaluator } from '../reference/evaluator.ts'
import type { Direction, Packet, Verdict } from '../reference/packet.ts'
import { Installation } from './installation.ts'

const DIRECTIONS: readonly Direction[] = ['Ingress', 'Egress']

/** What the compiled rules of an instance do to a packet, remotes as the firewall is told them. */
function compiled(model: Model, instance: Instance): (direction: Direction, packet: Packet) => Verdict {
  const ruleset = model.instanceRuleset(keyOf(instance))
  if (ruleset === undefined) throw new Error(`${keyOf(instance)} has no rules`)
  const { ingress, egress } = ruleset.ruleSet
  const remotes: Remotes = (sort, name) => model.remote(objectKey(sort, namespaceOf(instance), name))
  return (direction, packet) =>
    interpret(direction === 'Ingress' ? ingress : egress, direction, packet, remotes)
}

/** Throws for the first packet on which the compiled rules and the declared ones differ. */
function compare(model: Model): number {
  const objects = [...model.objects()]
  const evaluator = new Evaluator(objects)
  let compared = 0
  for (const { object: vpc, instances } of model.vpcs()) {
    const boundaries = boundariesOf(vpc, objects)
    for (const { object: instance } of instances.values()) {
      const decide = compiled(model, instance)
      for (const direction of DIRECTIONS) {
        for (const packet of packetsAt(instance, direction, boundaries)) {
          const declared = evaluator.decide(instance, direction, packet)
          const found = decide(direction, packet)
          const at = { instance: keyOf(instance), direction, packet }
          if (found !== declared) expect({ ...at, verdict: found }).toEqual({ ...at, verdict: declared })
          compared += 1
        }
      }
    }
  }
  return compared
}

describe('the effective rules of every instance', () => {
  test('decide every boundary packet as the declared rules do, read one by one', () => {
    let compared = 0
    fc.assert(
      fc.property(worldArbitrary(), (world) => {
        compared += compare(new Installation(...objectsOf(world)).model)
      }),
      { numRuns: 150, interruptAfterTimeLimit: 25_000 },
    )
    expect(compared).toBeGreaterThan(10_000)
  })
})
