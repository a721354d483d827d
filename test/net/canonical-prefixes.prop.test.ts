import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatAddress } from '../../src/net/address.ts'
import { canonicalPrefixes, hostPrefixes } from '../../src/net/canonical-prefixes.ts'
import { addressArbitrary } from './arbitraries.ts'

const addresses = fc.array(addressArbitrary.map(formatAddress), { maxLength: 12 })

test('addresses of members are canonical prefixes like any others: in order, each once', () => {
  fc.assert(
    fc.property(addresses, addresses, (some, others) => {
      const texts = [...some, ...others, ...some]
      expect(hostPrefixes(texts)).toEqual(canonicalPrefixes(texts))
    }),
  )
})
