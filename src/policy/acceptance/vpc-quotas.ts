import type { VPC } from '../../api/types.gen.ts'
import type { Profile } from '../profile.ts'
import type { Finding } from './finding.ts'
import { exceeded } from './quota-limits.ts'
import { vpcScope, type QuotaLedger } from './quota-ledger.ts'

/** One more VPC in its region or namespace. A VPC in force is never evicted. */
export function checkVpcQuotas(vpc: VPC, profile: Profile, ledger: QuotaLedger, inForce: boolean): Finding[] {
  const findings: Finding[] = []
  const vpcs = profile.spec.quotas?.vpcs
  if (!inForce && vpcs !== undefined && ledger.used(vpcScope(vpc, profile)) >= vpcs.limit) {
    const what = `there are ${String(vpcs.limit)} VPCs already`
    findings.push(exceeded(vpc, [], profile, { message: 'vpcs', what, limit: vpcs.limit }))
  }
  const limit = vpc.spec.limits?.subnets ?? profile.spec.quotas?.subnets?.limit
  const subnets = vpc.spec.subnets?.length ?? 0
  if (limit !== undefined && subnets > limit) {
    const what = `has ${String(subnets)} subnets`
    findings.push(exceeded(vpc, ['spec', 'subnets'], profile, { message: 'subnets', what, limit }))
  }
  return findings
}
