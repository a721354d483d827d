import fc from 'fast-check'
import { ADDRESS_BITS } from '../../src/net/address.ts'
import type { Address, Family } from '../../src/net/address.ts'
import type { Interval } from '../../src/net/interval-set.ts'
import type { Prefix } from '../../src/net/prefix.ts'

const familyArbitrary = fc.constantFrom<Family>('IPv4', 'IPv6')

/** Groups drawn with many zeros, since the zero runs are what makes an IPv6 spelling hard. */
const ipv6Value = fc
  .array(
    fc.oneof({ weight: 2, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: fc.bigInt(0n, 0xffffn) }),
    {
      minLength: 8,
      maxLength: 8,
    },
  )
  .map((groups) => groups.reduce((value, group) => (value << 16n) | group, 0n))
  .filter((value) => value >> 32n !== 0xffffn)

const ipv4Value = fc.bigInt(0n, 0xffff_ffffn)

const valueArbitrary = (family: Family): fc.Arbitrary<bigint> => (family === 'IPv4' ? ipv4Value : ipv6Value)

/** Every address that has a spelling: IPv4-mapped IPv6 addresses have none. */
export const addressArbitrary: fc.Arbitrary<Address> = familyArbitrary.chain((family) =>
  valueArbitrary(family).map((value) => ({ family, value })),
)

function network(family: Family, value: bigint, length: number): Prefix {
  const hostBits = BigInt(ADDRESS_BITS[family] - length)
  return { family, first: (value >> hostBits) << hostBits, length }
}

/** Whether its network address can be written. */
const hasSpelling = ({ family, first }: Prefix): boolean => family === 'IPv4' || first >> 32n !== 0xffffn

/** Prefixes of both families and every length. */
export const prefixArbitrary: fc.Arbitrary<Prefix> = familyArbitrary
  .chain((family) =>
    fc
      .tuple(valueArbitrary(family), fc.nat(ADDRESS_BITS[family]))
      .map(([value, length]) => network(family, value, length)),
  )
  .filter(hasSpelling)

/** How many addresses `smallPrefixArbitrary` draws from, in each family. */
export const SMALL_UNIVERSE = 16

/** Prefixes in the top 16 addresses of each family, so that they often touch, nest and complete each other. */
export const smallPrefixArbitrary: fc.Arbitrary<Prefix> = familyArbitrary.chain((family) => {
  const bits = ADDRESS_BITS[family]
  const start = (1n << BigInt(bits)) - BigInt(SMALL_UNIVERSE)
  return fc
    .tuple(fc.bigInt(0n, BigInt(SMALL_UNIVERSE - 1)), fc.integer({ min: bits - 4, max: bits }))
    .map(([offset, length]) => network(family, start + offset, length))
})

/** Intervals within 0 to `max`, mostly short, so that many stay apart; in any order, overlapping as they please. */
export const intervalsArbitrary = (max: number): fc.Arbitrary<Interval<number>[]> =>
  fc.array(
    fc
      .tuple(
        fc.nat(max),
        fc.oneof({ weight: 4, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(max) }),
      )
      .map(([first, length]) => ({ first, last: Math.min(first + length, max) })),
    { maxLength: 12, size: 'max' },
  )
