import { BlockList, isIPv6 } from 'node:net'

export type Verdict = 'Allow' | 'Drop'
export type Direction = 'Ingress' | 'Egress'

/** The first packet of a connection. Its family is that of its addresses. */
export interface Packet {
  readonly from: string
  readonly to: string
  readonly protocol: number
  /** Of protocols that have ports. */
  readonly sourcePort?: number
  readonly port?: number
  /** Of ICMP and ICMPv6. */
  readonly icmp?: { readonly type: number; readonly code: number }
}

export const familyOf = (address: string): 'IPv4' | 'IPv6' => (isIPv6(address) ? 'IPv6' : 'IPv4')

/** The end of a packet that an instance's rules call the remote. */
export const peerOf = ({ from, to }: Packet, direction: Direction): string =>
  direction === 'Ingress' ? from : to

/** IANA's numbers of the protocols that the cases name. */
const NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  'ipv6-icmp': 58,
  ospf: 89,
  vrrp: 112,
  sctp: 132,
  'udp-lite': 136,
}

/** Undefined for All. */
export function protocolNumber(protocol: string | number): number | undefined {
  if (typeof protocol === 'number') return protocol
  const name = protocol.toLowerCase()
  if (name === 'all') return undefined
  if (/^\d+$/.test(name)) return Number(name)
  const number = NUMBERS[name]
  if (number === undefined) throw new Error(`the reference does not know the protocol ${protocol}`)
  return number
}

/** The protocols that exist in one family only: ICMP and IGMP are of IPv4, ICMPv6 is of IPv6. */
export function onlyFamily(protocol: number | undefined): 'IPv4' | 'IPv6' | undefined {
  if (protocol === 1 || protocol === 2) return 'IPv4'
  return protocol === 58 ? 'IPv6' : undefined
}

/** Whether a port is among ports and ranges; an empty or absent list means every port. */
export function isAmongPorts(
  port: number | undefined,
  ports: readonly (number | string)[] | undefined,
): boolean {
  if (ports === undefined || ports.length === 0) return true
  return ports.some((item) => {
    const [first = NaN, last = first] = String(item).split('-').map(Number)
    return port !== undefined && first <= port && port <= last
  })
}

const answers = new Map<string, boolean>()

/**
 * Whether an address is in a prefix, or is the bare address: by Node's own implementation, not by ours, which
 * is asked once for each pair since it is slow.
 */
export function isInPrefix(address: string, prefix: string): boolean {
  const pair = `${address} ${prefix}`
  const known = answers.get(pair) ?? asksNode(address, prefix)
  answers.set(pair, known)
  return known
}

function asksNode(address: string, prefix: string): boolean {
  const [base = '', length] = prefix.split('/')
  if (familyOf(base) !== familyOf(address)) return false
  const type = familyOf(address) === 'IPv4' ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  if (length === undefined) list.addAddress(base, type)
  else list.addSubnet(base, Number(length), type)
  return list.check(address, type)
}
