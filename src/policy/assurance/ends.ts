import { namespaceOf } from '../../api/objects.ts'
import type { CheckEnd, ReachabilityCheck } from '../../api/types.gen.ts'
import { objectKey, parseKey, type ObjectKey } from '../../core/key.ts'
import { eachFamily, type Address, type Family } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../net/interval-set.ts'
import { lastAddress, readPrefix } from '../../net/prefix.ts'
import type { Model } from '../model/model.ts'
import type { InstanceNode } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import type { AddressBook } from '../reachability/parties.ts'
import { compileSelector } from '../selector.ts'

/** One end of a connection: an address, and the instance of the VPC that has it, if one does. */
export interface Endpoint {
  readonly address: Address
  readonly instance: InstanceNode | undefined
}

const EVERYTHING = ['0.0.0.0/0', '::/0']

type AddressSets = Readonly<Record<Family, IntervalSet<bigint>>>

/** Who is meant by one end of a check. */
export interface ResolvedEnd {
  readonly instances: readonly Endpoint[]
  /** Addresses, of which those that no instance of the VPC has are meant. */
  readonly outside: AddressSets | undefined
  /** Names that stand for nothing. */
  readonly missing: readonly string[]
}

export function resolveEnd(
  end: CheckEnd,
  check: ReachabilityCheck,
  vpc: VpcIndex,
  model: Model,
  book: AddressBook,
): ResolvedEnd {
  const endpointsOf = (nodes: Iterable<InstanceNode>): readonly Endpoint[] => endpointsIn(nodes, book)
  const namespace = namespaceOf(check)
  if (end.instances !== undefined) {
    const named = end.instances.map((name) => {
      const found = model.instance(objectKey('Instance', namespace, name))
      return [name, found?.vpc === vpc ? found.node : undefined] as const
    })
    const missing = named.flatMap(([name, node]) => (node === undefined ? [`instance ${name}`] : []))
    return { instances: endpointsOf(named.flatMap(([, node]) => node ?? [])), outside: undefined, missing }
  }
  if (end.instanceSelector !== undefined) {
    const selector = compileSelector(end.instanceSelector)
    const nodes = vpc.instances.filter(({ object }) => selector.matches(object.metadata.labels ?? {}))
    return { instances: inOrder(endpointsOf(nodes)), outside: undefined, missing: [] }
  }
  if (end.securityGroupRef !== undefined) {
    const { name } = end.securityGroupRef
    const node = vpc.groups.get(objectKey('SecurityGroup', namespace, name))
    const missing = node === undefined ? [`group ${name}`] : []
    const nodes = node === undefined ? [] : vpc.members(node).instances
    return { instances: endpointsOf(nodes), outside: undefined, missing }
  }
  const resolved = resolveAddresses(end, namespace, vpc, model)
  const { outside } = resolved
  const meant = end.internet === true ? [] : endpointsOf(vpc.instances)
  const instances = meant.filter(({ address }) => outside[address.family].contains(address.value))
  return { ...resolved, instances: inOrder(instances) }
}

/** The first broken pair is told of: which one that is says nothing about the order in which instances came. */
function inOrder(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.toSorted((a, b) => {
    const [one = '', other = ''] = [a.instance?.key, b.instance?.key]
    return one === other ? 0 : one < other ? -1 : 1
  })
}

function resolveAddresses(
  end: CheckEnd,
  namespace: string,
  vpc: VpcIndex,
  model: Model,
): { readonly outside: AddressSets; readonly missing: readonly string[] } {
  const list = end.addressGroupRef?.name
  const prefixes = list === undefined ? undefined : model.prefixes(objectKey('AddressGroup', namespace, list))
  const missing = list !== undefined && prefixes === undefined ? [`address group ${list}`] : []
  const meant = addressSets(end.internet === true ? EVERYTHING : (end.cidrs ?? prefixes ?? []))
  const without = addressSets(end.except ?? [])
  const own = addressSets(end.internet === true ? (vpc.object.spec.cidrs ?? []) : [])
  const outside = eachFamily((family) => meant[family].difference(without[family]).difference(own[family]))
  return { outside, missing }
}

/** Prefixes as sets of addresses, one for each family. */
function addressSets(texts: readonly string[]): AddressSets {
  const prefixes = texts.map(readPrefix)
  return eachFamily((family) =>
    IntervalSet.of(
      BIG_INTEGERS,
      prefixes
        .filter((prefix) => prefix.family === family)
        .map((prefix) => ({ first: prefix.first, last: lastAddress(prefix) })),
    ),
  )
}

function endpointsIn(nodes: Iterable<InstanceNode>, book: AddressBook): readonly Endpoint[] {
  return [...nodes].flatMap((instance) => book.of(instance).map((address) => ({ address, instance })))
}

/** Says of instances whether an end means them, by name, label or group; never of one that is meant by its address. */
export function meansInstance(end: CheckEnd): (key: ObjectKey, node: InstanceNode | undefined) => boolean {
  const { instances, instanceSelector, securityGroupRef } = end
  if (instances !== undefined) {
    const names = new Set(instances)
    return (key) => names.has(parseKey(key).name)
  }
  if (instanceSelector !== undefined) {
    const selector = compileSelector(instanceSelector)
    return (_, node) => node !== undefined && selector.matches(node.object.metadata.labels ?? {})
  }
  const group = securityGroupRef?.name
  if (group === undefined) return () => false
  return (_, node) => node?.signature.groups.some(({ key }) => parseKey(key).name === group) === true
}
