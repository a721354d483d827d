import type { EffectiveRule, Rule } from '../api/types.gen.ts'
import { formatMoment } from '../core/moment.ts'
import { formatPrefix, parsePrefix, type Prefix } from '../net/prefix.ts'
import { formatPorts, parsePorts, type PortRange } from '../net/ports.ts'
import { formatProtocol, protocolFamily, type Protocol } from '../net/protocol.ts'
import { expiryOf } from './expiry.ts'
import type { Profile } from './profile.ts'

/**
 * Where a rule stands in the order of decision (design, section 3): inner access Accept outranks
 * every rule; the rules follow by priority; inner access Drop ranks below them. The implicit action comes last.
 */
const TIER = { innerAccept: 0, rules: 1, innerDrop: 2 } as const
type Tier = (typeof TIER)[keyof typeof TIER]

/** A normalised rule with the text that orders it. Rules with equal order text say the same. */
export interface PolicyRule {
  readonly order: string
  readonly rule: EffectiveRule
}

/**
 * Normalises an accepted rule: canonical protocol, ports, family and remote, defaults filled in.
 *
 * Throws on a protocol, port or prefix that no check lets through: to read it as absent would mean
 * "all" and open what nobody declared.
 */
export function policyRule(rule: Rule, source: string, profile: Profile): PolicyRule {
  const protocol = profile.protocol(rule.protocol)
  if (protocol === undefined) throw new Error(`rule ${source} has no protocol that can be read`)
  const prefix = remotePrefix(rule)
  const action = rule.action ?? 'Allow'
  const etherType = rule.etherType ?? prefix?.family ?? inferredFamily(action, protocol, profile)
  const ports = canonicalPorts(rule.ports)
  const sourcePorts = canonicalPorts(rule.sourcePorts)
  const range = profile.spec.rules.priority
  const end = expiryOf(rule)
  const effective: EffectiveRule = {
    action,
    ...(etherType && { etherType }),
    protocol: formatProtocol(protocol),
    ...portFields(ports, sourcePorts),
    ...(rule.icmp && { icmp: icmpFields(rule.icmp) }),
    remote: effectiveRemote(rule, prefix, etherType),
    ...(range && { priority: rule.priority ?? range.default }),
    ...(end !== undefined && { expires: formatMoment(end) }),
    sources: [source],
  }
  return { order: orderText(TIER.rules, effective, protocol), rule: effective }
}

/**
 * The family that a rule means though neither it nor its remote says so. Only an Allow rule is narrowed to it: a
 * Drop rule that left out the other family would leave open what it does not speak of.
 */
function inferredFamily(
  action: Rule['action'],
  protocol: Protocol,
  profile: Profile,
): EffectiveRule['etherType'] {
  if (action === 'Drop') return undefined
  const families = profile.spec.rules.etherTypes
  return protocolFamily(protocol) ?? (families?.length === 1 ? families[0] : undefined)
}

/** Traffic between the members of one group, as its inner access says. */
export function innerAccessRule(access: 'Accept' | 'Drop', groupName: string): PolicyRule {
  const rule: EffectiveRule = {
    action: access === 'Accept' ? 'Allow' : 'Drop',
    protocol: 'All',
    remote: { securityGroup: groupName },
    sources: [`${groupName}/innerAccess`],
  }
  return { order: orderText(access === 'Accept' ? TIER.innerAccept : TIER.innerDrop, rule, 'All'), rule }
}

/** In the order of evaluation; equal rules become one that carries every source and ends with the last of them. */
export function mergeRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  if (rules.length < 2) return rules
  const sorted = [...rules].sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
  const merged: PolicyRule[] = []
  for (const next of sorted) {
    const last = merged.at(-1)
    if (last?.order !== next.order) merged.push(next)
    else merged[merged.length - 1] = together(last, next.rule)
  }
  return merged
}

function together({ order, rule }: PolicyRule, twin: EffectiveRule): PolicyRule {
  const sources = [...new Set([...rule.sources, ...twin.sources])].sort()
  const { expires, ...lasting } = rule
  if (expires === undefined || twin.expires === undefined) return { order, rule: { ...lasting, sources } }
  // Times of one form and zone: the later text is the later time.
  return { order, rule: { ...rule, expires: expires > twin.expires ? expires : twin.expires, sources } }
}

function remotePrefix(rule: Rule): Prefix | undefined {
  if (rule.remote?.cidr === undefined) return undefined
  const result = parsePrefix(rule.remote.cidr)
  if (!result.ok) throw new Error(`${rule.remote.cidr} is not a prefix`)
  return result.prefix
}

function portFields(
  ports: readonly PortRange[],
  sourcePorts: readonly PortRange[],
): Pick<EffectiveRule, 'ports' | 'sourcePorts'> {
  return {
    ...(ports.length > 0 && { ports: formatPorts(ports) }),
    ...(sourcePorts.length > 0 && { sourcePorts: formatPorts(sourcePorts) }),
  }
}

/** In one order: the digest is of the text, and a person may write the code first. */
function icmpFields({ type, code }: NonNullable<Rule['icmp']>): NonNullable<EffectiveRule['icmp']> {
  return code === undefined ? { type } : { type, code }
}

/** No remote with a known family is the same as that family's /0, so that both are found to be one rule. */
function effectiveRemote(
  rule: Rule,
  prefix: Prefix | undefined,
  etherType: EffectiveRule['etherType'],
): EffectiveRule['remote'] {
  if (rule.remote?.securityGroupRef !== undefined) return { securityGroup: rule.remote.securityGroupRef.name }
  if (rule.remote?.addressGroupRef !== undefined) return { addressGroup: rule.remote.addressGroupRef.name }
  if (prefix !== undefined) return { cidr: formatPrefix(prefix) }
  if (etherType === undefined) return {}
  return { cidr: etherType === 'IPv4' ? '0.0.0.0/0' : '::/0' }
}

function canonicalPorts(items: Rule['ports']): readonly PortRange[] {
  if (items === undefined || items.length === 0) return []
  const result = parsePorts(items)
  if (!result.ok) throw new Error(`ports ${items.join(',')} cannot be read`)
  return result.ranges
}

/** Fixed-width numbers make text order numeric: priorities have up to 5 digits, protocols 3, ports 5. */
function orderText(tier: Tier, rule: EffectiveRule, protocol: Protocol): string {
  return [
    tier,
    String(rule.priority ?? 0).padStart(5, '0'),
    rule.action === 'Drop' ? 0 : 1,
    rule.etherType ?? '',
    protocol === 'All' ? 'All' : String(protocol).padStart(3, '0'),
    portsOrder(rule.ports),
    portsOrder(rule.sourcePorts),
    rule.icmp ? `${pad3(rule.icmp.type)}.${rule.icmp.code === undefined ? '' : pad3(rule.icmp.code)}` : '',
    remoteOrder(rule.remote),
  ].join('|')
}

const pad3 = (value: number): string => String(value).padStart(3, '0')

function portsOrder(ports: readonly string[] | undefined): string {
  return (ports ?? []).map((range) => range.replace(/\d+/g, (port) => port.padStart(5, '0'))).join(',')
}

function remoteOrder(remote: EffectiveRule['remote']): string {
  if (remote.securityGroup !== undefined) return `group:${remote.securityGroup}`
  if (remote.addressGroup !== undefined) return `list:${remote.addressGroup}`
  if (remote.cidr === undefined) return ''
  const result = parsePrefix(remote.cidr)
  if (!result.ok) return remote.cidr
  return `${result.prefix.first.toString(16).padStart(32, '0')}/${String(result.prefix.length).padStart(3, '0')}`
}
