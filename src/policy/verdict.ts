import type { EffectiveRule } from '../api/types.gen.ts'
import type { Address } from '../net/address.ts'
import { parsePorts } from '../net/ports.ts'
import { containsAddress, parsePrefix, type Prefix } from '../net/prefix.ts'
import { ICMP, ICMPV6, parseProtocol } from '../net/protocol.ts'

/** The first packet of a connection. */
export interface Attempt {
  readonly from: Address
  readonly to: Address
  /** IANA's number. */
  readonly protocol: number
  /** Of protocols that have ports. */
  readonly sourcePort?: number
  readonly port?: number
  /** Of ICMP and ICMPv6. */
  readonly icmp?: { readonly type: number; readonly code: number }
}

/** What the group or list that a rule names as its remote stands for. */
export type PrefixesOf = (remote: EffectiveRule['remote']) => readonly string[]

/**
 * The rule that decides about a packet: the first that matches, in the order of evaluation, which
 * ends with the implicit rule (design, section 3).
 */
export function decidingRule(
  rules: readonly EffectiveRule[],
  direction: 'Ingress' | 'Egress',
  attempt: Attempt,
  prefixesOf: PrefixesOf,
): EffectiveRule {
  const peer = direction === 'Ingress' ? attempt.from : attempt.to
  const found = rules.find((rule) => matchesPayload(rule, attempt) && matchesRemote(rule, peer, prefixesOf))
  if (found === undefined) throw new Error('the rules do not go down to an implicit rule')
  return found
}

function matchesPayload(rule: EffectiveRule, { from, protocol, port, sourcePort, icmp }: Attempt): boolean {
  if (rule.etherType !== undefined && rule.etherType !== from.family) return false
  const meant = parseProtocol(rule.protocol)
  if (meant !== 'All' && meant !== protocol) return false
  if (!isAmong(port, rule.ports) || !isAmong(sourcePort, rule.sourcePorts)) return false
  if (rule.icmp === undefined) return true
  if (protocol !== ICMP && protocol !== ICMPV6) return false
  return icmp?.type === rule.icmp.type && (rule.icmp.code === undefined || icmp.code === rule.icmp.code)
}

function isAmong(port: number | undefined, ranges: readonly string[] | undefined): boolean {
  if (ranges === undefined || ranges.length === 0) return true
  const result = parsePorts(ranges)
  if (!result.ok) throw new Error(`ports ${ranges.join(',')} cannot be read`)
  return result.ranges.some(({ first, last }) => port !== undefined && first <= port && port <= last)
}

function matchesRemote({ remote }: EffectiveRule, peer: Address, prefixesOf: PrefixesOf): boolean {
  return remotePrefixes(remote, prefixesOf)?.some((prefix) => containsAddress(prefix, peer)) ?? true
}

/** The prefixes that a remote stands for; undefined: anywhere. */
export function remotePrefixes(
  remote: EffectiveRule['remote'],
  prefixesOf: PrefixesOf,
): readonly Prefix[] | undefined {
  const isNamed = remote.securityGroup !== undefined || remote.addressGroup !== undefined
  if (remote.cidr === undefined && !isNamed) return undefined
  const texts = remote.cidr === undefined ? prefixesOf(remote) : [remote.cidr]
  return texts.map((text) => {
    const result = parsePrefix(text)
    if (!result.ok) throw new Error(`${text} is not a prefix`)
    return result.prefix
  })
}
