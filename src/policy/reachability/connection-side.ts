import { parseKey, type ObjectKey } from '../../core/key.ts'
import { FAMILIES, formatAddress, type Family } from '../../net/address.ts'
import type { InstanceNode } from '../model/nodes.ts'
import type { JointParty } from './difference.ts'
import { joinedAddresses, NO_ADDRESSES, type Addresses, type NamedSide } from './side-text.ts'

/** One end of connections of one family: addresses of instances, or addresses that no instance has. */
export interface Side {
  readonly family: Family
  readonly endpoints: ReadonlyMap<InstanceNode, readonly bigint[]>
  readonly outside: Addresses
}

export function sideOf(party: JointParty, version: 'before' | 'after'): Side {
  const { ruleSet, members, family } = party[version]
  if (ruleSet === undefined) {
    return { family, endpoints: new Map(), outside: { ...NO_ADDRESSES, [family]: party.addresses } }
  }
  const endpoints = new Map<InstanceNode, bigint[]>()
  for (const { instance, address } of members) {
    if (!party.addresses.contains(address)) continue
    const known = endpoints.get(instance)
    if (known === undefined) endpoints.set(instance, [address])
    else known.push(address)
  }
  return { family, endpoints, outside: NO_ADDRESSES }
}

export const isOutside = ({ endpoints }: Side): boolean => endpoints.size === 0

/** Of sides of this family that have no address of an instance in common. */
export function joinedSides(family: Family, sides: readonly Side[]): Side {
  const endpoints = new Map<InstanceNode, readonly bigint[]>()
  for (const [instance, addresses] of sides.flatMap((side) => [...side.endpoints])) {
    endpoints.set(instance, [...(endpoints.get(instance) ?? []), ...addresses])
  }
  return { family, endpoints, outside: joinedAddresses(sides.map(({ outside }) => outside)) }
}

/** An instance of which only some addresses of the family are meant is named with them. */
export function namedSide({ endpoints, family, outside }: Side): NamedSide {
  const whole = new Set<ObjectKey>()
  const divided = new Set<string>()
  for (const [instance, values] of endpoints) {
    if (isWhole(instance, values, family)) whole.add(instance.key)
    else {
      const addresses = values.map((value) => formatAddress({ family, value }))
      divided.add(`${parseKey(instance.key).name} at ${addresses.join(' and ')}`)
    }
  }
  return { whole, divided, outside }
}

/** Whether any of the instances that are named without addresses has one of a family that is not among these. */
export function hasOtherFamily({ endpoints, family: own }: Side, families: readonly Family[]): boolean {
  return [...endpoints].some(
    ([instance, values]) =>
      isWhole(instance, values, own) &&
      FAMILIES.some((family) => !families.includes(family) && addressesIn(instance, family) > 0),
  )
}

function isWhole(instance: InstanceNode, values: readonly bigint[], family: Family): boolean {
  return values.length === addressesIn(instance, family)
}

function addressesIn({ object }: InstanceNode, family: Family): number {
  const isOfFamily = (text: string): boolean => text.includes(':') === (family === 'IPv6')
  return (object.spec.addresses ?? []).filter(isOfFamily).length
}
