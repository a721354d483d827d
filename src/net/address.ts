import { isIP, isIPv4 } from 'node:net'

export type Family = 'IPv4' | 'IPv6'

export const FAMILIES: readonly Family[] = ['IPv4', 'IPv6']

export function eachFamily<T>(of: (family: Family) => T): Readonly<Record<Family, T>> {
  return { IPv4: of('IPv4'), IPv6: of('IPv6') }
}

/** One IP address. `value` is the address read as an unsigned integer in network byte order. */
export interface Address {
  readonly family: Family
  readonly value: bigint
}

/** How many bits an address of the family has, which is also its longest prefix length. */
export const ADDRESS_BITS: Readonly<Record<Family, number>> = { IPv4: 32, IPv6: 128 }

/** ::ffff:0:0/96, the IPv4-mapped addresses (RFC 4291, 2.5.5.2), without its 32 variable bits. */
const IPV4_MAPPED_NETWORK = 0xffffn

/**
 * Reads exactly one address and nothing else; `undefined` for any other text.
 *
 * Refused although some parsers take them: zones (`fe80::1%eth0`: means something on one host only),
 * IPv4 octets with leading zeros (octal to some readers), surrounding spaces, and IPv4-mapped IPv6
 * addresses in either spelling (`::ffff:10.0.0.1`, `::ffff:a00:1`: on the wire these are IPv4 packets,
 * so an IPv6 rule that names them would never match).
 */
export function parseAddress(text: string): Address | undefined {
  const version = isIP(text)
  if (version === 4) return { family: 'IPv4', value: BigInt(ipv4Number(text)) }
  if (version !== 6 || text.includes('%')) return undefined
  const value = ipv6Value(text)
  return value >> 32n === IPV4_MAPPED_NETWORK ? undefined : { family: 'IPv6', value }
}

/** The one canonical spelling: dotted decimal for IPv4, RFC 5952 section 4 for IPv6 (always in hexadecimal). */
export function formatAddress(address: Address): string {
  return address.family === 'IPv4' ? formatIPv4(Number(address.value)) : formatIPv6(address.value)
}

/**
 * The canonical spelling of an address as written; `undefined` for any other text. IPv4 has one spelling
 * only, since leading zeros are refused.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text
  const address = parseAddress(text)
  return address && formatAddress(address)
}

/** Whether all are IPv4 addresses, of which each has one spelling: their list needs no copy in canonical texts. */
export function areIPv4(texts: readonly string[]): boolean {
  return texts.every((text) => isIPv4(text))
}

/** The number that an IPv4 address is; undefined for any other text. */
export function ipv4Value(text: string): number | undefined {
  return isIPv4(text) ? ipv4Number(text) : undefined
}

const DOT = 46
const ZERO = 48

/**
 * The number that an IPv4 address is; `text` is known to be one. Plain numbers, since IPv4 fits them exactly and
 * BigInt arithmetic costs several times as much; digit by digit, since the parts of a split text cost five times that.
 */
function ipv4Number(text: string): number {
  let value = 0
  let octet = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === DOT) {
      value = value * 256 + octet
      octet = 0
    } else octet = octet * 10 + code - ZERO
  }
  return value * 256 + octet
}

/** `text` is known to be valid, so what `::` leaves out is whatever is missing to 32 digits. */
function ipv6Value(text: string): bigint {
  const [head = '', tail] = hexadecimalOnly(text).split('::')
  const left = groupDigits(head)
  const digits = tail === undefined ? left : left + groupDigits(tail).padStart(32 - left.length, '0')
  return BigInt(`0x${digits}`)
}

function groupDigits(groups: string): string {
  if (groups === '') return ''
  let digits = ''
  for (const group of groups.split(':')) digits += group.padStart(4, '0')
  return digits
}

/** Rewrites a dotted tail as two groups: `64:ff9b::192.0.2.1` to `64:ff9b::c000:201`. */
function hexadecimalOnly(text: string): string {
  if (!text.includes('.')) return text
  const start = text.lastIndexOf(':') + 1
  const low = ipv4Number(text.slice(start))
  return `${text.slice(0, start)}${(low >>> 16).toString(16)}:${(low & 0xffff).toString(16)}`
}

function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
}

function formatIPv6(value: bigint): string {
  const digits = value.toString(16).padStart(32, '0')
  const groups: string[] = []
  let zeros = 0
  let longestAt = 0
  let longest = 0
  for (let at = 0; at < 8; at++) {
    const group = Number.parseInt(digits.slice(at * 4, at * 4 + 4), 16)
    groups.push(group.toString(16))
    zeros = group === 0 ? zeros + 1 : 0
    // Strictly longer: of equal runs the first is compressed (RFC 5952, 4.2.3).
    if (zeros > longest) {
      longest = zeros
      longestAt = at - zeros + 1
    }
  }
  // A single zero group is written out (RFC 5952, 4.2.2).
  if (longest < 2) return groups.join(':')
  return `${groups.slice(0, longestAt).join(':')}::${groups.slice(longestAt + longest).join(':')}`
}
