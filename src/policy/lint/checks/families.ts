import type { EffectiveRule } from '../../../api/types.gen.ts'
import { IntervalSet, INTEGERS } from '../../../net/interval-set.ts'
import { parsePorts } from '../../../net/ports.ts'
import { aboutRule, type LintFinding } from '../finding.ts'
import { isAnywhere, type LintRule, type LintWorld } from '../world.ts'

/** Rules that open one family to everybody where the members have addresses of the other one, too. */
export function* oneFamilyOnly({ rules }: LintWorld): Generator<LintFinding> {
  for (const rule of rules) {
    const { etherType, protocol } = rule.effective
    if (!isPublic(rule) || etherType === undefined || protocol.startsWith('ICMP')) continue
    const other = etherType === 'IPv4' ? 'IPv6' : 'IPv4'
    const mark = other === 'IPv6' ? ':' : '.'
    const members = rule.vpc.members(rule.group)
    if (!members.prefixes.some((prefix) => prefix.includes(mark))) continue
    const isCovered = rules.some(
      (twin) => twin.group === rule.group && isPublic(twin) && covers(twin, rule, other),
    )
    if (isCovered) continue
    const cidr = other === 'IPv6' ? '::/0' : '0.0.0.0/0'
    yield aboutRule(
      rule,
      `is of ${etherType} alone, and members have ${other} addresses`,
      `add the same rule with remote ${cidr}, or leave remote out to mean both`,
    )
  }
}

const isPublic = ({ direction, effective }: LintRule): boolean =>
  direction === 'Ingress' && effective.action === 'Allow' && isAnywhere(effective)

function covers(
  { effective: twin }: LintRule,
  { effective: rule }: LintRule,
  family: EffectiveRule['etherType'],
): boolean {
  if (twin.etherType !== undefined && twin.etherType !== family) return false
  if (twin.protocol !== 'All' && twin.protocol !== rule.protocol) return false
  return isWithin(rule.ports, twin.ports) && isWithin(rule.sourcePorts, twin.sourcePorts)
}

/** No ports means all of them. */
function isWithin(inner: EffectiveRule['ports'], outer: EffectiveRule['ports']): boolean {
  if (outer === undefined) return true
  if (inner === undefined) return false
  return setOf(inner).difference(setOf(outer)).intervals.length === 0
}

function setOf(ports: readonly string[]): IntervalSet<number> {
  const parsed = parsePorts(ports)
  if (!parsed.ok) throw new Error(`ports ${ports.join(',')} cannot be read`)
  return IntervalSet.of(INTEGERS, parsed.ranges)
}
