import type { PalisadeObject } from '../../api/objects.ts'
import { namespaceOf } from '../../api/objects.ts'
import type { EffectiveRules, Instance } from '../../api/types.gen.ts'
import { count } from '../output/count.ts'
import { tableLines, type Column } from '../output/table.ts'

/** A person reads a screenful; `get instances` has all. */
export const LISTED_INSTANCES = 40

/** The instances in force, each in one line if the width allows it; `total` counts those not shown as well. */
export function instanceTable(
  objects: readonly PalisadeObject[],
  total: number,
  width: number | undefined,
): readonly string[] {
  const instances = objects.filter((object) => object.kind === 'Instance')
  const many = new Set(instances.map(namespaceOf)).size > 1
  const columns: readonly Column[] = [
    ...(many ? [{ title: 'NAMESPACE' }] : []),
    { title: 'NAME' },
    { title: 'VPC' },
    { title: 'ADDRESSES', wraps: 'Words' },
    { title: 'GROUPS', wraps: 'Words' },
    { title: 'INGRESS' },
    { title: 'EGRESS' },
    { title: 'READY' },
  ]
  const rows = instances.map((instance) => [...(many ? [namespaceOf(instance)] : []), ...rowOf(instance)])
  const more = total - instances.length
  return [
    ...tableLines(columns, rows, width),
    ...(more > 0 ? [`and ${count(more, 'instance')} more: palisade get instances -A`] : []),
  ]
}

function rowOf({ metadata, spec, status }: Instance): readonly string[] {
  const rules = status?.effectiveRules
  return [
    metadata.name,
    spec.vpcRef.name,
    (spec.addresses ?? []).join(','),
    (status?.securityGroups ?? []).join(','),
    ruleCount(rules, 'ingress'),
    ruleCount(rules, 'egress'),
    status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown',
  ]
}

/** Down to the implicit rule, as `rules` lists them; `-` for an instance of which nothing is in force. */
function ruleCount(rules: EffectiveRules | undefined, side: 'ingress' | 'egress'): string {
  if (rules === undefined) return '-'
  const whole = side === 'ingress' ? rules.ingressCount : rules.egressCount
  return String(whole ?? rules[side].length)
}
