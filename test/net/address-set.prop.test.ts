import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressAt, addressPoint, addressSet, ALL_ADDRESSES, prefixesOf } from '../../src/net/address-set.ts'
import { containsAddress, mergePrefixes } from '../../src/net/prefix.ts'
import { addressArbitrary, prefixArbitrary } from './arbitraries.ts'

const prefixes = fc.array(prefixArbitrary, { maxLength: 6 })

test('an address comes back from its place on the line', () => {
  fc.assert(
    fc.property(addressArbitrary, (address) => {
      expect(addressAt(addressPoint(address))).toEqual(address)
    }),
  )
})

test('the prefixes of a set are those that merging gives, which is another way to find them', () => {
  fc.assert(
    fc.property(prefixes, (list) => {
      expect(prefixesOf(addressSet(list))).toEqual(mergePrefixes(list))
    }),
  )
})

test('an address is in a set when a prefix of it contains the address', () => {
  fc.assert(
    fc.property(prefixes, addressArbitrary, (list, address) => {
      const isIn = list.some((prefix) => containsAddress(prefix, address))
      expect(addressSet(list).contains(addressPoint(address))).toBe(isIn)
    }),
  )
})

test('both families are all addresses, and nothing between them', () => {
  expect(ALL_ADDRESSES.size).toBe(2n ** 32n + 2n ** 128n)
  expect(prefixesOf(ALL_ADDRESSES).map(({ length }) => length)).toEqual([0, 0])
})
