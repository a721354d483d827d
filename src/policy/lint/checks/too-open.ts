import type { EffectiveRule } from '../../../api/types.gen.ts'
import { formatPorts, parsePorts, type PortRange } from '../../../net/ports.ts'
import { parseProtocol, hasPorts } from '../../../net/protocol.ts'
import { aboutRule, type LintFinding } from '../finding.ts'
import { RISKY_PORTS, PUBLIC_PORTS } from '../ports.ts'
import { isAnywhere, type LintRule, type LintWorld } from '../world.ts'

const NARROW = 'name the addresses or the group that needs it'

/** Management and database ports that the whole Internet may reach. */
export function* riskyPortsOpen({ rules }: LintWorld): Generator<LintFinding> {
  for (const rule of rules.filter(isPublicIngress)) {
    const open = portsOf(rule.effective)
    if (open === undefined) continue
    const found = RISKY_PORTS.filter(({ port, protocol }) => {
      if (!carries(rule.effective, protocol) || !holds(open, { first: port, last: port })) return false
      return !isCoveredByDrop(rule, rules, { protocol, ports: { first: port, last: port } })
    })
    if (found.length === 0) continue
    const names = found.map(({ port, service }) => `${String(port)} (${service})`).join(', ')
    yield aboutRule(rule, `opens ${names} to ${whereTo(rule)}`, NARROW)
  }
}

/** Every port and the whole Internet in one rule. */
export function* publicAccess({ rules }: LintWorld): Generator<LintFinding> {
  for (const rule of rules.filter(isPublicIngress)) {
    if (!isEveryPort(rule.effective) || isCoveredByDrop(rule, rules)) continue
    yield aboutRule(rule, `opens every port to ${whereTo(rule)}`, NARROW)
  }
}

/** Every port, to addresses that are not those of a group. */
export function* allPortsOpen({ rules }: LintWorld): Generator<LintFinding> {
  for (const rule of rules) {
    const { action, remote } = rule.effective
    if (rule.direction !== 'Ingress' || action !== 'Allow' || isAnywhere(rule.effective)) continue
    if (remote.securityGroup !== undefined || !isEveryPort(rule.effective) || isCoveredByDrop(rule, rules)) {
      continue
    }
    yield aboutRule(rule, 'opens every port', 'name the ports that are served')
  }
}

/** Every protocol, to addresses that are not those of a group. */
export function* allProtocolsOpen({ rules }: LintWorld): Generator<LintFinding> {
  for (const rule of rules) {
    const { action, protocol, remote } = rule.effective
    if (rule.direction !== 'Ingress' || action !== 'Allow' || protocol !== 'All') continue
    if (remote.securityGroup !== undefined || isCoveredByDrop(rule, rules)) continue
    yield aboutRule(rule, 'opens every protocol', 'name the protocol that is served')
  }
}

/** Ports other than those of the web that the whole Internet may reach, and that no other check names. */
export function* unlistedPortsOpen({ rules }: LintWorld): Generator<LintFinding> {
  for (const rule of rules.filter(isPublicIngress)) {
    const open = portsOf(rule.effective)
    if (open === undefined || isEveryPort(rule.effective)) continue
    const known = [...PUBLIC_PORTS, ...RISKY_PORTS.map(({ port }) => port)]
    const { protocol } = rule.effective
    const unlisted = open.filter((ports) => {
      const isKnown = ports.first === ports.last && known.includes(ports.first)
      return !isKnown && !isCoveredByDrop(rule, rules, { protocol, ports })
    })
    if (unlisted.length === 0) continue
    yield aboutRule(
      rule,
      `opens ${formatPorts(unlisted).join(', ')} to ${whereTo(rule)}`,
      'see that this is meant; the ports of the web alone are taken for granted',
    )
  }
}

/** A rule that lets out everything to everywhere. */
export function* egressAllOpen({ rules }: LintWorld): Generator<LintFinding> {
  for (const rule of rules) {
    const { action, protocol } = rule.effective
    if (rule.direction !== 'Egress' || action !== 'Allow' || protocol !== 'All') continue
    if (!isAnywhere(rule.effective)) continue
    yield aboutRule(rule, `lets out everything to ${whereTo(rule)}`, 'name what the members need to reach')
  }
}

function isPublicIngress({ direction, effective }: LintRule): boolean {
  return direction === 'Ingress' && effective.action === 'Allow' && isAnywhere(effective)
}

const whereTo = ({ effective: { remote } }: LintRule): string => remote.cidr ?? '0.0.0.0/0 and ::/0'

const EVERY_PORT: readonly PortRange[] = [{ first: 0, last: 65_535 }]

/** The ports that a rule opens; undefined where its protocol has none. */
function portsOf({ protocol, ports }: EffectiveRule): readonly PortRange[] | undefined {
  const number = parseProtocol(protocol)
  if (number === undefined || (number !== 'All' && !hasPorts(number))) return undefined
  if (ports === undefined) return EVERY_PORT
  const parsed = parsePorts(ports)
  return parsed.ok ? parsed.ranges : EVERY_PORT
}

function isEveryPort(rule: EffectiveRule): boolean {
  return portsOf(rule)?.some(({ first, last }) => first <= 1 && last === 65_535) ?? false
}

const holds = (ranges: readonly PortRange[] | undefined, { first, last }: PortRange): boolean =>
  ranges?.some((range) => range.first <= first && last <= range.last) ?? false

const carries = (rule: EffectiveRule, protocol: string): boolean =>
  rule.protocol === 'All' || rule.protocol === protocol

/** Some of what a rule opens. */
interface Opened {
  readonly protocol: string
  /** Undefined: whatever there is of the protocol. */
  readonly ports?: PortRange
}

/** Whether one Drop rule of the group, which is asked first, takes all that the rule opens, or all of a part of it. */
function isCoveredByDrop(
  rule: LintRule,
  rules: readonly LintRule[],
  { protocol, ports }: Opened = { protocol: rule.effective.protocol },
): boolean {
  const { effective, group, direction } = rule
  return rules.some((other) => {
    const { effective: drop } = other
    if (other.group !== group || other.direction !== direction || drop.action !== 'Drop') return false
    if ((drop.priority ?? 0) > (effective.priority ?? 0)) return false
    const isWider = drop.protocol === 'All' || drop.protocol === protocol
    const isBoth = drop.etherType === undefined || drop.etherType === effective.etherType
    return isWider && isBoth && isAnywhere(drop) && takes(drop, ports)
  })
}

/** Whether a rule is about all packets of its protocol, or all to some ports. */
function takes(rule: EffectiveRule, ports: PortRange | undefined): boolean {
  if (rule.sourcePorts !== undefined || rule.icmp !== undefined) return false
  return rule.ports === undefined || (ports !== undefined && holds(portsOf(rule), ports))
}
