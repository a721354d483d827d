import type fc from 'fast-check'
import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { Instance } from '../../src/api/types.gen.ts'
import type { ObjectKey } from '../../src/core/key.ts'
import { derivedMac, portName } from '../../src/lab/names.ts'
import type { LabPort, Topology } from '../../src/lab/topology.ts'
import { objectsOf, worldArbitrary } from '../reference/arbitraries/world.ts'

/** How many machines a field has; each sends packets by a process of its own. */
const MACHINES = 4

const VPC = 'VPC/default/field'
const ROUTER = 'field'

const machineKeys: readonly ObjectKey[] = Array.from(
  { length: MACHINES },
  (_, index) => `Instance/default/i${String(index)}`,
)

/** The addresses that machine `i3` has, whether it is declared with them or not. */
const addressesOf = (index: number): readonly string[] => [
  `10.0.0.${String(index)}`,
  `fd00::${index.toString(16)}`,
]

/** The network that every random world is tried on. */
export const FIELD: Topology = new Map([[VPC, { vpc: VPC, router: ROUTER, ports: machineKeys.map(portOf) }]])

function portOf(instance: ObjectKey, index: number): LabPort {
  return {
    instance,
    interface: portName(instance),
    mac: derivedMac(instance),
    addresses: addressesOf(index).map((address) => address.replace('fd00::0', 'fd00::')),
    gateways: ['169.254.1.1', 'fe80::1'],
  }
}

/** Which machine has an address. */
export const MACHINE_OF: ReadonlyMap<string, ObjectKey> = new Map(
  [...FIELD.values()].flatMap(({ ports }) =>
    ports.flatMap(({ instance, addresses }) => addresses.map((address) => [address, instance] as const)),
  ),
)

/** Random objects, whose instances of one VPC are attached to the field's machines. */
export const smallWorlds: fc.Arbitrary<readonly PalisadeObject[]> = worldArbitrary({
  groups: 5,
  instances: MACHINES,
})
  .map((world) => {
    const homes = world.instances.map(({ spec }) => spec.vpcRef.name)
    const counts = homes.map((home) => homes.filter((other) => other === home).length)
    const home = homes[counts.indexOf(Math.max(...counts))]
    const here = world.instances.filter(({ spec }) => spec.vpcRef.name === home)
    return { ...world, instances: here.map(attached) }
  })
  // One machine alone has nobody of its network to talk to.
  .filter(({ instances }) => instances.length > 1)
  .map(objectsOf)

/** With its own machine's addresses, of the families that it was given. */
function attached(instance: Instance): Instance {
  const key = keyOf(instance)
  const own = FIELD.get(VPC)?.ports.find((port) => port.instance === key)
  const families = new Set((instance.spec.addresses ?? []).map((address) => address.includes(':')))
  const addresses = (own?.addresses ?? []).filter((address) => families.has(address.includes(':')))
  const attachment = { nodeName: 'field', netns: ROUTER, interface: portName(key) }
  return { ...instance, spec: { ...instance.spec, addresses, mac: derivedMac(key), attachment } }
}
