import { ADDRESS_BITS, type Address, type Family } from './address.ts'
import { BIG_INTEGERS, IntervalSet, type Interval } from './interval-set.ts'
import { lastAddress, type Prefix } from './prefix.ts'

/**
 * Addresses of both families as points on one line: IPv4 from 0, IPv6 from 2^128. The gap between them
 * keeps an interval within its family.
 */
export type AddressSet = IntervalSet<bigint>

const IPV6_ORIGIN = 1n << 128n

const ORIGIN: Readonly<Record<Family, bigint>> = { IPv4: 0n, IPv6: IPV6_ORIGIN }

/** The place of an address on the line. */
export function addressPoint({ family, value }: Address): bigint {
  return ORIGIN[family] + value
}

/** The address at a place on the line. */
export function addressAt(point: bigint): Address {
  return point < IPV6_ORIGIN
    ? { family: 'IPv4', value: point }
    : { family: 'IPv6', value: point - IPV6_ORIGIN }
}

/** Every address of the prefixes, which may overlap. */
export function addressSet(prefixes: readonly Prefix[]): AddressSet {
  return IntervalSet.of(BIG_INTEGERS, prefixes.map(span))
}

/** Every address of one family. */
export const FAMILY_ADDRESSES: Readonly<Record<Family, AddressSet>> = {
  IPv4: addressSet([{ family: 'IPv4', first: 0n, length: 0 }]),
  IPv6: addressSet([{ family: 'IPv6', first: 0n, length: 0 }]),
}

export const ALL_ADDRESSES: AddressSet = FAMILY_ADDRESSES.IPv4.union(FAMILY_ADDRESSES.IPv6)

/** The fewest prefixes that hold exactly the addresses of a set, in order. */
export function prefixesOf(set: AddressSet): Prefix[] {
  return set.intervals.flatMap(({ first, last }) => {
    const { family, value } = addressAt(first)
    return intervalPrefixes(family, value, last - ORIGIN[family])
  })
}

function span(prefix: Prefix): Interval<bigint> {
  const origin = ORIGIN[prefix.family]
  return { first: origin + prefix.first, last: origin + lastAddress(prefix) }
}

/** From the lowest address up, each time the largest block that begins there and does not reach beyond. */
function intervalPrefixes(family: Family, first: bigint, last: bigint): Prefix[] {
  const prefixes: Prefix[] = []
  let at = first
  while (at <= last) {
    let hostBits = 0
    while (hostBits < ADDRESS_BITS[family] && fits(at, last, hostBits + 1)) hostBits += 1
    prefixes.push({ family, first: at, length: ADDRESS_BITS[family] - hostBits })
    at += 1n << BigInt(hostBits)
  }
  return prefixes
}

function fits(at: bigint, last: bigint, hostBits: number): boolean {
  const size = 1n << BigInt(hostBits)
  return at % size === 0n && at + size - 1n <= last
}
