import { keyOf, type PalisadeObject } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import { formatAddress, parseAddress, type Address, type Family } from '../net/address.ts'
import { containsAddress, lastAddress, parsePrefix, type Prefix } from '../net/prefix.ts'
import type { Model } from '../policy/model/model.ts'
import { derivedMac, LAB_NODE, portName, routerName } from './names.ts'
import { vpcKeyOf } from '../policy/references.ts'

/** One instance as the lab builds it: a network namespace with `eth0`, joined to its VPC's router. */
export interface LabPort {
  readonly instance: ObjectKey
  /** The end of the link in the router. */
  readonly interface: string
  readonly mac: string
  /** Canonical, in the order declared. */
  readonly addresses: readonly string[]
  /** Addresses of the router on this link; the first of each family is the way out. */
  readonly gateways: readonly string[]
}

/** One VPC: a router, its instances, and a namespace that stands in for the Internet. */
export interface LabNetwork {
  readonly vpc: ObjectKey
  /** What the attachments of its instances call the router. */
  readonly router: string
  readonly ports: readonly LabPort[]
}

export type Topology = ReadonlyMap<ObjectKey, LabNetwork>

/**
 * The gateway of an instance in no subnet: link-local, so no declared address is in its way (as
 * Calico has it); and of every instance over IPv6.
 */
const LINK_LOCAL_GATEWAY: Readonly<Record<Family, string>> = { IPv4: '169.254.1.1', IPv6: 'fe80::1' }

/** Whatever an instance is attached to elsewhere, in the lab it is attached to its router. */
export function attachedToLab(object: PalisadeObject): PalisadeObject {
  if (object.kind !== 'Instance') return object
  const key = keyOf(object)
  const netns = routerName(vpcKeyOf(object))
  const attachment = { nodeName: LAB_NODE, netns, interface: portName(key) }
  return { ...object, spec: { ...object.spec, mac: object.spec.mac ?? derivedMac(key), attachment } }
}

/** The networks of all VPCs in force, with the instances in force. */
export function topologyOf(model: Model): Topology {
  const networks = new Map<ObjectKey, LabNetwork>()
  for (const { key, object, instances } of model.vpcs()) {
    const keys = instances.map((one) => one.key).sort()
    const taken = new Set(keys.flatMap((one) => model.instanceRuleset(one)?.addresses ?? []))
    const subnets = (object.spec.subnets ?? []).flatMap(({ cidr }) => subnetOf(cidr, taken) ?? [])
    const ports = keys.flatMap((instance) => {
      const ruleset = model.instanceRuleset(instance)
      return ruleset === undefined ? [] : [portOf(instance, ruleset, subnets)]
    })
    networks.set(key, { vpc: key, router: routerName(key), ports })
  }
  return networks
}

function portOf(
  instance: ObjectKey,
  { addresses, mac }: { readonly addresses: readonly string[]; readonly mac?: string },
  subnets: readonly Subnet[],
): LabPort {
  const own = addresses.flatMap((text) => parseAddress(text) ?? [])
  const near = subnets.filter(({ prefix }) => own.some((address) => containsAddress(prefix, address)))
  const gateways = new Set(near.map(({ gateway }) => gateway))
  const needsIPv4 = own.some(({ family }) => family === 'IPv4')
  const hasIPv4 = near.some(({ prefix }) => prefix.family === 'IPv4')
  if (needsIPv4 && !hasIPv4) gateways.add(LINK_LOCAL_GATEWAY.IPv4)
  gateways.add(LINK_LOCAL_GATEWAY.IPv6)
  return {
    instance,
    interface: portName(instance),
    mac: mac ?? derivedMac(instance),
    addresses,
    gateways: [...gateways],
  }
}

interface Subnet {
  readonly prefix: Prefix
  readonly gateway: string
}

/** Its gateway is the first host's address, as clouds have it, or the next that no instance has. */
function subnetOf(cidr: string, taken: ReadonlySet<string>): Subnet | undefined {
  const result = parsePrefix(cidr)
  if (!result.ok) return undefined
  const { prefix } = result
  const last = lastAddress(prefix)
  for (let value = prefix.first + 1n; value < last; value++) {
    const gateway: Address = { family: prefix.family, value }
    if (!taken.has(formatAddress(gateway))) return { prefix, gateway: formatAddress(gateway) }
  }
  return undefined
}
