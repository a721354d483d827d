import { keyOf } from '../../api/objects.ts'
import type { GroupType, SecurityGroup } from '../../api/types.gen.ts'
import { displayKey, type ObjectKey } from '../../core/key.ts'
import type { Model } from '../model/model.ts'
import type { GroupNode, Signature } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { compileSelector } from '../selector.ts'
import { finding, NO_FINDINGS, type Finding } from './finding.ts'
import type { Supposed } from './judged-together.ts'
import { exceeded, limitsOf, memberLimits } from './quota-limits.ts'
import { totalWeight } from './rule-weight.ts'

/** What a group's new version would mean for its members. */
export function checkMemberQuotas(
  group: SecurityGroup,
  vpc: VpcIndex,
  model: Model,
  supposed: Supposed,
): readonly Finding[] {
  const type = vpc.profile.groupType(group.spec.type)
  const limits = limitsOf(vpc, type)
  const mixing = vpc.profile.spec.mixedGroupTypes !== 'Allow' && vpc.profile.spec.groupTypes.length > 1
  const { groupsPerInstance, rulesPerInstance, addressesPerGroup } = limits
  const limited = groupsPerInstance ?? rulesPerInstance ?? addressesPerGroup
  if (limited === undefined && !mixing && memberLimits(vpc, type).length === 0) return NO_FINDINGS
  vpc.flush()
  const key = keyOf(group)
  const members = [...membersToBe(group, key, vpc)]
  const weight = rulesPerInstance === undefined ? 0 : totalWeight(group, vpc, model)
  const findings = members.flatMap((signature) => {
    // Not those of the moment: who joins this group leaves the default group of those that have none.
    const others = vpc.signatures.groupsOf(signature, vpc.groups).filter((other) => other.key !== key)
    const member = { name: nameOf(signature), others }
    return [
      ...checkGroupsOf(member, group, vpc, groupsPerInstance),
      ...checkRulesOf(member, group, vpc, model, { weight, limit: rulesPerInstance }),
      ...(mixing ? checkTypesOf(member, group, vpc, supposed) : []),
    ]
  })
  return [...findings, ...checkSize(members, group, vpc)]
}

/** Instances that are alike, by the name of one, and the other groups that they are in. */
interface MemberToBe {
  readonly name: string
  readonly others: readonly GroupNode[]
}

function nameOf({ instances }: Signature): string {
  const [first] = instances
  return first === undefined ? '' : displayKey(first.key)
}

function checkGroupsOf(
  { name, others }: MemberToBe,
  group: SecurityGroup,
  vpc: VpcIndex,
  limit: number | undefined,
): Finding[] {
  if (limit === undefined || others.length < limit) return []
  const what = `${name} would be in ${String(others.length + 1)} groups`
  const quota = { message: 'groupsPerInstance', what, limit }
  return [exceeded(group, ['spec', 'instanceSelector'], vpc.profile, quota)]
}

function checkRulesOf(
  { name, others }: MemberToBe,
  group: SecurityGroup,
  vpc: VpcIndex,
  model: Model,
  { weight, limit }: { readonly weight: number; readonly limit: number | undefined },
): Finding[] {
  if (limit === undefined) return []
  const total = others.reduce((sum, other) => sum + totalWeight(other.object, vpc, model), weight)
  if (total <= limit) return []
  const what = `${name} would have ${String(total)} rules over all its groups`
  return [exceeded(group, ['spec'], vpc.profile, { message: 'rulesPerInstance', what, limit })]
}

/** Groups that are judged together have the types that they are to have. */
function checkTypesOf(
  { name, others }: MemberToBe,
  group: SecurityGroup,
  { profile }: VpcIndex,
  supposed: Supposed,
): Finding[] {
  const typeOf = ({ spec }: SecurityGroup): GroupType | undefined => profile.groupType(spec.type)
  const type = typeOf(group)
  const stranger = others.find(({ key, object }) => typeOf(supposed.get(key) ?? object) !== type)
  if (stranger === undefined) return []
  const problem = `${name} is in ${displayKey(stranger.key)}, which is of another type`
  const hint = 'an instance joins groups of one type'
  const profileText = profile.message('mixedGroupTypes')
  return [finding('GroupTypesMixed', group, ['spec', 'type'], problem, { hint, profileText })]
}

function checkSize(members: readonly Signature[], group: SecurityGroup, vpc: VpcIndex): Finding[] {
  const type = vpc.profile.groupType(group.spec.type)
  const { addressesPerGroup } = limitsOf(vpc, type)
  const addresses = members.reduce((sum, { addressCount }) => sum + addressCount, 0)
  const size = members.reduce((sum, { instances }) => sum + instances.size, 0)
  const counted = [
    ...(addressesPerGroup === undefined
      ? []
      : [{ message: 'addresses', limit: addressesPerGroup, used: addresses, noun: 'addresses' }]),
    ...memberLimits(vpc, type).map((quota) => ({ ...quota, used: size, noun: 'members' })),
  ]
  return counted
    .filter(({ used, limit }) => used > limit)
    .map(({ message, limit, used, noun }) => {
      const what =
        noun === 'members'
          ? `would have ${String(used)} members`
          : `its members would have ${String(used)} addresses`
      return exceeded(group, ['spec'], vpc.profile, { message, what, limit })
    })
}

function membersToBe(group: SecurityGroup, key: ObjectKey, vpc: VpcIndex): ReadonlySet<Signature> {
  const { instanceSelector } = group.spec
  const selected =
    instanceSelector === undefined ? [] : vpc.signatures.selected(compileSelector(instanceSelector))
  const named = [...vpc.signatures.naming(key)]
  return new Set([...selected, ...named].filter(({ instances }) => instances.size > 0))
}
