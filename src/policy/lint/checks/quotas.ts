import { keyOf } from '../../../api/objects.ts'
import { displayKey } from '../../../core/key.ts'
import { countObject, groupScope, QuotaLedger, vpcScope } from '../../acceptance/quota-ledger.ts'
import { limitsOf, memberLimits } from '../../acceptance/quota-limits.ts'
import { countedGroupRemotes, countedRules, totalWeight } from '../../acceptance/rule-weight.ts'
import type { Model } from '../../model/model.ts'
import type { GroupNode, Signature } from '../../model/nodes.ts'
import type { VpcIndex } from '../../model/vpc-index.ts'
import { aboutGroup, type LintFinding } from '../finding.ts'
import type { LintWorld } from '../world.ts'

/** Of a limit; what is fuller is worth a word while there is still time to have it raised. */
const NEAR_PERCENT = 80

/** How much of a limit is used; without a limit there is nothing to say. */
interface Usage {
  readonly used: number
  readonly limit: number | undefined
  /** What is counted, in the plural. */
  readonly what: string
}

/** Quotas that are nearly used up. */
export function* nearQuotas({ model, groups }: LintWorld): Generator<LintFinding> {
  const ledger = new QuotaLedger()
  for (const object of model.objects()) countObject(ledger, keyOf(object), object, model)
  const told = new Set<string>()
  for (const vpc of model.vpcs()) yield* nearInVpc(vpc, ledger, told)
  for (const place of groups) {
    for (const usage of near(groupUsages(place, model))) {
      yield aboutGroup(place, ['spec'], `has ${amount(usage)}`, RAISE)
    }
  }
  for (const vpc of model.vpcs()) yield* nearInInstances(vpc, model)
}

const RAISE = 'remove what is not needed, or have the limit raised and say so in spec.limits of the VPC'

const amount = ({ used, limit, what }: Usage): string => `${String(used)} of ${String(limit)} ${what}`

/** One of one is how such a limit is meant to be used. */
const near = (usages: readonly Usage[]): readonly Usage[] =>
  usages.filter(({ used, limit }) => limit !== undefined && limit > 1 && used * 100 >= limit * NEAR_PERCENT)

/** What is counted over several VPCs is told once, of the first of them. */
function* nearInVpc(vpc: VpcIndex, ledger: QuotaLedger, told: Set<string>): Generator<LintFinding> {
  const { object, profile } = vpc
  const { subnets, securityGroups } = limitsOf(vpc)
  const counted = [
    { what: 'VPCs', scope: vpcScope(object, profile), limit: profile.spec.quotas?.vpcs?.limit },
    { what: 'security groups', scope: groupScope(object, profile), limit: securityGroups },
  ].filter(({ scope }) => !told.has(scope))
  for (const { scope } of counted) told.add(scope)
  const usages = [
    ...counted.map(({ scope, ...quota }): Usage => ({ ...quota, used: ledger.used(scope) })),
    { what: 'subnets', used: object.spec.subnets?.length ?? 0, limit: subnets },
  ]
  for (const usage of near(usages)) {
    const message = `${displayKey(vpc.key)}: ${amount(usage)} are used`
    yield { object: vpc.key, path: ['spec'], message, hint: RAISE }
  }
}

function groupUsages(
  { vpc, group }: { readonly vpc: VpcIndex; readonly group: GroupNode },
  model: Model,
): readonly Usage[] {
  const type = vpc.profile.groupType(group.object.spec.type)
  const { rules, securityGroupRemotes, addressesPerGroup } = limitsOf(vpc, type)
  const members = [...group.signatures]
  const size = members.reduce((sum, { instances }) => sum + instances.size, 0)
  const addresses = members.reduce((sum, { addressCount }) => sum + addressCount, 0)
  const own: readonly Usage[] = [
    { what: 'rules', used: countedRules(group.object, vpc, model), limit: rules },
    {
      what: 'rules whose remote is a security group',
      used: countedGroupRemotes(group.object),
      limit: securityGroupRemotes,
    },
  ]
  return [
    // Nobody can take rules out of a group that comes with its VPC.
    ...(group.generated ? [] : own),
    { what: 'addresses of members', used: addresses, limit: addressesPerGroup },
    ...memberLimits(vpc, type).map(({ limit }): Usage => ({ what: 'members', used: size, limit })),
  ]
}

/** Once for all instances that are in the same groups and declared alike, by the name of the first. */
function* nearInInstances(vpc: VpcIndex, model: Model): Generator<LintFinding> {
  const { groupsPerInstance, rulesPerInstance } = limitsOf(vpc)
  if (groupsPerInstance === undefined && rulesPerInstance === undefined) return
  const told = new Set<Signature>()
  const instances = vpc.instances.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  for (const { key, signature } of instances) {
    if (told.has(signature)) continue
    told.add(signature)
    const { groups } = signature
    const rules =
      rulesPerInstance === undefined
        ? 0
        : groups.reduce((sum, { object }) => sum + totalWeight(object, vpc, model), 0)
    const usages: readonly Usage[] = [
      { what: 'groups', used: groups.length, limit: groupsPerInstance },
      { what: 'rules over all its groups', used: rules, limit: rulesPerInstance },
    ]
    const others = signature.instances.size - 1
    const alike = others === 0 ? '' : `; ${String(others)} more are alike`
    for (const usage of near(usages)) {
      const message = `${displayKey(key)}: has ${amount(usage)}${alike}`
      yield { object: key, path: ['spec'], message, hint: RAISE }
    }
  }
}
