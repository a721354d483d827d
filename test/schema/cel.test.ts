import { describe, expect, test } from 'vitest'
import { Cel } from '../../src/schema/cel.ts'

const cel = new Cel()

function evaluate(expression: string, self: unknown, oldSelf?: unknown): unknown {
  return cel.compile(cel.parse(expression))(self, oldSelf)
}

// The examples are those of the Kubernetes documentation of its CEL libraries, and the refusals that it names.
describe('isIP', () => {
  test.each(['127.0.0.1', '::1', '2001:DB8::abcd', '64:ff9b::192.0.2.1'])('holds for %s', (text) => {
    expect(evaluate('isIP(self)', text)).toBe(true)
  })

  test.each([
    '127.0.0.256',
    ':::1',
    '127.0.0.01',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    '10.0.0.0/8',
    ' 10.0.0.1',
    '',
  ])('does not hold for "%s"', (text) => {
    expect(evaluate('isIP(self)', text)).toBe(false)
    expect(() => evaluate('ip(self)', text)).toThrow('parse error')
  })
})

describe('isCIDR', () => {
  test.each(['192.168.0.0/16', '192.168.0.1/16', '::1/128', '::1/0', '0.0.0.0/0'])('holds for %s', (text) => {
    expect(evaluate('isCIDR(self)', text)).toBe(true)
  })

  test.each([
    ...['192.168.0.0/33', '::1/129', '10.0.0.0', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0.0/8/8'],
    ...['010.0.0.0/8', '::ffff:1.2.3.4/24', 'fe80::1%eth0/64', '/8', ''],
  ])('does not hold for "%s"', (text) => {
    expect(evaluate('isCIDR(self)', text)).toBe(false)
    expect(() => evaluate('cidr(self)', text)).toThrow('parse error')
  })
})

describe('addresses and prefixes', () => {
  test.each([
    ["ip(self).family() == 4 && ip('::1').family() == 6", '127.0.0.1'],
    ["ip(self) == ip('2001:0DB8::1')", '2001:db8::1'],
    ["ip(self) != ip('::2') && ip('0.0.0.1') != ip('::1')", '::1'],
    ["cidr(self).masked() == cidr('192.168.0.0/24')", '192.168.0.1/24'],
    ["cidr(self) != cidr('192.168.0.0/24')", '192.168.0.1/24'],
    ["cidr(self) != cidr('192.168.0.0/25')", '192.168.0.0/24'],
    ['cidr(self) == cidr(self).masked()', '192.168.0.0/24'],
    ['cidr(self).masked() == cidr(self)', '0.0.0.0/0'],
    ["cidr(self).masked() == cidr('::/0')", 'ffff:ffff::/0'],
    ['cidr(self).masked() == cidr(self)', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128'],
    ['cidr(self).prefixLength() == 16', '192.168.0.0/16'],
    ["cidr(self).ip() == ip('192.168.0.1')", '192.168.0.1/24'],
  ])('%s for %s', (expression, self) => {
    expect(evaluate(expression, self)).toBe(true)
  })
})

describe('values', () => {
  test('whole numbers are int, as in a CRD', () => {
    expect(evaluate('type(self) == int && self + 1 == 8', 7)).toBe(true)
    expect(evaluate('self.a[0].b in [1, 2]', { a: [{ b: 2 }] })).toBe(true)
    expect(evaluate('type(self) == string', '7')).toBe(true)
  })

  test('objects compare by their fields', () => {
    expect(evaluate('self == oldSelf', { a: 1, b: ['x'] }, { b: ['x'], a: 1 })).toBe(true)
    expect(evaluate('self == oldSelf', { a: 1 }, { a: 2 })).toBe(false)
  })

  test('an absent field can be asked for and not read', () => {
    expect(evaluate('has(self.a)', {})).toBe(false)
    expect(() => evaluate('self.a == 1', {})).toThrow('No such key: a')
  })

  test('text has the functions that rules use', () => {
    expect(evaluate("self.lowerAscii() == 'udp-lite'", 'UDP-Lite')).toBe(true)
    expect(evaluate("self.split('-').all(p, int(p) <= 65535)", '1-65535')).toBe(true)
    expect(evaluate("self.contains(':')", '::1')).toBe(true)
  })

  test('there is nothing else to name', () => {
    expect(() => evaluate('process', {})).toThrow('Unknown variable: process')
    expect(() => evaluate('self.constructor', {})).toThrow('No such key: constructor')
  })
})
