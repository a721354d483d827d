import { intervalAlgebra } from './interval-algebra.ts'
import { INTEGERS, IntervalSet } from './interval-set.ts'
import { MAX_PORT, type PortRange } from './ports.ts'
import { product, type Piece } from './product-set.ts'
import { hasPorts, ICMP, ICMPV6, MAX_PROTOCOL, type Protocol } from './protocol.ts'
import type { SetAlgebra } from './set-algebra.ts'

/**
 * What distinguishes packets of one protocol beyond their addresses: destination port and source port where
 * it has ports, type and code of ICMP and ICMPv6, and nothing, so (0, 0), of every other.
 */
export type Payloads = readonly Piece<number, IntervalSet<number>>[]

/** An exact set of packets, their addresses apart: which protocols, and of each which payloads. */
export type Traffic = readonly Piece<number, Payloads>[]

/** Protocol number, then the two coordinates of the payload. */
export type TrafficPoint = readonly [protocol: number, payload: readonly [number, number]]

export const PAYLOADS: SetAlgebra<Payloads, readonly [number, number]> = product(
  INTEGERS,
  intervalAlgebra(INTEGERS),
)

export const TRAFFIC: SetAlgebra<Traffic, TrafficPoint> = product(INTEGERS, PAYLOADS)

/** What a rule says of a packet beyond its addresses. Absent or empty: everything. */
export interface TrafficMatch {
  readonly protocol: Protocol
  /** Destination ports. */
  readonly ports?: readonly PortRange[]
  readonly sourcePorts?: readonly PortRange[]
  readonly icmp?: { readonly type: number; readonly code?: number }
}

const MAX_ICMP = 255

/** The packets that a match describes. Ports match no packet without ports, ICMP fields none that is not ICMP. */
export function trafficOf({ protocol, ports = [], sourcePorts = [], icmp }: TrafficMatch): Traffic {
  const protocols = protocol === 'All' ? ALL_PROTOCOLS : [protocol]
  const namesPorts = ports.length + sourcePorts.length > 0
  const [withPorts, ofIcmp, bare] = [
    plane(ports, sourcePorts, MAX_PORT),
    plane(exactly(icmp?.type), exactly(icmp?.code), MAX_ICMP),
    plane([], [], 0),
  ]
  const pieces = protocols.flatMap((number): Traffic => {
    const isIcmp = number === ICMP || number === ICMPV6
    if ((namesPorts && !hasPorts(number)) || (icmp !== undefined && !isIcmp)) return []
    return [{ first: number, last: number, rest: hasPorts(number) ? withPorts : isIcmp ? ofIcmp : bare }]
  })
  return joinedNeighbours(pieces)
}

/** Of ascending pieces: a set has one form only. */
function joinedNeighbours(pieces: Traffic): Traffic {
  const joined: Piece<number, Payloads>[] = []
  for (const piece of pieces) {
    const open = joined.at(-1)
    const isAlike = open?.last === piece.first - 1 && PAYLOADS.equals(open.rest, piece.rest)
    if (isAlike) joined[joined.length - 1] = { ...open, last: piece.last }
    else joined.push(piece)
  }
  return joined
}

const ALL_PROTOCOLS: readonly number[] = Array.from({ length: MAX_PROTOCOL + 1 }, (_, number) => number)

function exactly(value: number | undefined): readonly PortRange[] {
  return value === undefined ? [] : [{ first: value, last: value }]
}

function plane(first: readonly PortRange[], second: readonly PortRange[], max: number): Payloads {
  const whole: readonly PortRange[] = [{ first: 0, last: max }]
  const rest = IntervalSet.of(INTEGERS, second.length === 0 ? whole : second)
  const { intervals } = IntervalSet.of(INTEGERS, first.length === 0 ? whole : first)
  return intervals.map((interval) => ({ ...interval, rest }))
}

/** Every packet. */
export const ALL_TRAFFIC: Traffic = trafficOf({ protocol: 'All' })
