import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BIG_INTEGERS, IntervalSet } from '../../../src/net/interval-set.ts'
import { formatPrefix, lastAddress } from '../../../src/net/prefix.ts'
import { instanceNames, outsideText, prefixesOf } from '../../../src/policy/reachability/party-text.ts'

const keys = (...names: readonly string[]): readonly string[] => names.map((name) => `Instance/shop/${name}`)

describe('names of instances', () => {
  test.each([
    [['web-1', 'web-3', 'web-2'], ['web-1..web-3']],
    [
      ['web-9', 'web-10'],
      ['web-9', 'web-10'],
    ],
    [
      ['web-1', 'db', 'web-10'],
      ['db', 'web-1', 'web-10'],
    ],
    [['web-01', 'web-02', 'web-03'], ['web-01..web-03']],
    [['a', 'a'], ['a']],
  ])('%j are %j', (names, texts) => {
    expect(instanceNames(keys(...names))).toEqual(texts)
  })
})

describe('addresses that nobody has', () => {
  test('all of them are the Internet, few are prefixes, many are counted', () => {
    const set = (...pairs: readonly (readonly [bigint, bigint])[]): IntervalSet<bigint> =>
      IntervalSet.of(
        BIG_INTEGERS,
        pairs.map(([first, last]) => ({ first, last })),
      )
    expect(outsideText(set([0n, 9n]), 'IPv4', true)).toBe('Internet')
    expect(outsideText(set([0x0a000000n, 0x0a0000ffn]), 'IPv4', false)).toBe('10.0.0.0/24')
    expect(outsideText(set([1n, 62n]), 'IPv4', false)).toBe(
      '0.0.0.1/32, 0.0.0.2/31, 0.0.0.4/30, 0.0.0.8/29 and 6 more prefixes',
    )
  })

  test('the prefixes hold exactly the addresses', () => {
    const interval = fc.tuple(fc.nat(300), fc.nat(60)).map(([first, more]) => ({
      first: BigInt(first),
      last: BigInt(first + more),
    }))
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 4 }), (intervals) => {
        const addresses = IntervalSet.of(BIG_INTEGERS, intervals)
        const prefixes = prefixesOf(addresses, 'IPv6')
        const again = prefixes.map((prefix) => ({ first: prefix.first, last: lastAddress(prefix) }))
        expect(IntervalSet.of(BIG_INTEGERS, again).equals(addresses)).toBe(true)
        expect(new Set(prefixes.map(formatPrefix)).size).toBe(prefixes.length)
      }),
    )
  })
})
