import type { SecurityGroup } from '../../api/types.gen.ts'
import type { Model } from '../model/model.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { allOf, NO_FINDINGS, type Finding } from './finding.ts'
import { exceeded, limitsOf } from './quota-limits.ts'
import { groupScope, type QuotaLedger } from './quota-ledger.ts'
import { countedGroupRemotes, countedRules } from './rule-weight.ts'

/** What a group counts for by itself, and one more group in its VPC. A group in force is never evicted. */
export function checkGroupQuotas(
  group: SecurityGroup,
  vpc: VpcIndex,
  model: Model,
  ledger: QuotaLedger,
  inForce: boolean,
): readonly Finding[] {
  return allOf(
    inForce ? NO_FINDINGS : checkPlace(group, vpc, ledger),
    checkRules(group, vpc, model),
    checkGroupRemotes(group, vpc),
  )
}

function checkPlace(group: SecurityGroup, vpc: VpcIndex, ledger: QuotaLedger): readonly Finding[] {
  const { securityGroups: limit } = limitsOf(vpc)
  if (limit === undefined) return NO_FINDINGS
  const used = ledger.used(groupScope(vpc.object, vpc.profile))
  if (used < limit) return NO_FINDINGS
  const what = `there are ${String(used)} security groups already`
  return [exceeded(group, ['spec', 'vpcRef'], vpc.profile, { message: 'securityGroups', what, limit })]
}

function checkRules(group: SecurityGroup, vpc: VpcIndex, model: Model): readonly Finding[] {
  const { rules: limit } = limitsOf(vpc)
  if (limit === undefined) return NO_FINDINGS
  const used = countedRules(group, vpc, model)
  if (used <= limit) return NO_FINDINGS
  const perDirection = vpc.profile.spec.quotas?.rules?.per === 'Direction'
  const what = `has ${String(used)} rules${perDirection ? ' in one direction' : ''}`
  return [exceeded(group, ['spec'], vpc.profile, { message: 'rules', what, limit })]
}

function checkGroupRemotes(group: SecurityGroup, vpc: VpcIndex): readonly Finding[] {
  const { securityGroupRemotes: limit } = limitsOf(vpc, vpc.profile.groupType(group.spec.type))
  if (limit === undefined) return NO_FINDINGS
  const used = countedGroupRemotes(group)
  if (used <= limit) return NO_FINDINGS
  const what = `has ${String(used)} rules whose remote is a security group`
  return [exceeded(group, ['spec'], vpc.profile, { message: 'securityGroupRemotes', what, limit })]
}
