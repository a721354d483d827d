import { describe, expect, test } from 'vitest'
import {
  formatProtocol,
  hasPorts,
  ICMP,
  ICMPV6,
  parseProtocol,
  protocolFamily,
} from '../../src/net/protocol.ts'

const EVERY_NUMBER = Array.from({ length: 256 }, (_, number) => number)

const NAMED = [
  ['ICMP', 1],
  ['IGMP', 2],
  ['IPIP', 4],
  ['TCP', 6],
  ['EGP', 8],
  ['UDP', 17],
  ['DCCP', 33],
  ['RSVP', 46],
  ['GRE', 47],
  ['ESP', 50],
  ['AH', 51],
  ['ICMPv6', 58],
  ['OSPF', 89],
  ['PIM', 103],
  ['VRRP', 112],
  ['SCTP', 132],
  ['UDP-Lite', 136],
] as const

describe('a protocol', () => {
  test.each(NAMED)('%s is %d', (name, number) => {
    expect(parseProtocol(name)).toBe(number)
  })

  test.each(NAMED)('%s is the name that %d is shown by', (name, number) => {
    expect(formatProtocol(number)).toBe(name)
  })

  test.each(NAMED)('%s is read in any case', (name, number) => {
    expect([parseProtocol(name.toLowerCase()), parseProtocol(name.toUpperCase())]).toEqual([number, number])
  })

  test.each([
    ['ipv6-icmp', 58],
    ['udplite', 136],
    ['IP-in-IP', 4],
  ])('has the alias %s', (alias, number) => {
    expect(parseProtocol(alias)).toBe(number)
  })

  test.each(['All', 'all', 'ALL'])('%s is every protocol', (text) => {
    expect(parseProtocol(text)).toBe('All')
  })

  test('is read from every number, as a number and as text', () => {
    expect(EVERY_NUMBER.map((number) => parseProtocol(number))).toEqual(EVERY_NUMBER)
    expect(EVERY_NUMBER.map((number) => parseProtocol(String(number)))).toEqual(EVERY_NUMBER)
  })

  test('survives being written and read', () => {
    const every = [...EVERY_NUMBER, 'All'] as const
    expect(every.map((protocol) => parseProtocol(formatProtocol(protocol)))).toEqual(every)
  })

  test('without a name is shown by its number', () => {
    expect([0, 255].map(formatProtocol)).toEqual(['0', '255'])
  })

  test.each([
    'any',
    '',
    ' tcp',
    'tcp ',
    'http',
    '256',
    '-1',
    '06',
    '+6',
    '6.0',
    '0x6',
    '1e1',
    'constructor',
    '__proto__',
    256,
    -1,
    6.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('is not read from %j', (value) => {
    expect(parseProtocol(value)).toBeUndefined()
  })

  test('has ports if it is TCP, UDP, DCCP, SCTP or UDP-Lite', () => {
    const withPorts = ([...EVERY_NUMBER, 'All'] as const).filter(hasPorts)
    expect(withPorts.map(formatProtocol)).toEqual(['TCP', 'UDP', 'DCCP', 'SCTP', 'UDP-Lite'])
  })

  test('belongs to one family if it is ICMP, IGMP or ICMPv6', () => {
    const bound = ([...EVERY_NUMBER, 'All'] as const).filter(
      (protocol) => protocolFamily(protocol) !== undefined,
    )
    expect(bound.map((protocol) => [formatProtocol(protocol), protocolFamily(protocol)])).toEqual([
      ['ICMP', 'IPv4'],
      ['IGMP', 'IPv4'],
      ['ICMPv6', 'IPv6'],
    ])
  })

  test('of ICMP has its number in a constant, for each family', () => {
    expect([ICMP, ICMPV6].map(formatProtocol)).toEqual(['ICMP', 'ICMPv6'])
  })
})
