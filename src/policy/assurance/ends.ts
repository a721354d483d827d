import { namespaceOf } from '../../api/objects.ts'
import type { CheckEnd, ReachabilityCheck } from '../../api/types.gen.ts'
import { objectKey } from '../../core/key.ts'
import { parseAddress, type Address, type Family } from '../../net/address.ts'
import type { IntervalSet } from '../../net/interval-set.ts'
import type { Model } from '../model/model.ts'
import type { InstanceNode } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { compileSelector } from '../selector.ts'
import { addressSets, type Endpoint } from './decide.ts'

export const FAMILIES: readonly Family[] = ['IPv4', 'IPv6']

const EVERYTHING = ['0.0.0.0/0', '::/0']

type AddressSets = Readonly<Record<Family, IntervalSet<bigint>>>

/** Who is meant by one end of a check. */
export interface ResolvedEnd {
  readonly instances: readonly Endpoint[]
  /** Addresses that no instance of the VPC has. */
  readonly outside: AddressSets | undefined
  /** Names that stand for nothing. */
  readonly missing: readonly string[]
}

export function resolveEnd(
  end: CheckEnd,
  check: ReachabilityCheck,
  vpc: VpcIndex,
  model: Model,
): ResolvedEnd {
  const namespace = namespaceOf(check)
  if (end.instances !== undefined) {
    const named = end.instances.map(
      (name) => [name, vpc.instances.get(objectKey('Instance', namespace, name))] as const,
    )
    const missing = named.flatMap(([name, node]) => (node === undefined ? [`instance ${name}`] : []))
    return { instances: endpointsOf(named.flatMap(([, node]) => node ?? [])), outside: undefined, missing }
  }
  if (end.instanceSelector !== undefined) {
    const selector = compileSelector(end.instanceSelector)
    const nodes = [...vpc.instances.values()].filter(({ object }) =>
      selector.matches(object.metadata.labels ?? {}),
    )
    return { instances: endpointsOf(nodes), outside: undefined, missing: [] }
  }
  if (end.securityGroupRef !== undefined) {
    const { name } = end.securityGroupRef
    const node = vpc.groups.get(objectKey('SecurityGroup', namespace, name))
    const missing = node === undefined ? [`group ${name}`] : []
    const nodes = node === undefined ? [] : vpc.members(node).instances
    return { instances: endpointsOf(nodes), outside: undefined, missing }
  }
  return resolveAddresses(end, namespace, vpc, model)
}

function resolveAddresses(end: CheckEnd, namespace: string, vpc: VpcIndex, model: Model): ResolvedEnd {
  const list = end.addressGroupRef?.name
  const prefixes = list === undefined ? undefined : model.prefixes(objectKey('AddressGroup', namespace, list))
  const missing = list !== undefined && prefixes === undefined ? [`address group ${list}`] : []
  const meant = addressSets(end.internet === true ? EVERYTHING : (end.cidrs ?? prefixes ?? []))
  const without = addressSets(end.except ?? [])
  const own = addressSets(end.internet === true ? (vpc.object.spec.cidrs ?? []) : [])
  const asked = eachFamily((family) => meant[family].difference(without[family]).difference(own[family]))
  const all = endpointsOf([...vpc.instances.values()])
  const instances =
    end.internet === true ? [] : all.filter(({ address }) => asked[address.family].contains(address.value))
  const taken = addressSets([...vpc.instances.values()].flatMap(({ object }) => object.spec.addresses ?? []))
  return { instances, outside: eachFamily((family) => asked[family].difference(taken[family])), missing }
}

function eachFamily<T>(of: (family: Family) => T): Readonly<Record<Family, T>> {
  return { IPv4: of('IPv4'), IPv6: of('IPv6') }
}

function endpointsOf(nodes: readonly InstanceNode[]): readonly Endpoint[] {
  return nodes.flatMap((instance) =>
    (instance.object.spec.addresses ?? []).map((text) => ({ address: readAddress(text), instance })),
  )
}

function readAddress(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}
