import type { PalisadeObject } from '../../api/objects.ts'
import type { GroupType, VPCLimits } from '../../api/types.gen.ts'
import type { Profile } from '../profile.ts'
import { finding, type Finding } from './finding.ts'
import type { VpcIndex } from '../model/vpc-index.ts'

/** The refusal of what would exceed a limit; `message` is the profile's word for the quota. */
export function exceeded(
  object: PalisadeObject,
  path: readonly (string | number)[],
  profile: Profile,
  quota: { readonly message: string; readonly what: string; readonly limit: number },
): Finding {
  const problem = `${quota.what}, and the limit is ${String(quota.limit)}`
  return finding('QuotaExceeded', object, path, problem, {
    hint: 'remove what is no longer needed, or raise the limit in the VPC where the cloud has raised it',
    profileText: profile.message(quota.message, quota.limit),
  })
}

/**
 * The limits in force in a VPC, for groups of a type where that matters: the VPC's own where it
 * states one, as a raised quota, else the profile's. Absent: any number.
 */
export function limitsOf({ object, profile }: VpcIndex, type?: GroupType): VPCLimits {
  if (profile.spec.quotas === undefined && type?.quotas === undefined) return object.spec.limits ?? UNLIMITED
  const { subnets, securityGroups, rules, groupsPerInstance, rulesPerInstance } = profile.spec.quotas ?? {}
  const { securityGroupRemotes, addresses } = type?.quotas ?? {}
  return {
    ...(subnets && { subnets: subnets.limit }),
    ...(securityGroups && { securityGroups: securityGroups.limit }),
    ...(rules && { rules: rules.limit }),
    ...(securityGroupRemotes !== undefined && { securityGroupRemotes }),
    ...(addresses !== undefined && { addressesPerGroup: addresses }),
    ...(groupsPerInstance !== undefined && { groupsPerInstance }),
    ...(rulesPerInstance !== undefined && { rulesPerInstance }),
    ...object.spec.limits,
  }
}

const UNLIMITED: VPCLimits = {}

interface MemberLimit {
  readonly message: 'members' | 'classicInstances'
  readonly limit: number
}

const UNCOUNTED: NonNullable<GroupType['quotas']> = {}
const NO_MEMBER_LIMITS: readonly MemberLimit[] = []

/** How many members a group of this type may have in this network. */
export function memberLimits({ object }: VpcIndex, type: GroupType | undefined): readonly MemberLimit[] {
  const { members, classicInstances } = type?.quotas ?? UNCOUNTED
  if (members === undefined && classicInstances === undefined) return NO_MEMBER_LIMITS
  return [
    ...(members === undefined ? [] : [{ message: 'members' as const, limit: members }]),
    ...(classicInstances === undefined || object.spec.networkType !== 'Classic'
      ? []
      : [{ message: 'classicInstances' as const, limit: classicInstances }]),
  ]
}
