import { containsCidr, mergeCidr, overlapCidr, parseCidr } from 'cidr-tools'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ADDRESS_BITS } from '../../src/net/address.ts'
import type { Family } from '../../src/net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../src/net/interval-set.ts'
import {
  comparePrefixes,
  containsAddress,
  containsPrefix,
  formatPrefix,
  lastAddress,
  mergePrefixes,
  overlaps,
  parsePrefix,
} from '../../src/net/prefix.ts'
import type { Prefix } from '../../src/net/prefix.ts'
import { addressArbitrary, prefixArbitrary, SMALL_UNIVERSE, smallPrefixArbitrary } from './arbitraries.ts'

const anyPrefix = fc.oneof(prefixArbitrary, smallPrefixArbitrary)
const prefixes = fc.oneof(
  fc.array(prefixArbitrary, { maxLength: 12 }),
  fc.array(smallPrefixArbitrary, { maxLength: 24 }),
)

/** Their text in ours: cidr-tools leaves the length of a single address out. */
function withLength(text: string): string {
  const result = parsePrefix(text)
  return result.ok ? formatPrefix(result.prefix) : text
}

function addresses(family: Family, list: readonly Prefix[]): IntervalSet<bigint> {
  const ofFamily = list.filter((prefix) => prefix.family === family)
  return IntervalSet.of(
    BIG_INTEGERS,
    ofFamily.map((prefix) => ({ first: prefix.first, last: lastAddress(prefix) })),
  )
}

describe('a prefix', () => {
  test('survives being written and read', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        expect(parsePrefix(formatPrefix(prefix))).toEqual({ ok: true, prefix })
      }),
    )
  })

  test('starts and ends where cidr-tools says', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const { start, end } = parseCidr(formatPrefix(prefix))
        expect([prefix.first, lastAddress(prefix)]).toEqual([start, end])
      }),
    )
  })

  test('contains and overlaps what cidr-tools says', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        const [textA, textB] = [formatPrefix(a), formatPrefix(b)]
        expect([containsPrefix(a, b), overlaps(a, b)]).toEqual([
          containsCidr(textA, textB),
          overlapCidr(textA, textB),
        ])
      }),
    )
  })

  test('contains the addresses from its first to its last, and no others', () => {
    fc.assert(
      fc.property(anyPrefix, addressArbitrary, (prefix, address) => {
        const expected =
          prefix.family === address.family &&
          address.value >= prefix.first &&
          address.value <= lastAddress(prefix)
        expect(containsAddress(prefix, address)).toBe(expected)
      }),
    )
  })

  test('contains both its ends, but not the addresses just outside them', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const last = lastAddress(prefix)
        const around = [prefix.first - 1n, prefix.first, last, last + 1n]
        const contained = around.map((value) => containsAddress(prefix, { family: prefix.family, value }))
        expect(contained).toEqual([false, true, true, false])
      }),
    )
  })

  test('with host bits set is refused, and both candidates named are prefixes', () => {
    fc.assert(
      fc.property(addressArbitrary, fc.nat(128), (address, length) => {
        fc.pre(length <= ADDRESS_BITS[address.family])
        const host = formatPrefix({
          family: address.family,
          first: address.value,
          length: ADDRESS_BITS[address.family],
        })
        const text = host.replace(/\d+$/, String(length))
        const result = parsePrefix(text)
        fc.pre(!result.ok)
        const { start, prefix } = parseCidr(text)
        const network = formatPrefix({ family: address.family, first: start, length: Number(prefix) })
        expect(result).toEqual({ ok: false, reason: 'HostBits', network, host })
      }),
    )
  })

  test('compares with another as their (family, first, length) do, in either order', () => {
    const rank = (prefix: Prefix): string =>
      `${prefix.family} ${String(prefix.first).padStart(40, '0')} ${String(prefix.length).padStart(3, '0')}`
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        const expected = rank(a) === rank(b) ? 0 : rank(a) < rank(b) ? -1 : 1
        expect([Math.sign(comparePrefixes(a, b)), 0 - Math.sign(comparePrefixes(b, a))]).toEqual([
          expected,
          expected,
        ])
      }),
    )
  })
})

describe('mergePrefixes', () => {
  test('gives what cidr-tools gives', () => {
    fc.assert(
      fc.property(prefixes, (list) => {
        const theirs = mergeCidr(list.map(formatPrefix)).map(withLength).toSorted()
        expect(mergePrefixes(list).map(formatPrefix).toSorted()).toEqual(theirs)
      }),
    )
  })

  test('keeps exactly the addresses of the list', () => {
    fc.assert(
      fc.property(prefixes, (list) => {
        const merged = mergePrefixes(list)
        for (const family of ['IPv4', 'IPv6'] as const) {
          expect(addresses(family, merged).equals(addresses(family, list))).toBe(true)
        }
      }),
    )
  })

  test('gives the same list in any order, and for its own result', () => {
    const shuffled = prefixes.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    )
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const merged = mergePrefixes(list)
        expect([mergePrefixes(other), mergePrefixes(merged)]).toEqual([merged, merged])
      }),
    )
  })

  test('is as short as brute force over the aligned blocks of a small universe', () => {
    fc.assert(
      fc.property(fc.array(smallPrefixArbitrary, { maxLength: 12 }), (list) => {
        const families = ['IPv4', 'IPv6'] as const
        expect(mergePrefixes(list)).toEqual(families.flatMap((family) => largestBlocks(family, list)))
      }),
    )
  })
})

/** Address by address: at each one not yet covered, the largest aligned block that is wholly in the list. */
function largestBlocks(family: Family, list: readonly Prefix[]): Prefix[] {
  const bits = ADDRESS_BITS[family]
  const start = (1n << BigInt(bits)) - BigInt(SMALL_UNIVERSE)
  const isIn = (offset: number): boolean =>
    list.some((prefix) => containsAddress(prefix, { family, value: start + BigInt(offset) }))
  const isWhole = (offset: number, size: number): boolean =>
    offset % size === 0 && Array.from({ length: size }, (_, at) => offset + at).every(isIn)
  const blocks: Prefix[] = []
  let offset = 0
  while (offset < SMALL_UNIVERSE) {
    const power = [4, 3, 2, 1, 0].find((candidate) => isWhole(offset, 2 ** candidate))
    if (power !== undefined) blocks.push({ family, first: start + BigInt(offset), length: bits - power })
    offset += power === undefined ? 1 : 2 ** power
  }
  return blocks
}
