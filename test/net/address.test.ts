import { describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../src/net/address.ts'

describe('parseAddress reads', () => {
  test.each([
    ['0.0.0.0', 'IPv4', 0n],
    ['10.0.1.2', 'IPv4', 0x0a000102n],
    ['255.255.255.255', 'IPv4', 0xffffffffn],
    ['::', 'IPv6', 0n],
    ['::1', 'IPv6', 1n],
    ['1::', 'IPv6', 1n << 112n],
    ['fd00:10::10', 'IPv6', 0xfd000010000000000000000000000010n],
    ['2001:0DB8:0:0:8:800:200C:417A', 'IPv6', 0x20010db80000000000080800200c417an],
    ['1:2:3:4:5:6:7:8', 'IPv6', 0x00010002000300040005000600070008n],
    ['64:ff9b::192.0.2.1', 'IPv6', 0x0064ff9b0000000000000000c0000201n],
    ['1:2:3:4:5:6:255.255.0.1', 'IPv6', 0x000100020003000400050006ffff0001n],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'IPv6', (1n << 128n) - 1n],
  ] as const)('%s', (text, family, value) => {
    expect(parseAddress(text)).toEqual({ family, value })
  })
})

describe('parseAddress refuses', () => {
  test.each([
    ['nothing', ''],
    ['a word', 'localhost'],
    ['too few octets', '10.0.1'],
    ['too many octets', '10.0.0.0.1'],
    ['a bare integer', '167772161'],
    ['an octet above 255', '10.0.0.256'],
    ['a leading zero', '10.0.0.01'],
    ['hexadecimal octets', '0x0a.0.0.1'],
    ['a space before', ' 10.0.0.1'],
    ['a space after', '10.0.0.1 '],
    ['a line break after', '10.0.0.1\n'],
    ['digits of another script', '١٠.0.0.1'],
    ['a prefix', '10.0.0.0/8'],
    ['brackets', '[::1]'],
    ['two compressions', '1::2::3'],
    ['a group above ffff', '::12345'],
    ['seven groups', '1:2:3:4:5:6:7'],
    ['nine groups', '1:2:3:4:5:6:7:8:9'],
    ['a zone', 'fe80::1%eth0'],
    ['an empty zone', 'fe80::1%'],
    ['an IPv4-mapped address', '::ffff:10.0.0.1'],
    ['an IPv4-mapped address in hexadecimal', '::ffff:a00:1'],
    ['an IPv4-mapped address in full', '0:0:0:0:0:FFFF:10.0.0.1'],
  ])('%s: %j', (_what, text) => {
    expect(parseAddress(text)).toBeUndefined()
  })
})

describe('formatAddress writes IPv6 as RFC 5952 section 4 says', () => {
  test.each([
    ['no leading zeros (4.1)', '2001:0db8::0001', '2001:db8::1'],
    ['as short as possible (4.2.1)', '2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['no compression of one group (4.2.2)', '2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['one group, written compressed', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['the longest run (4.2.3)', '2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['the first of equal runs (4.2.3)', '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['lower case (4.3)', '2001:DB8::ABCD', '2001:db8::abcd'],
    ['a run at the start', '0:0:0:0:0:0:0:1', '::1'],
    ['a run at the end', '1:0:0:0:0:0:0:0', '1::'],
    ['nothing but zeros', '0:0:0:0:0:0:0:0', '::'],
    ['a dotted tail in hexadecimal', '64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('%s', (_rule, text, canonical) => {
    const address = parseAddress(text)
    expect(address && formatAddress(address)).toBe(canonical)
  })
})
