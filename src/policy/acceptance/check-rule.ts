import type { Rule } from '../../api/types.gen.ts'
import { parsePrefix } from '../../net/prefix.ts'
import { parsePorts } from '../../net/ports.ts'
import { formatProtocol, hasPorts, parseProtocol, protocolFamily, type Protocol } from '../../net/protocol.ts'
import { checkRemote } from './check-remote.ts'
import { checkText } from './check-text.ts'
import { allOf, finding, NO_FINDINGS, type Finding } from './finding.ts'
import type { RuleContext } from './rule-context.ts'

type Path = readonly (string | number)[]

/** The checks of one rule against the profile and the objects around it. */
export function checkRule(rule: Rule, path: Path, context: RuleContext): readonly Finding[] {
  const protocol = parseProtocol(rule.protocol ?? 'All')
  if (protocol === undefined) {
    const problem = `${String(rule.protocol)} is no protocol that palisade knows`
    return [
      finding('ProtocolUnknown', context.group, [...path, 'protocol'], problem, { hint: PROTOCOL_HINT }),
    ]
  }
  const meant = context.profile.protocol(rule.protocol) ?? protocol
  return allOf(
    checkProtocol(rule, path, meant, context),
    checkFields(rule, path, context),
    checkPriority(rule, path, context),
    checkRemote(rule, path, context),
    advise(rule, path, meant, context),
  )
}

const PROTOCOL_HINT = 'use a name such as TCP, UDP, ICMP, ICMPv6 or GRE, a number from 0 to 255, or All'

function checkProtocol(
  rule: Rule,
  path: Path,
  protocol: Protocol,
  { group, profile }: RuleContext,
): readonly Finding[] {
  const findings: Finding[] = []
  if (!profile.allowsProtocol(protocol)) {
    const problem = `profile ${profile.name} has no ${formatProtocol(protocol)} rules`
    findings.push(
      finding('ProtocolNotAllowed', group, [...path, 'protocol'], problem, {
        hint: `use one of ${profile.protocolNames().join(', ')}`,
        profileText: profile.message('protocol'),
      }),
    )
  }
  const ported = (rule.ports?.length ?? 0) + (rule.sourcePorts?.length ?? 0) > 0
  if (ported && !hasPorts(protocol)) {
    const problem = `protocol ${formatProtocol(protocol)} has no ports`
    findings.push(
      finding('PortsNotAllowed', group, [...path, 'ports'], problem, { hint: 'leave the ports out' }),
    )
  }
  const etherTypes = profile.spec.rules.etherTypes
  const etherType = rule.etherType ?? protocolFamily(protocol) ?? cidrFamily(rule)
  if (etherTypes !== undefined && etherType !== undefined && !etherTypes.includes(etherType)) {
    findings.push(
      finding(
        'EtherTypeNotAllowed',
        group,
        [...path, 'etherType'],
        `profile ${profile.name} has no ${etherType} rules`,
        {
          hint: `use ${etherTypes.join(' or ')}`,
          profileText: profile.message('etherType'),
        },
      ),
    )
  }
  return findings
}

function cidrFamily(rule: Rule): 'IPv4' | 'IPv6' | undefined {
  const result = rule.remote?.cidr === undefined ? undefined : parsePrefix(rule.remote.cidr)
  return result?.ok === true ? result.prefix.family : undefined
}

function checkFields(rule: Rule, path: Path, { group, profile }: RuleContext): readonly Finding[] {
  const { rules } = profile.spec
  const findings: Finding[] = []
  const action = rule.action ?? 'Allow'
  if (!rules.actions.includes(action)) {
    findings.push(
      finding(
        'ActionNotAllowed',
        group,
        [...path, 'action'],
        `profile ${profile.name} has no ${action} rules`,
        {
          hint: `use ${rules.actions.join(' or ')}`,
          profileText: profile.message('action'),
        },
      ),
    )
  }
  if ((rule.sourcePorts?.length ?? 0) > 0 && rules.sourcePorts !== true) {
    findings.push(
      finding(
        'SourcePortsNotAllowed',
        group,
        [...path, 'sourcePorts'],
        `profile ${profile.name} has no source ports`,
        {
          hint: 'leave sourcePorts out',
          profileText: profile.message('sourcePorts'),
        },
      ),
    )
  }
  if (rule.icmp !== undefined && rules.icmpFields !== true) {
    findings.push(
      finding(
        'IcmpNotAllowed',
        group,
        [...path, 'icmp'],
        `profile ${profile.name} has no ICMP types and codes`,
        {
          hint: 'leave icmp out: the rule then holds for every message',
          profileText: profile.message('icmp'),
        },
      ),
    )
  }
  const ranges = rule.ports === undefined ? undefined : parsePorts(rule.ports)
  if (rules.portLists === false && ranges?.ok === true && ranges.ranges.length > 1) {
    const problem = `profile ${profile.name} has one port or range in a rule`
    findings.push(
      finding('PortListNotAllowed', group, [...path, 'ports'], problem, {
        hint: 'write one rule for each range',
      }),
    )
  }
  const text = profile.message('ruleDescription')
  for (const problem of checkText(rule.description, rules.description)) {
    findings.push(
      finding('RuleDescriptionNotAllowed', group, [...path, 'description'], problem.text, {
        hint: problem.hint,
        profileText: text,
      }),
    )
  }
  return findings
}

function checkPriority(rule: Rule, path: Path, { group, profile }: RuleContext): readonly Finding[] {
  if (rule.priority === undefined) return NO_FINDINGS
  const range = profile.spec.rules.priority
  const profileText = profile.message('priority')
  if (range === undefined) {
    const problem = `profile ${profile.name} has no priorities`
    const hint = 'leave priority out: all rules count alike'
    return [finding('PriorityNotAllowed', group, [...path, 'priority'], problem, { hint, profileText })]
  }
  if (rule.priority >= range.min && rule.priority <= range.max) return NO_FINDINGS
  const problem = `${String(rule.priority)} is outside the priorities of profile ${profile.name}`
  const hint = `choose one from ${String(range.min)} (decides first) to ${String(range.max)}`
  return [finding('PriorityNotAllowed', group, [...path, 'priority'], problem, { hint, profileText })]
}

function advise(
  rule: Rule,
  path: Path,
  protocol: Protocol,
  { group, profile, direction }: RuleContext,
): readonly Finding[] {
  const { advisories } = profile.spec
  if (rule.action === 'Drop' || advisories === undefined) return NO_FINDINGS
  return advisories.flatMap((advisory) => {
    if (advisory.direction !== direction) return NO_FINDINGS
    if (protocol !== 'All' && parseProtocol(advisory.protocol) !== protocol) return NO_FINDINGS
    const ports = parsePorts(rule.ports ?? [])
    const touched =
      ports.ok && ports.ranges.some(({ first, last }) => first <= advisory.port && advisory.port <= last)
    // A rule for every port is how "allow all" is written; to warn of it would be noise.
    return touched ? [finding('Advisory', group, [...path, 'ports'], advisory.message)] : []
  })
}
