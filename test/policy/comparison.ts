import { keyOf, namespaceOf } from '../../src/api/objects.ts'
import type { Instance } from '../../src/api/types.gen.ts'
import { objectKey } from '../../src/core/key.ts'
import type { Model } from '../../src/policy/model/model.ts'
import { boundariesOf, packetsAt } from '../reference/boundary-packets.ts'
import { interpret, type Remotes } from '../reference/effective-rules.ts'
import { Evaluator } from '../reference/evaluator.ts'
import type { Direction, Packet, Verdict } from '../reference/packet.ts'
import type { Installation } from './installation.ts'

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

/** A packet on which the compiled rules and the declared ones differ. */
interface Difference {
  readonly instance: string
  readonly direction: Direction
  readonly packet: Packet
  readonly declared: Verdict
  readonly compiled: Verdict
}

/** Asks both about every boundary packet of every instance in force; stops at the first difference. */
export function compare({ model, inDoubt }: Installation): {
  readonly packets: number
  readonly difference?: Difference
} {
  const objects = [...model.objects()]
  const evaluator = new Evaluator(objects, inDoubt)
  let packets = 0
  for (const { object: vpc, instances } of model.vpcs()) {
    const boundaries = boundariesOf(vpc, objects)
    for (const { object: instance } of instances) {
      const decide = compiled(model, instance)
      for (const direction of DIRECTIONS) {
        for (const packet of packetsAt(instance, direction, boundaries)) {
          const declared = evaluator.decide(instance, direction, packet)
          const found = decide(direction, packet)
          packets += 1
          if (found === declared) continue
          const difference = { instance: keyOf(instance), direction, packet, declared, compiled: found }
          return { packets, difference }
        }
      }
    }
  }
  return { packets }
}
