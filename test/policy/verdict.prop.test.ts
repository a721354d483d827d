import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf, namespaceOf } from '../../src/api/objects.ts'
import { objectKey } from '../../src/core/key.ts'
import { parseAddress } from '../../src/net/address.ts'
import { decidingRule, type Attempt } from '../../src/policy/verdict.ts'
import { objectsOf, worldArbitrary } from '../reference/arbitraries/world.ts'
import { boundariesOf, packetsAt } from '../reference/boundary-packets.ts'
import { Evaluator } from '../reference/evaluator.ts'
import type { Packet } from '../reference/packet.ts'
import { Installation } from './installation.ts'

function attemptOf({ from, to, ...payload }: Packet): Attempt {
  const [sender, receiver] = [parseAddress(from), parseAddress(to)]
  if (sender === undefined || receiver === undefined) throw new Error(`${from} or ${to} is no address`)
  return { from: sender, to: receiver, ...payload }
}

describe('the deciding rule', () => {
  test('has the action that the declared rules come to, at every boundary', () => {
    let decided = 0
    fc.assert(
      fc.property(worldArbitrary(), (world) => {
        const { model, inDoubt } = new Installation(...objectsOf(world))
        const objects = [...model.objects()]
        const evaluator = new Evaluator(objects, inDoubt)
        for (const { object: vpc, instances } of model.vpcs()) {
          const boundaries = boundariesOf(vpc, objects)
          for (const { object: instance } of instances) {
            const ruleSet = model.instanceRuleset(keyOf(instance))?.ruleSet
            for (const direction of ['Ingress', 'Egress'] as const) {
              for (const packet of packetsAt(instance, direction, boundaries)) {
                const rules = (direction === 'Ingress' ? ruleSet?.ingress : ruleSet?.egress) ?? []
                const { action } = decidingRule(rules, direction, attemptOf(packet), (remote) => {
                  const [kind, name] =
                    remote.securityGroup === undefined
                      ? ['AddressGroup', remote.addressGroup ?? '']
                      : ['SecurityGroup', remote.securityGroup]
                  return model.prefixes(objectKey(kind, namespaceOf(instance), name)) ?? []
                })
                if (action !== evaluator.decide(instance, direction, packet)) {
                  expect.fail(`${keyOf(instance)} ${direction} ${JSON.stringify(packet)}: ${action}`)
                }
                decided += 1
              }
            }
          }
        }
      }),
      { numRuns: 30, interruptAfterTimeLimit: 15_000 },
    )
    expect(decided).toBeGreaterThan(3000)
  })
})
