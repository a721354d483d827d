import type { ReachabilityCheckSpec } from '../../api/types.gen.ts'
import type { Family } from '../../net/address.ts'
import { MAX_PORT, MIN_PORT, parsePorts, type PortRange } from '../../net/ports.ts'
import { hasPorts, ICMP, ICMPV6, parseProtocol } from '../../net/protocol.ts'
import { ALL_TRAFFIC, TRAFFIC, trafficOf, type Traffic } from '../../net/traffic.ts'

/** What a check asks about, in a family: ICMP is of IPv4 and ICMPv6 of IPv6, and port 0 is nobody's. */
export function askedTraffic(
  { protocol: name = 'All', ports = [] }: Pick<ReachabilityCheckSpec, 'protocol' | 'ports'>,
  family: Family,
): Traffic {
  const protocol = parseProtocol(name)
  if (protocol === undefined) throw new Error(`${String(name)} is no protocol`)
  if (protocol === 'All') return EVERYTHING[family]
  if (protocol === (family === 'IPv4' ? ICMPV6 : ICMP)) return TRAFFIC.empty
  const asked = parsePorts(ports)
  if (!asked.ok) throw new Error('the ports of a check cannot be read')
  return ofProtocol(protocol, asked.ranges)
}

const ALL_PORTS: readonly PortRange[] = [{ first: MIN_PORT, last: MAX_PORT }]

function ofProtocol(protocol: number, ports: readonly PortRange[]): Traffic {
  if (!hasPorts(protocol)) return trafficOf({ protocol })
  return trafficOf({ protocol, ports: ports.length === 0 ? ALL_PORTS : ports, sourcePorts: ALL_PORTS })
}

const EVERYTHING: Readonly<Record<Family, Traffic>> = {
  IPv4: everythingBut(ICMPV6),
  IPv6: everythingBut(ICMP),
}

function everythingBut(absent: number): Traffic {
  const withPorts = trafficOf({ protocol: 'All', ports: [{ first: 0, last: MAX_PORT }] })
  const proper = trafficOf({ protocol: 'All', ports: ALL_PORTS, sourcePorts: ALL_PORTS })
  const nobodys = TRAFFIC.union(TRAFFIC.difference(withPorts, proper), trafficOf({ protocol: absent }))
  return TRAFFIC.difference(ALL_TRAFFIC, nobodys)
}
