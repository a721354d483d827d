import type { EffectiveRule } from '../../api/types.gen.ts'
import { addressSet, ALL_ADDRESSES, FAMILY_ADDRESSES, type AddressSet } from '../../net/address-set.ts'
import { firstMatch, type Share } from '../../net/first-match.ts'
import { NO_PEERS, type PeerSet } from '../../net/packet-set.ts'
import { parsePorts, type PortRange } from '../../net/ports.ts'
import { parsePrefix, type Prefix } from '../../net/prefix.ts'
import { BlockSet } from '../../net/block-set.ts'
import { parseProtocol } from '../../net/protocol.ts'
import { trafficSet, type TrafficSet } from '../../net/traffic-set.ts'

/** The addresses that a named remote stands for now. */
export type ResolveRemote = (sort: 'SecurityGroup' | 'AddressGroup', name: string) => AddressSet

/** What an effective rule says of traffic. Throws on what no compiled rule contains. */
function ruleTraffic(rule: EffectiveRule): TrafficSet {
  const protocol = parseProtocol(rule.protocol)
  if (protocol === undefined) throw new Error(`${rule.protocol} is no protocol`)
  return trafficSet({
    protocol,
    ports: portRanges(rule.ports),
    sourcePorts: portRanges(rule.sourcePorts),
    icmp: rule.icmp,
  })
}

/** The addresses at the other end that an effective rule is about. */
function rulePeers({ etherType, remote }: EffectiveRule, resolve: ResolveRemote): AddressSet {
  const named = remoteAddresses(remote, resolve)
  return etherType === undefined ? named : named.intersection(FAMILY_ADDRESSES[etherType])
}

/**
 * The rules of one direction with what each decides, in order: first match wins, down to the implicit
 * rule, which decides whatever is left. A rule that decides nothing is shadowed by those before it.
 */
export function ruleShares(
  rules: readonly EffectiveRule[],
  resolve: ResolveRemote,
): readonly Share<EffectiveRule, PeerSet>[] {
  return firstMatch(
    rules,
    (rule): PeerSet => BlockSet.of(rulePeers(rule, resolve), ruleTraffic(rule)),
    NO_PEERS,
  )
}

/** Everything that the rules of one direction allow. */
export function allowedPeers(rules: readonly EffectiveRule[], resolve: ResolveRemote): PeerSet {
  return ruleShares(rules, resolve)
    .filter(({ item }) => item.action === 'Allow')
    .reduce((sum, { decides }) => sum.union(decides), NO_PEERS)
}

/** Canonical prefixes, as rule sets and member lists hold them, as a set. */
export function addressesOf(prefixes: readonly string[]): AddressSet {
  return addressSet(prefixes.map(readPrefix))
}

/** Reads a prefix that acceptance let through; throws on any other. */
function readPrefix(text: string): Prefix {
  const result = parsePrefix(text)
  if (!result.ok) throw new Error(`${text} is not a prefix`)
  return result.prefix
}

function remoteAddresses(remote: EffectiveRule['remote'], resolve: ResolveRemote): AddressSet {
  if (remote.cidr !== undefined) return addressesOf([remote.cidr])
  if (remote.securityGroup !== undefined) return resolve('SecurityGroup', remote.securityGroup)
  if (remote.addressGroup !== undefined) return resolve('AddressGroup', remote.addressGroup)
  return ALL_ADDRESSES
}

function portRanges(items: readonly string[] | undefined): readonly PortRange[] | undefined {
  if (items === undefined) return undefined
  const result = parsePorts(items)
  if (!result.ok) throw new Error(`ports ${items.join(',')} cannot be read`)
  return result.ranges
}
