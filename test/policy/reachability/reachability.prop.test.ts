import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Instance } from '../../../src/api/types.gen.ts'
import { parseAddress } from '../../../src/net/address.ts'
import { TRAFFIC } from '../../../src/net/traffic.ts'
import type { VpcIndex } from '../../../src/policy/model/vpc-index.ts'
import type { Party } from '../../../src/policy/reachability/party.ts'
import { Reachability } from '../../../src/policy/reachability/reachability.ts'
import { objectsOf, worldArbitrary } from '../../reference/arbitraries/world.ts'
import { boundariesOf, packetsAt } from '../../reference/boundary-packets.ts'
import { Evaluator } from '../../reference/evaluator.ts'
import { addressOf, pointOf } from '../../reference/model-terms.ts'
import { Installation } from '../installation.ts'

function partyOf(reachability: Reachability, text: string): Party {
  const { family, value } = addressOf(text)
  return reachability.partyOf(family, value)
}

/** Who has which address, each in one spelling. */
function ownersIn(vpc: VpcIndex): (address: string) => Instance | undefined {
  const spelling = (text: string): string => String(parseAddress(text)?.value)
  const owners = new Map<string, Instance>()
  for (const { object } of vpc.instances) {
    for (const address of object.spec.addresses ?? []) owners.set(spelling(address), object)
  }
  return (address) => owners.get(spelling(address))
}

test('the relation lets pass what the declared rules of both ends let pass, read one by one', () => {
  let compared = 0
  fc.assert(
    fc.property(worldArbitrary(), (world) => {
      const installation = new Installation(...objectsOf(world))
      const { model, inDoubt } = installation
      const objects = [...model.objects()]
      const evaluator = new Evaluator(objects, inDoubt)
      for (const vpc of model.vpcs()) {
        const reachability = Reachability.of(model, vpc)
        const ownerOf = ownersIn(vpc)
        const boundaries = boundariesOf(vpc.object, objects)
        for (const { object: instance } of vpc.instances) {
          for (const packet of packetsAt(instance, 'Ingress', boundaries)) {
            if (ownerOf(packet.to) !== instance) continue
            const peer = ownerOf(packet.from)
            const expected =
              peer === undefined
                ? evaluator.decide(instance, 'Ingress', packet) === 'Allow'
                : evaluator.connects(peer, instance, packet)
            const [from, to] = [partyOf(reachability, packet.from), partyOf(reachability, packet.to)]
            const passes = TRAFFIC.contains(reachability.traffic(from, to), pointOf(packet))
            compared += 1
            if (passes !== expected) expect({ packet, passes }).toEqual({ packet, passes: expected })
          }
        }
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: 20_000 },
  )
  expect(compared).toBeGreaterThan(1000)
})
