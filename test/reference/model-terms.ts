import { parseAddress, type Address } from '../../src/net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../src/net/interval-set.ts'
import type { TrafficPoint } from '../../src/net/traffic.ts'
import type { End } from '../../src/policy/reachability/end.ts'
import type { Packet } from './packet.ts'

/** A packet of the reference, its addresses apart, as the model knows packets. */
export function pointOf({ protocol, port, sourcePort, icmp }: Packet): TrafficPoint {
  return [protocol, icmp === undefined ? [port ?? 0, sourcePort ?? 0] : [icmp.type, icmp.code]]
}

export function addressOf(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}

/** One address as an end that somebody asks about. */
export const endOf = ({ family, value }: Address): End => ({
  family,
  addresses: IntervalSet.of(BIG_INTEGERS, [{ first: value, last: value }]),
})
