import type { Family } from './address.ts'

/** An IP protocol by its IANA number, 0 to 255, or every protocol. */
export type Protocol = number | 'All'

export const ICMP = 1
export const ICMPV6 = 58

/** The largest number that the 8 bits of the protocol field hold. */
export const MAX_PROTOCOL = 255

const IGMP = 2
const TCP = 6
export const UDP = 17
const DCCP = 33
const SCTP = 132
const UDP_LITE = 136

/** Numbers from IANA's "Assigned Internet Protocol Numbers"; the first name is the one that is shown. */
const NAMES: readonly (readonly [number: number, canonical: string, ...aliases: string[]])[] = [
  [ICMP, 'ICMP'],
  [IGMP, 'IGMP'],
  [4, 'IPIP', 'IP-in-IP'],
  [TCP, 'TCP'],
  [8, 'EGP'],
  [UDP, 'UDP'],
  [DCCP, 'DCCP'],
  [46, 'RSVP'],
  [47, 'GRE'],
  [50, 'ESP'],
  [51, 'AH'],
  [ICMPV6, 'ICMPv6', 'IPv6-ICMP'],
  [89, 'OSPF'],
  [103, 'PIM'],
  [112, 'VRRP'],
  [SCTP, 'SCTP'],
  [UDP_LITE, 'UDP-Lite', 'UDPLite'],
]

const NUMBER_OF_NAME: ReadonlyMap<string, number> = new Map(
  NAMES.flatMap(([number, ...names]) => names.map((name) => [name.toLowerCase(), number] as const)),
)

const NAME_OF_NUMBER: ReadonlyMap<number, string> = new Map(NAMES.map(([number, name]) => [number, name]))

const WITH_PORTS: ReadonlySet<Protocol> = new Set([TCP, UDP, DCCP, SCTP, UDP_LITE])

const DECIMAL = /^(?:0|[1-9]\d{0,2})$/

/**
 * Reads a name in any case (`tcp`, `ICMPv6`, `ipv6-icmp`, `All`) or a number from 0 to 255, as a
 * number or as decimal text; `undefined` for anything else.
 *
 * 0 is 0 (HOPOPT) here: some clouds read it as "any protocol", and that is for their profile to say.
 */
export function parseProtocol(value: string | number): Protocol | undefined {
  if (typeof value === 'number') return isProtocolNumber(value) ? value : undefined
  const name = value.toLowerCase()
  if (name === 'all') return 'All'
  if (!DECIMAL.test(name)) return NUMBER_OF_NAME.get(name)
  const number = Number(name)
  return isProtocolNumber(number) ? number : undefined
}

/** The canonical name, or the number in decimal where it has none here. */
export function formatProtocol(protocol: Protocol): string {
  if (protocol === 'All') return protocol
  return NAME_OF_NUMBER.get(protocol) ?? `${protocol}`
}

/** Whether its packets carry source and destination ports, so that a rule may name some. */
export function hasPorts(protocol: Protocol): boolean {
  return WITH_PORTS.has(protocol)
}

/** Protocols that exist in one family only. */
export const FAMILY_OF_PROTOCOL: ReadonlyMap<Protocol, Family> = new Map([
  [ICMP, 'IPv4'],
  [IGMP, 'IPv4'],
  [ICMPV6, 'IPv6'],
])

/** The only family that a protocol exists in; `undefined` where both carry it. */
export function protocolFamily(protocol: Protocol): Family | undefined {
  return FAMILY_OF_PROTOCOL.get(protocol)
}

function isProtocolNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_PROTOCOL
}
