import { namespaceOf } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import { parseAddress, type Family } from '../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../net/interval-set.ts'
import { lastAddress, parsePrefix } from '../net/prefix.ts'
import type { Model } from '../policy/model/model.ts'
import type { VpcIndex } from '../policy/model/vpc-index.ts'
import type { End } from '../policy/reachability/end.ts'
import { findInstance } from './instance-name.ts'

/** What a word of the command line stands for as an end of a connection. */
export interface NamedEnd {
  readonly word: string
  readonly ends: readonly End[]
  /** Where the end is a declared instance. */
  readonly instance?: ObjectKey
}

export type NamedEndResult =
  { readonly ok: true; readonly end: NamedEnd } | { readonly ok: false; readonly reason: string }

/** Reads an address, a prefix, or the name of an instance among `keys`. */
export function readEnd(
  word: string,
  namespace: string | undefined,
  model: Model,
  keys: Iterable<ObjectKey>,
): NamedEndResult {
  const prefix = parsePrefix(word)
  if (prefix.ok) {
    const { family, first } = prefix.prefix
    return { ok: true, end: { word, ends: [endOf(family, first, lastAddress(prefix.prefix))] } }
  }
  if (prefix.reason === 'HostBits') {
    return {
      ok: false,
      reason: `${word} names a host within a network: say ${prefix.network} or ${prefix.host}`,
    }
  }
  const found = findInstance(word, namespace, keys)
  if (!found.ok) return found
  const addresses = model.instance(found.key)?.node.object.spec.addresses ?? []
  const ends = addresses.flatMap((text) => {
    const address = parseAddress(text)
    return address === undefined ? [] : [endOf(address.family, address.value, address.value)]
  })
  return { ok: true, end: { word, ends, instance: found.key } }
}

function endOf(family: Family, first: bigint, last: bigint): End {
  return { family, addresses: IntervalSet.of(BIG_INTEGERS, [{ first, last }]) }
}

/** The VPCs in which an end is a declared instance, or has the address of one. */
export function vpcsOf(
  { ends, instance }: NamedEnd,
  namespace: string | undefined,
  model: Model,
): readonly VpcIndex[] {
  if (instance !== undefined) {
    const found = model.instance(instance)
    return found === undefined ? [] : [found.vpc]
  }
  return [...model.vpcs()].filter(
    (vpc) =>
      (namespace === undefined || namespaceOf(vpc.object) === namespace) &&
      vpc.instances.some(({ object }) =>
        (object.spec.addresses ?? []).some((text) => {
          const address = parseAddress(text)
          return ends.some((end) => end.family === address?.family && end.addresses.contains(address.value))
        }),
      ),
  )
}
