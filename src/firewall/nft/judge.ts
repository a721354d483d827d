import { effectiveRemoteKey } from '../../api/effective-remotes.ts'
import type { EffectiveRule } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { parseAddress, type Address } from '../../net/address.ts'
import { parsePorts } from '../../net/ports.ts'
import { containsAddress, parsePrefix } from '../../net/prefix.ts'
import { parseProtocol } from '../../net/protocol.ts'
import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { parseKey } from '../../core/key.ts'

/** One connection as the packet that opened it. */
export interface Flow {
  readonly source: string
  readonly destination: string
  readonly protocol: number
  readonly sourcePort?: number
  readonly port?: number
  readonly icmp?: { readonly type: number; readonly code: number }
}

/** What a remote stands for; undefined: nothing. */
export type Prefixes = (remote: ObjectKey) => readonly string[] | undefined

/** Whether the rules of an instance in one direction let a connection be opened: the first that matches decides. */
export function allows(
  { instance, ruleSet }: InstanceRuleset,
  direction: 'Ingress' | 'Egress',
  flow: Flow,
  prefixes: Prefixes,
): boolean {
  const rules = direction === 'Ingress' ? ruleSet.ingress : ruleSet.egress
  const remote = parseAddress(direction === 'Ingress' ? flow.source : flow.destination)
  if (remote === undefined) return false
  const { namespace } = parseKey(instance)
  const deciding = rules.find(
    (rule) => matchesTransport(rule, remote, flow) && matchesRemote(rule.remote, remote, namespace, prefixes),
  )
  return deciding?.action === 'Allow'
}

function matchesTransport(rule: EffectiveRule, remote: Address, flow: Flow): boolean {
  if (rule.etherType !== undefined && rule.etherType !== remote.family) return false
  const protocol = parseProtocol(rule.protocol)
  if (protocol !== 'All' && protocol !== flow.protocol) return false
  if (!isWithin(rule.ports, flow.port) || !isWithin(rule.sourcePorts, flow.sourcePort)) return false
  if (rule.icmp === undefined) return true
  return rule.icmp.type === flow.icmp?.type && (rule.icmp.code ?? flow.icmp.code) === flow.icmp.code
}

function isWithin(ranges: readonly string[] | undefined, port: number | undefined): boolean {
  if (ranges === undefined) return true
  const parsed = parsePorts(ranges)
  if (!parsed.ok || port === undefined) return false
  return parsed.ranges.some(({ first, last }) => first <= port && port <= last)
}

function matchesRemote(
  remote: EffectiveRule['remote'],
  address: Address,
  namespace: string,
  prefixes: Prefixes,
): boolean {
  const key = effectiveRemoteKey(remote, namespace)
  if (key !== undefined) return (prefixes(key) ?? []).some((prefix) => isIn(address, prefix))
  return remote.cidr === undefined || isIn(address, remote.cidr)
}

function isIn(address: Address, text: string): boolean {
  const result = parsePrefix(text)
  return result.ok && containsAddress(result.prefix, address)
}
