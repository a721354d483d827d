import { formatProtocol, hasPorts, ICMP, ICMPV6, parseProtocol, protocolFamily } from '../../net/protocol.ts'
import type { Family } from '../../net/address.ts'
import { MAX_PORT, MIN_PORT, parsePorts } from '../../net/ports.ts'
import { trafficOf, type Traffic } from '../../net/traffic.ts'
import type { AskedRule } from './remedy.ts'

/** What a person asks about, such as `TCP/22`, `UDP/8000-8080`, `ICMP/8` or `All`. */
export interface AskedTraffic {
  readonly traffic: Traffic
  readonly asked: AskedRule
  /** The only family in which it exists; undefined: both. */
  readonly family: Family | undefined
}

export type AskedResult =
  { readonly ok: true; readonly value: AskedTraffic } | { readonly ok: false; readonly reason: string }

/** Reads `PROTOCOL`, `PROTOCOL/PORT`, `PROTOCOL/FIRST-LAST`, and `ICMP/TYPE` of the two ICMPs. */
export function parseAskedTraffic(text: string): AskedResult {
  const slash = text.indexOf('/')
  const name = slash === -1 ? text : text.slice(0, slash)
  const detail = slash === -1 ? undefined : text.slice(slash + 1)
  const protocol = parseProtocol(name)
  if (protocol === undefined) {
    return refused(`${name} is no protocol: say a name such as TCP, a number from 0 to 255, or All`)
  }
  const canonical = formatProtocol(protocol)
  const family = protocol === 'All' ? undefined : protocolFamily(protocol)
  if (detail === undefined) {
    return { ok: true, value: { traffic: trafficOf({ protocol }), asked: { protocol: canonical }, family } }
  }
  if (protocol === ICMP || protocol === ICMPV6) {
    const type = /^(?:0|[1-9]\d{0,2})$/.test(detail) ? Number(detail) : Infinity
    if (type > MAX_ICMP_TYPE) {
      return refused(`${canonical} has no ports: say ${canonical} or ${canonical}/TYPE, a type from 0 to 255`)
    }
    const icmp = { type }
    return {
      ok: true,
      value: { traffic: trafficOf({ protocol, icmp }), asked: { protocol: canonical, icmp }, family },
    }
  }
  if (!hasPorts(protocol)) {
    return refused(`${canonical} has no ports: say ${canonical} alone, or TCP/${detail}`)
  }
  const ports = parsePorts([detail])
  if (!ports.ok) {
    return refused(
      `${detail} is no port: say one from ${MIN_PORT} to ${MAX_PORT}, or a range such as 8000-8080`,
    )
  }
  const own = /^\d+$/.test(detail) ? Number(detail) : detail
  const traffic = trafficOf({ protocol, ports: ports.ranges })
  return { ok: true, value: { traffic, asked: { protocol: canonical, ports: [own] }, family } }
}

const MAX_ICMP_TYPE = 255

const refused = (reason: string): AskedResult => ({ ok: false, reason })
