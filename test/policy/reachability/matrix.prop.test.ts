import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Instance } from '../../../src/api/types.gen.ts'
import { keyOf } from '../../../src/api/objects.ts'
import { parseAddress } from '../../../src/net/address.ts'
import { TRAFFIC } from '../../../src/net/traffic.ts'
import { matrixOf, type Matrix } from '../../../src/policy/reachability/matrix.ts'
import type { MatrixEnd } from '../../../src/policy/reachability/matrix-end.ts'
import { Reachability } from '../../../src/policy/reachability/reachability.ts'
import { objectsOf, worldArbitrary } from '../../reference/arbitraries/world.ts'
import { boundariesOf, packetsAt } from '../../reference/boundary-packets.ts'
import { Evaluator } from '../../reference/evaluator.ts'
import { addressOf, pointOf } from '../../reference/model-terms.ts'
import { Installation } from '../installation.ts'

/** The one end that has an address. */
function endOf({ ends }: Matrix, text: string, owner: Instance | undefined): MatrixEnd {
  const address = addressOf(text)
  const having = ends.filter((end) => end.addresses.get(address.family)?.contains(address.value) === true)
  expect(having).toHaveLength(1)
  const [end] = having
  if (end === undefined) throw new Error('unreachable: there is one')
  expect(owner === undefined ? end.instances.length === 0 : end.instances.includes(keyOf(owner))).toBe(true)
  return end
}

test('each address is in one end, and cells let pass what the declared rules of both ends let pass', () => {
  let compared = 0
  fc.assert(
    fc.property(worldArbitrary(), (world) => {
      const { model, inDoubt } = new Installation(...objectsOf(world))
      const objects = [...model.objects()]
      const evaluator = new Evaluator(objects, inDoubt)
      for (const vpc of model.vpcs()) {
        const matrix = matrixOf(Reachability.of(model, vpc))
        expect(new Set(matrix.ends.map(({ name }) => name)).size).toBe(matrix.ends.length)
        const owners = new Map(
          vpc.instances.flatMap(({ object }) =>
            (object.spec.addresses ?? []).map((text) => [String(parseAddress(text)?.value), object] as const),
          ),
        )
        const ownerOf = (text: string): Instance | undefined => owners.get(String(parseAddress(text)?.value))
        const boundaries = boundariesOf(vpc.object, objects)
        for (const { object: instance } of vpc.instances) {
          for (const direction of ['Ingress', 'Egress'] as const) {
            for (const packet of packetsAt(instance, direction, boundaries)) {
              const [sender, receiver] = [ownerOf(packet.from), ownerOf(packet.to)]
              if ((direction === 'Ingress' ? receiver : sender) !== instance || sender === receiver) continue
              const expected =
                sender !== undefined && receiver !== undefined
                  ? evaluator.connects(sender, receiver, packet)
                  : evaluator.decide(instance, direction, packet) === 'Allow'
              const [from, to] = [endOf(matrix, packet.from, sender), endOf(matrix, packet.to, receiver)]
              const cell = matrix.cells.find((one) => one.from === from && one.to === to)
              const family = packet.from.includes(':') ? 'IPv6' : 'IPv4'
              const passes = TRAFFIC.contains(cell?.traffic.get(family) ?? TRAFFIC.empty, pointOf(packet))
              compared += 1
              if (passes !== expected) expect({ packet, passes }).toEqual({ packet, passes: expected })
            }
          }
        }
      }
    }),
    { numRuns: 25, interruptAfterTimeLimit: 20_000 },
  )
  expect(compared).toBeGreaterThan(1000)
}, 60_000)
