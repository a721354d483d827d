import type { CloudProfile, Rule } from '../../src/api/types.gen.ts'
import {
  familyOf,
  isAmongPorts,
  isInPrefix,
  onlyFamily,
  peerOf,
  protocolNumber,
  type Direction,
  type Packet,
} from './packet.ts'

/** Whether an address belongs to what a rule names; undefined where the name stands for nothing in force. */
export interface Resolve {
  readonly group: (name: string, address: string) => boolean | undefined
  readonly list: (name: string, address: string) => boolean | undefined
}

/**
 * Whether a rule as declared matches a packet.
 *
 * Where a rule leaves the IP version to be inferred from more than its remote (a protocol that exists in one
 * family, a profile that has one family), nothing in doubt opens: an Allow rule is then read narrowly, and a
 * Drop rule means both.
 */
export function isRuleMatch(
  rule: Rule,
  direction: Direction,
  packet: Packet,
  profile: CloudProfile,
  resolve: Resolve,
): boolean {
  const protocol = declaredProtocol(rule, profile)
  if (protocol !== undefined && protocol !== packet.protocol) return false
  if (!isAmongPorts(packet.port, rule.ports)) return false
  if (!isAmongPorts(packet.sourcePort, rule.sourcePorts)) return false
  const { icmp } = rule
  if (icmp !== undefined && packet.icmp?.type !== icmp.type) return false
  if (icmp?.code !== undefined && packet.icmp?.code !== icmp.code) return false
  return isFamilyMatch(rule, packet, protocol, profile) && isRemoteMatch(rule, direction, packet, resolve)
}

/** "absent protocol: All"; "0 means All in nhn". */
function declaredProtocol(rule: Rule, profile: CloudProfile): number | undefined {
  const number = protocolNumber(rule.protocol ?? 'All')
  return number === 0 && profile.spec.rules.protocolZero === 'All' ? undefined : number
}

/** "absent etherType: the remote's family; both when the remote has none" */
function isFamilyMatch(
  rule: Rule,
  packet: Packet,
  protocol: number | undefined,
  profile: CloudProfile,
): boolean {
  const family = familyOf(packet.from)
  const cidr = rule.remote?.cidr
  const stated = rule.etherType ?? (cidr === undefined ? undefined : familyOf(cidr.split('/')[0] ?? ''))
  if (stated !== undefined) return stated === family
  if (rule.action === 'Drop') return true
  const only = onlyFamily(protocol)
  if (only !== undefined) return only === family
  return profile.spec.rules.etherTypes?.includes(family) ?? true
}

/**
 * "an Allow rule whose remote does not resolve contributes nothing". A Drop rule in that state is not accepted; one
 * that is in force from better times drops whoever comes, for nothing in doubt opens a port.
 */
function isRemoteMatch(rule: Rule, direction: Direction, packet: Packet, resolve: Resolve): boolean {
  const peer = peerOf(packet, direction)
  const { cidr, securityGroupRef, addressGroupRef } = rule.remote ?? {}
  if (cidr !== undefined) return isInPrefix(peer, cidr)
  const name = securityGroupRef?.name ?? addressGroupRef?.name
  if (name === undefined) return true
  const found = securityGroupRef === undefined ? resolve.list(name, peer) : resolve.group(name, peer)
  return found ?? rule.action === 'Drop'
}
