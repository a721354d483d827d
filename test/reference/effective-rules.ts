import type { EffectiveRule } from '../../src/api/types.gen.ts'
import {
  familyOf,
  isAmongPorts,
  isInPrefix,
  peerOf,
  protocolNumber,
  type Direction,
  type Packet,
  type Verdict,
} from './packet.ts'

/** What a group or list that a rule names stands for; undefined where nobody says. */
export type Remotes = (sort: 'SecurityGroup' | 'AddressGroup', name: string) => readonly string[] | undefined

/** What an effective rule list does to a packet: the first rule that matches decides, as a firewall would have it. */
export function interpret(
  rules: readonly EffectiveRule[],
  direction: Direction,
  packet: Packet,
  remotes: Remotes,
): Verdict {
  const decisive = rules.find((rule) => matches(rule, direction, packet, remotes))
  if (decisive === undefined) throw new Error('the list does not go down to an implicit rule')
  return decisive.action
}

function matches(rule: EffectiveRule, direction: Direction, packet: Packet, remotes: Remotes): boolean {
  const { etherType, icmp } = rule
  if (etherType !== undefined && etherType !== familyOf(packet.from)) return false
  const protocol = protocolNumber(rule.protocol)
  if (protocol !== undefined && protocol !== packet.protocol) return false
  if (!isAmongPorts(packet.port, rule.ports) || !isAmongPorts(packet.sourcePort, rule.sourcePorts)) {
    return false
  }
  if (icmp !== undefined && packet.icmp?.type !== icmp.type) return false
  if (icmp?.code !== undefined && packet.icmp?.code !== icmp.code) return false
  const prefixes = prefixesOf(rule, remotes)
  return prefixes === undefined || prefixes.some((prefix) => isInPrefix(peerOf(packet, direction), prefix))
}

/** Undefined: anywhere. */
function prefixesOf({ remote }: EffectiveRule, remotes: Remotes): readonly string[] | undefined {
  if (remote.cidr !== undefined) return [remote.cidr]
  if (remote.securityGroup === undefined && remote.addressGroup === undefined) return undefined
  const found =
    remote.securityGroup === undefined
      ? remotes('AddressGroup', remote.addressGroup ?? '')
      : remotes('SecurityGroup', remote.securityGroup)
  if (found === undefined) throw new Error(`nobody says what ${JSON.stringify(remote)} stands for`)
  return found
}
