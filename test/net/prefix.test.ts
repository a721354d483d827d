import { describe, expect, test } from 'vitest'
import { parseAddress } from '../../src/net/address.ts'
import type { Address } from '../../src/net/address.ts'
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

function prefix(text: string): Prefix {
  const result = parsePrefix(text)
  if (!result.ok) throw new Error(`${text} is no prefix`)
  return result.prefix
}

function address(text: string): Address {
  const result = parseAddress(text)
  if (result === undefined) throw new Error(`${text} is no address`)
  return result
}

describe('parsePrefix', () => {
  test.each([
    ['0.0.0.0/0', { family: 'IPv4', first: 0n, length: 0 }],
    ['10.0.0.0/8', { family: 'IPv4', first: 0x0a000000n, length: 8 }],
    ['10.0.0.1/32', { family: 'IPv4', first: 0x0a000001n, length: 32 }],
    ['::/0', { family: 'IPv6', first: 0n, length: 0 }],
    ['fd00:10::/48', { family: 'IPv6', first: 0xfd000010n << 96n, length: 48 }],
    ['::1/128', { family: 'IPv6', first: 1n, length: 128 }],
  ])('reads %s', (text, expected) => {
    expect(parsePrefix(text)).toEqual({ ok: true, prefix: expected })
  })

  test.each([
    ['10.0.0.1', '10.0.0.1/32'],
    ['FD00::1', 'fd00::1/128'],
  ])('reads the bare address %s as %s', (text, canonical) => {
    expect(formatPrefix(prefix(text))).toBe(canonical)
  })

  test.each([
    ['10.0.0.1/8', '10.0.0.0/8', '10.0.0.1/32'],
    ['10.0.1.3/31', '10.0.1.2/31', '10.0.1.3/32'],
    ['0.0.0.1/0', '0.0.0.0/0', '0.0.0.1/32'],
    ['FD00::1/64', 'fd00::/64', 'fd00::1/128'],
  ])('refuses host bits in %s and names both candidates', (text, network, host) => {
    expect(parsePrefix(text)).toEqual({ ok: false, reason: 'HostBits', network, host })
  })

  test.each([
    ['nothing', ''],
    ['a length alone', '/8'],
    ['an empty length', '10.0.0.0/'],
    ['a length beyond IPv4', '10.0.0.0/33'],
    ['a length beyond IPv6', 'fd00::/129'],
    ['a length with a leading zero', '10.0.0.0/08'],
    ['a length with a sign', '10.0.0.0/+8'],
    ['a negative length', '10.0.0.0/-1'],
    ['a length in hexadecimal', '10.0.0.0/0x8'],
    ['a fraction', '10.0.0.0/8.0'],
    ['a netmask', '10.0.0.0/255.0.0.0'],
    ['two lengths', '10.0.0.0/8/8'],
    ['spaces', '10.0.0.0 /8'],
    ['a space after', '10.0.0.0/8 '],
    ['a line break after', '10.0.0.0/8\n'],
    ['a short form', '10/8'],
    ['a zone', 'fe80::%eth0/64'],
    ['IPv4-mapped addresses', '::ffff:10.0.0.0/104'],
    ['all IPv4-mapped addresses', '::ffff:0:0/96'],
  ])('refuses %s: %j', (_what, text) => {
    expect(parsePrefix(text)).toEqual({ ok: false, reason: 'Syntax' })
  })
})

describe('a prefix', () => {
  test.each([
    ['10.0.0.0/8', '10.255.255.255'],
    ['10.0.0.1/32', '10.0.0.1'],
    ['0.0.0.0/0', '255.255.255.255'],
    ['::/0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['fd00::/64', 'fd00::ffff:ffff:ffff:ffff'],
  ])('%s ends at %s', (text, last) => {
    expect(lastAddress(prefix(text))).toBe(address(last).value)
  })

  test.each([
    ['10.0.1.0/24', '10.0.1.0', true],
    ['10.0.1.0/24', '10.0.1.255', true],
    ['10.0.1.0/24', '10.0.0.255', false],
    ['10.0.1.0/24', '10.0.2.0', false],
    ['0.0.0.0/0', '203.0.113.7', true],
    ['::/0', '0.0.0.1', false],
    ['0.0.0.0/0', '::1', false],
  ])('%s contains %s: %s', (text, inner, expected) => {
    expect(containsAddress(prefix(text), address(inner))).toBe(expected)
  })

  test.each([
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.0.0.0/8', '10.0.0.0/8', true],
    ['10.0.0.0/16', '10.0.0.0/8', false],
    ['10.0.0.0/16', '10.1.0.0/16', false],
    ['::/0', '0.0.0.0/0', false],
  ])('%s contains %s: %s', (outer, inner, expected) => {
    expect(containsPrefix(prefix(outer), prefix(inner))).toBe(expected)
  })

  test.each([
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/16', '10.1.0.0/16', false],
    ['0.0.0.0/0', '::/0', false],
  ])('%s overlaps %s: %s', (a, b, expected) => {
    expect(overlaps(prefix(a), prefix(b))).toBe(expected)
  })
})

test('prefixes sort IPv4 first, then by address as a number, then the larger block first', () => {
  const sorted = ['0.0.0.0/0', '9.0.0.0/8', '10.0.0.0/8', '10.0.0.0/16', '::/0', '::/128', 'fd00::/64']
  expect(sorted.toReversed().map(prefix).sort(comparePrefixes).map(formatPrefix)).toEqual(sorted)
})

describe('mergePrefixes', () => {
  test.each([
    ['nothing', [], []],
    ['duplicates', ['10.0.0.0/8', '10.0.0.0/8'], ['10.0.0.0/8']],
    ['a block inside another', ['10.1.0.0/16', '10.0.0.0/8'], ['10.0.0.0/8']],
    ['two halves', ['10.0.1.0/24', '10.0.0.0/24'], ['10.0.0.0/23']],
    ['four quarters', ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3'], ['10.0.0.0/30']],
    ['neighbours that are not halves', ['10.0.1.0/24', '10.0.2.0/24'], ['10.0.1.0/24', '10.0.2.0/24']],
    ['bits that are halves, but of two families', ['0.0.0.1/32', '::/32'], ['0.0.0.1/32', '::/32']],
    ['everything, in halves', ['128.0.0.0/1', '0.0.0.0/1', '8000::/1', '::/1'], ['0.0.0.0/0', '::/0']],
  ])('%s', (_what, list, expected) => {
    expect(mergePrefixes(list.map(prefix)).map(formatPrefix)).toEqual(expected)
  })

  test('leaves its argument as it was', () => {
    const list = ['10.0.1.0/24', '10.0.0.0/24'].map(prefix)
    mergePrefixes(list)
    expect(list.map(formatPrefix)).toEqual(['10.0.1.0/24', '10.0.0.0/24'])
  })
})
