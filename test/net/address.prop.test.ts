import { normalizeCidr, parseCidr } from 'cidr-tools'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalAddress, formatAddress, parseAddress } from '../../src/net/address.ts'
import { addressArbitrary } from './arbitraries.ts'

describe('an address', () => {
  test('survives being written and read', () => {
    fc.assert(
      fc.property(addressArbitrary, (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address)
      }),
    )
  })

  test('has the canonical spelling that reading and writing it gives, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        const address = parseAddress(text)
        expect(canonicalAddress(text)).toBe(address && formatAddress(address))
      }),
    )
  })

  test('is written as cidr-tools writes it', () => {
    fc.assert(
      fc.property(addressArbitrary, (address) => {
        const text = formatAddress(address)
        expect(normalizeCidr(text)).toBe(text)
      }),
    )
  })

  test('has the value that cidr-tools reads, in any spelling', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text)
        fc.pre(address !== undefined)
        const { start, version } = parseCidr(text)
        expect(address).toEqual({ family: `IPv${version}`, value: start })
      }),
    )
  })

  test('in IPv6 is written as a URL writes it (WHATWG URL, host serializing)', () => {
    fc.assert(
      fc.property(addressArbitrary, (address) => {
        fc.pre(address.family === 'IPv6')
        const text = formatAddress(address)
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`)
      }),
    )
  })

  test('is not read from text with anything before or after it', () => {
    const stray = fc.constantFrom(
      ' ',
      '\t',
      '\n',
      '\0',
      '%',
      '%1',
      '/',
      '/32',
      ',',
      '+',
      '-',
      'g',
      '[',
      ']',
      '.',
    )
    fc.assert(
      fc.property(addressArbitrary, stray, (address, extra) => {
        const text = formatAddress(address)
        expect([parseAddress(extra + text), parseAddress(text + extra)]).toEqual([undefined, undefined])
      }),
    )
  })
})
