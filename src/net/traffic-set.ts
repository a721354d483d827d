import { INTEGERS, IntervalSet } from './interval-set.ts'
import { MAX_PORT, type PortRange } from './ports.ts'
import { BlockSet } from './block-set.ts'
import { hasPorts, ICMP, ICMPV6, type Protocol } from './protocol.ts'

export type IntegerSet = IntervalSet<number>

/**
 * What a packet of one protocol says of itself: source × destination port where it has ports, type ×
 * code of ICMP and ICMPv6, and the one point 0 × 0 of every other protocol.
 */
export type Detail = BlockSet<IntegerSet, number, IntegerSet, number>

/** Protocol number × detail: everything of a packet but its addresses. */
export type TrafficSet = BlockSet<IntegerSet, number, Detail, readonly [number, number]>

/** Protocol number, then source port and port, or type and code. */
export type TrafficPoint = readonly [protocol: number, detail: readonly [number, number]]

/** What one rule or question names of traffic; absent means every. */
export interface TrafficFields {
  readonly protocol: Protocol
  readonly ports?: readonly PortRange[] | undefined
  readonly sourcePorts?: readonly PortRange[] | undefined
  readonly icmp?: { readonly type: number; readonly code?: number | undefined } | undefined
}

const MAX_PROTOCOL = 255
const MAX_ICMP = 255

const integers = (first: number, last: number): IntegerSet => IntervalSet.of(INTEGERS, [{ first, last }])

const PROTOCOLS = integers(0, MAX_PROTOCOL)
/** Port 0 is a number that a packet may carry, though no rule may write it. */
const PORTS = integers(0, MAX_PORT)
const ICMP_NUMBERS = integers(0, MAX_ICMP)
const NOTHING = integers(0, 0)

const square = (side: IntegerSet): Detail => BlockSet.of(side, side)

const KINDS = ((): readonly { readonly protocols: IntegerSet; readonly all: Detail }[] => {
  const numbers = Array.from({ length: MAX_PROTOCOL + 1 }, (_, number) => number)
  const setOf = (is: (number: number) => boolean): IntegerSet =>
    IntervalSet.of(
      INTEGERS,
      numbers.filter(is).map((number) => ({ first: number, last: number })),
    )
  const ported = setOf(hasPorts)
  const icmp = setOf((number) => number === ICMP || number === ICMPV6)
  return [
    { protocols: ported, all: square(PORTS) },
    { protocols: icmp, all: square(ICMP_NUMBERS) },
    { protocols: PROTOCOLS.difference(ported).difference(icmp), all: square(NOTHING) },
  ]
})()

export const NO_TRAFFIC: TrafficSet = BlockSet.empty()

export const ALL_TRAFFIC: TrafficSet = KINDS.reduce(
  (sum, { protocols, all }) => sum.union(BlockSet.of(protocols, all)),
  NO_TRAFFIC,
)

/**
 * The traffic that matches. Ports match no protocol without ports, and an ICMP type none but ICMP and
 * ICMPv6: a rule for every protocol that names a port means the protocols that have one.
 */
export function trafficSet({ protocol, ports, sourcePorts, icmp }: TrafficFields): TrafficSet {
  const named = protocol === 'All' ? PROTOCOLS : integers(protocol, protocol)
  return KINDS.reduce((sum, kind) => {
    const protocols = kind.protocols.intersection(named)
    const limited = limits(ports, sourcePorts, icmp)
    const detail = limited === undefined ? kind.all : kind.all.intersection(limited)
    const fitting = limited === undefined || kind.protocols.contains(limitedKind(icmp))
    return fitting ? sum.union(BlockSet.of(protocols, detail)) : sum
  }, NO_TRAFFIC)
}

/** A protocol of the kind that the limits are about. */
function limitedKind(icmp: TrafficFields['icmp']): number {
  return icmp === undefined ? TCP : ICMP
}

const TCP = 6

function limits(
  ports: readonly PortRange[] | undefined,
  sourcePorts: readonly PortRange[] | undefined,
  icmp: TrafficFields['icmp'],
): Detail | undefined {
  if (icmp !== undefined) {
    const codes = icmp.code === undefined ? ICMP_NUMBERS : integers(icmp.code, icmp.code)
    return BlockSet.of(integers(icmp.type, icmp.type), codes)
  }
  if (!ports?.length && !sourcePorts?.length) return undefined
  const side = (ranges: readonly PortRange[] | undefined): IntegerSet =>
    ranges?.length ? IntervalSet.of(INTEGERS, ranges) : PORTS
  return BlockSet.of(side(sourcePorts), side(ports))
}
