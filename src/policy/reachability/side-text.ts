import type { ObjectKey } from '../../core/key.ts'
import { ADDRESS_BITS, eachFamily, FAMILIES, type Family } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../net/interval-set.ts'
import { formatPrefix, lastAddress } from '../../net/prefix.ts'
import { instanceNames, prefixesOf } from './party-text.ts'

/** Addresses of both families. */
export type Addresses = Readonly<Record<Family, IntervalSet<bigint>>>

export const NO_ADDRESSES: Addresses = eachFamily(() => IntervalSet.of(BIG_INTEGERS, []))

/** Instances, some of them with only some of their addresses, and addresses that no instance has. */
export interface NamedSide {
  readonly whole: ReadonlySet<ObjectKey>
  /** In words: `web-1 at 10.0.1.9`. */
  readonly divided: ReadonlySet<string>
  readonly outside: Addresses
}

export function joinedNames(sides: readonly NamedSide[]): NamedSide {
  return {
    whole: new Set(sides.flatMap(({ whole }) => [...whole])),
    divided: new Set(sides.flatMap(({ divided }) => [...divided])),
    outside: joinedAddresses(sides.map(({ outside }) => outside)),
  }
}

export function joinedAddresses(all: readonly Addresses[]): Addresses {
  return eachFamily((family) =>
    IntervalSet.of(
      BIG_INTEGERS,
      all.flatMap((addresses) => addresses[family].intervals),
    ),
  )
}

/** A side in words, addresses as part of all that no instance has: `Internet`, `Internet except 192.0.2.0/24, web-1`. */
export function sideText(side: NamedSide, everyone: Addresses): string {
  return [...outsideTexts(side.outside, everyone), ...namedInstances(side)].join(', ')
}

export function namedInstances({ whole, divided }: NamedSide): readonly string[] {
  return [...instanceNames(whole), ...[...divided].sort()]
}

function outsideTexts(outside: Addresses, everyone: Addresses): readonly string[] {
  const present = FAMILIES.filter((family) => outside[family].intervals.length > 0)
  const texts = (family: Family, addresses: IntervalSet<bigint>): readonly string[] =>
    prefixTexts(addresses, family, everyone[family])
  const [only, ...more] = present
  const internet = more.length === 0 && only !== undefined ? `Internet (${only})` : 'Internet'
  const missing = present.flatMap((family) => texts(family, everyone[family].difference(outside[family])))
  if (missing.length === 0 && present.length > 0) return [internet]
  const named = present.flatMap((family) => texts(family, outside[family]))
  if (missing.length >= named.length) return named
  return [`${internet} except ${missing.join(' and ')}`]
}

/** Addresses of instances are no holes: what is nobody's in a prefix is called so where that is shorter. */
export function prefixTexts(
  addresses: IntervalSet<bigint>,
  family: Family,
  everyone: IntervalSet<bigint>,
): readonly string[] {
  if (addresses.isEmpty) return []
  const exact = prefixesOf(addresses, family)
  if (exact.length === 1) return exact.map(formatPrefix)
  const instances = WHOLE[family].difference(everyone)
  const filled = prefixesOf(addresses.union(instances), family).filter((prefix) =>
    addresses.intervals.some(({ first, last }) => first <= lastAddress(prefix) && prefix.first <= last),
  )
  if (filled.length >= exact.length) return exact.map(formatPrefix)
  return filled.map((prefix) => `others in ${formatPrefix(prefix)}`)
}

const WHOLE: Addresses = eachFamily((family) =>
  IntervalSet.of(BIG_INTEGERS, [{ first: 0n, last: (1n << BigInt(ADDRESS_BITS[family])) - 1n }]),
)
