import { objectKey, parseKey } from '../../core/key.ts'
import type { AddressSet } from '../../net/address-set.ts'
import { NO_PACKETS, packetSet, type PacketSet } from '../../net/packet-set.ts'
import { BlockSet } from '../../net/block-set.ts'
import type { TrafficSet } from '../../net/traffic-set.ts'
import type { InstanceRuleset, Ruleset } from '../ruleset.ts'
import { addressesOf, allowedPeers, type ResolveRemote } from './rule-packets.ts'

/**
 * One end of a connection. An end without an instance is only an address: its rules have no say, as is
 * that of an instance of another VPC.
 */
export interface End {
  readonly addresses: AddressSet
  readonly instance?: InstanceRuleset
}

export function instanceEnd(instance: InstanceRuleset): End {
  return { addresses: addressesOf(instance.addresses), instance }
}

/**
 * The packets of new connections that pass from one end to the other: the sender's egress and the
 * receiver's ingress both allow them (design, section 3). Replies need no rule. Instances of two VPCs
 * have no path to each other.
 */
export function connectingPackets(from: End, to: End, traffic: TrafficSet, ruleset: Ruleset): PacketSet {
  if (from.instance !== undefined && to.instance !== undefined && from.instance.vpc !== to.instance.vpc) {
    return NO_PACKETS
  }
  let packets = packetSet(from.addresses, to.addresses, traffic)
  if (from.instance !== undefined) {
    const allowed = allowedPeers(from.instance.ruleSet.egress, remotesOf(from.instance, ruleset))
    packets = packets.intersection(BlockSet.of(from.addresses, allowed))
  }
  if (to.instance !== undefined) {
    const allowed = allowedPeers(to.instance.ruleSet.ingress, remotesOf(to.instance, ruleset))
    // The receiver's rules speak of the sender; each block turns into packets to the receiver's addresses.
    const arriving = allowed.blocks.reduce(
      (sum, { left, right }) => sum.union(packetSet(left, to.addresses, right)),
      NO_PACKETS,
    )
    packets = packets.intersection(arriving)
  }
  return packets
}

/** What the rules of an instance mean by the groups and lists that they name. Throws for one that nobody resolved. */
function remotesOf({ instance }: InstanceRuleset, { remotes }: Ruleset): ResolveRemote {
  const { namespace } = parseKey(instance)
  return (sort, name) => {
    const prefixes = remotes.get(objectKey(sort, namespace, name))
    // To read it as nobody would open what a Drop rule closes.
    if (prefixes === undefined) throw new Error(`nothing says what ${sort} ${name} stands for`)
    return addressesOf(prefixes)
  }
}
