import { formatAddress, parseAddress } from '../net/address.ts'
import { formatPrefix, parsePrefix } from '../net/prefix.ts'

/** What to write in place of a text that a rule about an address or a prefix refuses, if it can be told. */
export function cidrHint(rule: string, text: string): string | undefined {
  if (/\b(?:isCIDR|cidr)\(self\)/.test(rule)) return prefixHint(text)
  return /\bisIP\(self\)/.test(rule) ? addressHint(text) : undefined
}

function prefixHint(text: string): string | undefined {
  const result = parsePrefix(text)
  if (result.ok) return `write ${formatPrefix(result.prefix)} for the one address`
  if (result.reason === 'Syntax') return undefined
  return `write ${result.network} for the network or ${result.host} for the one address`
}

function addressHint(text: string): string | undefined {
  const address = parseAddress(text.split('/', 1)[0] ?? '')
  return address === undefined ? undefined : `write ${formatAddress(address)}, without a prefix length`
}
