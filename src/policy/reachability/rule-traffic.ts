import type { EffectiveRule } from '../../api/types.gen.ts'
import { parsePorts, type PortRange } from '../../net/ports.ts'
import { parseProtocol } from '../../net/protocol.ts'
import { trafficOf, type Traffic } from '../../net/traffic.ts'

/**
 * The packets that an effective rule speaks of, their addresses apart. Throws on a rule that cannot be
 * read: to take it for "nothing" would hide what it opens.
 */
export function ruleTraffic({ protocol: name, ports, sourcePorts, icmp, sources }: EffectiveRule): Traffic {
  const protocol = parseProtocol(name)
  if (protocol === undefined) throw new Error(`rule ${sources.join(', ')} has the protocol ${name}`)
  return trafficOf({
    protocol,
    ports: rangesOf(ports),
    sourcePorts: rangesOf(sourcePorts),
    ...(icmp !== undefined && { icmp }),
  })
}

function rangesOf(texts: readonly string[] | undefined): readonly PortRange[] {
  const result = parsePorts(texts ?? [])
  if (!result.ok) throw new Error(`ports ${(texts ?? []).join(',')} cannot be read`)
  return result.ranges
}
