import type { SecurityGroup } from '../../api/types.gen.ts'
import type { Model } from '../model/model.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { allOf, NO_FINDINGS, type Finding } from './finding.ts'
import { exceeded, limitsOf } from './quota-limits.ts'
import { groupScope, type QuotaLedger } from './quota-ledger.ts'
import { countedGroupRemotes, countedRules } from './rule-weight.ts'

/**
 * What a group counts for by itself, and one more group in its VPC. A group in force is never evicted, and where a limit
 * was lowered under it, what counts no more than `last`, the version in force, comes nearer to the limit.
 */
export function checkGroupQuotas(
  group: SecurityGroup,
  vpc: VpcIndex,
  model: Model,
  ledger: QuotaLedger,
  last: SecurityGroup | undefined,
): readonly Finding[] {
  return allOf(
    last === undefined ? checkPlace(group, vpc, ledger) : NO_FINDINGS,
    checkRules(group, vpc, model, last),
    checkGroupRemotes(group, vpc, last),
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

function checkRules(
  group: SecurityGroup,
  vpc: VpcIndex,
  model: Model,
  last: SecurityGroup | undefined,
): readonly Finding[] {
  const { rules: limit } = limitsOf(vpc)
  if (limit === undefined) return NO_FINDINGS
  const used = countedRules(group, vpc, model)
  if (used <= limit || (last !== undefined && used <= countedRules(last, vpc, model))) return NO_FINDINGS
  const perDirection = vpc.profile.spec.quotas?.rules?.per === 'Direction'
  const what = `has ${String(used)} rules${perDirection ? ' in one direction' : ''}`
  return [exceeded(group, ['spec'], vpc.profile, { message: 'rules', what, limit })]
}

function checkGroupRemotes(
  group: SecurityGroup,
  vpc: VpcIndex,
  last: SecurityGroup | undefined,
): readonly Finding[] {
  const { securityGroupRemotes: limit } = limitsOf(vpc, vpc.profile.groupType(group.spec.type))
  if (limit === undefined) return NO_FINDINGS
  const used = countedGroupRemotes(group)
  // The limit is that of a type, so another type is as good as another group.
  const before = last?.spec.type === group.spec.type ? last : undefined
  if (used <= limit || (before !== undefined && used <= countedGroupRemotes(before))) return NO_FINDINGS
  const what = `has ${String(used)} rules whose remote is a security group`
  return [exceeded(group, ['spec'], vpc.profile, { message: 'securityGroupRemotes', what, limit })]
}
