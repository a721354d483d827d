import type { Environment } from '@marcbachmann/cel-js'
import { ADDRESS_BITS, parseAddress, type Address } from '../net/address.ts'
import { parsePrefix } from '../net/prefix.ts'

/** What `ip()` returns. */
class CelAddress {
  readonly address: Address

  constructor(address: Address) {
    this.address = address
  }
}

/** What `cidr()` returns: an address and a length, so that bits behind the length are kept. */
class CelCidr {
  readonly address: Address
  readonly length: number

  constructor(address: Address, length: number) {
    this.address = address
    this.length = length
  }
}

/**
 * Adds the functions for IP addresses and CIDRs that Kubernetes' CEL has and CRDs here need
 * (k8s.io/apiserver/pkg/cel/library, ip.go and cidr.go). Both refuse zones, leading zeros and IPv4-mapped IPv6 addresses, as src/net does.
 */
export function registerNet(environment: Environment): Environment {
  return environment
    .registerType('net.IP', { ctor: CelAddress })
    .registerType('net.CIDR', { ctor: CelCidr })
    .registerFunction('isIP(string): bool', (text: string) => parseAddress(text) !== undefined)
    .registerFunction('ip(string): net.IP', ip)
    .registerFunction('net.IP.family(): int', ({ address }: CelAddress) => familyNumber(address))
    .registerOperator('net.IP == net.IP', (a: CelAddress, b: CelAddress) => sameAddress(a.address, b.address))
    .registerFunction('isCIDR(string): bool', (text: string) => parseCidr(text) !== undefined)
    .registerFunction('cidr(string): net.CIDR', cidr)
    .registerFunction('net.CIDR.ip(): net.IP', ({ address }: CelCidr) => new CelAddress(address))
    .registerFunction('net.CIDR.prefixLength(): int', ({ length }: CelCidr) => BigInt(length))
    .registerFunction('net.CIDR.masked(): net.CIDR', masked)
    .registerOperator('net.CIDR == net.CIDR', sameCidr)
}

function ip(text: string): CelAddress {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`IP Address ${JSON.stringify(text)} parse error`)
  return new CelAddress(address)
}

function cidr(text: string): CelCidr {
  const parsed = parseCidr(text)
  if (parsed === undefined) throw new Error(`network address parse error: ${JSON.stringify(text)}`)
  return parsed
}

/** Bits behind the length are allowed, a missing length is not. */
function parseCidr(text: string): CelCidr | undefined {
  const slash = text.indexOf('/')
  if (slash === -1) return undefined
  const result = parsePrefix(text)
  if (!result.ok && result.reason === 'Syntax') return undefined
  const address = parseAddress(text.slice(0, slash))
  return address === undefined ? undefined : new CelCidr(address, Number(text.slice(slash + 1)))
}

function masked({ address, length }: CelCidr): CelCidr {
  const hostBits = BigInt(ADDRESS_BITS[address.family] - length)
  return new CelCidr({ family: address.family, value: (address.value >> hostBits) << hostBits }, length)
}

const familyNumber = ({ family }: Address): bigint => (family === 'IPv4' ? 4n : 6n)

const sameAddress = (a: Address, b: Address): boolean => a.family === b.family && a.value === b.value

const sameCidr = (a: CelCidr, b: CelCidr): boolean =>
  a.length === b.length && sameAddress(a.address, b.address)
