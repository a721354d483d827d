import { FAMILY_ADDRESSES, type AddressSet } from './address-set.ts'
import { BlockSet } from './block-set.ts'
import type { TrafficPoint, TrafficSet } from './traffic-set.ts'

/** Addresses of the other end × traffic: what one end's rules decide about. */
export type PeerSet = BlockSet<AddressSet, bigint, TrafficSet, TrafficPoint>

/** Source address × destination address × traffic: everything that a packet filter can tell apart. */
export type PacketSet = BlockSet<AddressSet, bigint, PeerSet, readonly [bigint, TrafficPoint]>

export const NO_PEERS: PeerSet = BlockSet.empty()

export const NO_PACKETS: PacketSet = BlockSet.empty()

/** Every packet from one of the addresses to another with such traffic; a packet's ends are of one family. */
export function packetSet(from: AddressSet, to: AddressSet, traffic: TrafficSet): PacketSet {
  return Object.values(FAMILY_ADDRESSES).reduce((sum, family) => {
    const peers: PeerSet = BlockSet.of(to.intersection(family), traffic)
    return sum.union(BlockSet.of(from.intersection(family), peers))
  }, NO_PACKETS)
}
