import { namespaceOf } from '../../api/objects.ts'
import type { SecurityGroup } from '../../api/types.gen.ts'
import { objectKey } from '../../core/key.ts'
import { sourcedRules } from '../group-rules.ts'
import type { Model } from '../model/model.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { DIRECTIONS, type Direction } from '../profile.ts'

/** How much the rules of a group count; an address group may count as all that it could hold (Alibaba Cloud). */
function ruleWeight(group: SecurityGroup, vpc: VpcIndex, model: Model, direction: Direction): number {
  const counting = vpc.profile.spec.quotas?.rules?.addressGroups ?? 'One'
  const rules = sourcedRules(group, vpc.profile, direction)
  if (counting === 'One') return rules.length
  return rules.reduce((sum, { rule }) => {
    const name = rule.remote?.addressGroupRef?.name
    const list = name && model.object(objectKey('AddressGroup', namespaceOf(group), name))
    if (typeof list !== 'object' || list.kind !== 'AddressGroup') return sum + 1
    const entries = list.spec.cidrs.length
    return sum + (counting === 'Entries' ? entries : (list.spec.maxEntries ?? entries))
  }, 0)
}

/** What of a group counts against the limit of its rules: the fuller direction, or both. */
export function countedRules(group: SecurityGroup, vpc: VpcIndex, model: Model): number {
  const counts = DIRECTIONS.map((direction) => ruleWeight(group, vpc, model, direction))
  if (vpc.profile.spec.quotas?.rules?.per === 'Direction') return Math.max(...counts)
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Rules whose remote is a security group. */
export function countedGroupRemotes({ spec: { ingress = [], egress = [] } }: SecurityGroup): number {
  return [...ingress, ...egress].filter(({ remote }) => remote?.securityGroupRef !== undefined).length
}

/** Both directions together. */
export function totalWeight(group: SecurityGroup, vpc: VpcIndex, model: Model): number {
  return ruleWeight(group, vpc, model, 'Ingress') + ruleWeight(group, vpc, model, 'Egress')
}
