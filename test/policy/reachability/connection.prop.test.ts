import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOf } from '../../../src/api/objects.ts'
import { parseAddress } from '../../../src/net/address.ts'
import { addressPoint } from '../../../src/net/address-set.ts'
import type { PacketSet } from '../../../src/net/packet-set.ts'
import { ALL_TRAFFIC, type TrafficPoint } from '../../../src/net/traffic-set.ts'
import type { Model } from '../../../src/policy/model/model.ts'
import { connectingPackets, instanceEnd, type End } from '../../../src/policy/reachability/connection.ts'
import { addressesOf } from '../../../src/policy/reachability/rule-packets.ts'
import type { Ruleset } from '../../../src/policy/ruleset.ts'
import { objectsOf, worldArbitrary } from '../../reference/arbitraries/world.ts'
import { boundariesOf, packetsAt } from '../../reference/boundary-packets.ts'
import { Evaluator } from '../../reference/evaluator.ts'
import type { Packet } from '../../reference/packet.ts'
import { Installation } from '../installation.ts'

/** As a firewall would be told it. */
function rulesetOf(model: Model): Ruleset {
  const instances = new Map(
    [...model.vpcs()].flatMap((vpc) =>
      [...vpc.instances.keys()].flatMap((key) => {
        const found = model.instanceRuleset(key)
        return found === undefined ? [] : [[key, found] as const]
      }),
    ),
  )
  const groups = [...model.vpcs()].flatMap((vpc) => [...vpc.groups.keys()])
  const lists = [...model.objects()].filter(({ kind }) => kind === 'AddressGroup').map(keyOf)
  const remotes = new Map(
    [...groups, ...lists].flatMap((key) => {
      const prefixes = model.remote(key)
      return prefixes === undefined ? [] : [[key, prefixes] as const]
    }),
  )
  return { instances, remotes }
}

const point = (text: string): bigint => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return addressPoint(address)
}

function traffic({ protocol, port, sourcePort, icmp }: Packet): TrafficPoint {
  if (icmp !== undefined) return [protocol, [icmp.type, icmp.code]]
  return [protocol, [sourcePort ?? 0, port ?? 0]]
}

const isIn = (set: PacketSet, packet: Packet): boolean =>
  set.contains([point(packet.from), [point(packet.to), traffic(packet)]])

test('who connects to whom is what the declared rules say, packet by packet', () => {
  let compared = 0
  fc.assert(
    fc.property(worldArbitrary({ groups: 5, instances: 4 }), (world) => {
      const installation = new Installation(...objectsOf(world))
      const { model } = installation
      const objects = [...model.objects()]
      const evaluator = new Evaluator(objects, installation.inDoubt)
      const ruleset = rulesetOf(model)
      for (const { object: vpc, instances } of model.vpcs()) {
        const boundaries = boundariesOf(vpc, objects)
        const nodes = [...instances.values()]
        const ownerOf = (address: string): (typeof nodes)[number] | undefined =>
          nodes.find(({ object }) => object.spec.addresses?.some((own) => point(own) === point(address)))
        for (const node of nodes) {
          const ruled = ruleset.instances.get(node.key)
          if (ruled === undefined) throw new Error(`${node.key} has no rules`)
          const sets = new Map<string, PacketSet>()
          for (const packet of packetsAt(node.object, 'Egress', boundaries)) {
            if (!(node.object.spec.addresses ?? []).includes(packet.from)) continue
            const owner = ownerOf(packet.to)
            const target = owner && ruleset.instances.get(owner.key)
            const end: End =
              target === undefined ? { addresses: addressesOf([packet.to]) } : instanceEnd(target)
            const set =
              sets.get(packet.to) ?? connectingPackets(instanceEnd(ruled), end, ALL_TRAFFIC, ruleset)
            sets.set(packet.to, set)
            const declared =
              owner === undefined
                ? evaluator.decide(node.object, 'Egress', packet) === 'Allow'
                : evaluator.connects(node.object, owner.object, packet)
            expect(isIn(set, packet), JSON.stringify(packet)).toBe(declared)
            compared += 1
          }
        }
      }
    }),
    { numRuns: 40, interruptAfterTimeLimit: 15_000 },
  )
  expect(compared).toBeGreaterThan(1_000)
})
