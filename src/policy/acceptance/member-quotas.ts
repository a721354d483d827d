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

/**
 * What a group's new version would mean for its members. `last` is the version in force: what a lowered limit has left over,
 * it may stay as it is or become less.
 */
export function checkMemberQuotas(
  group: SecurityGroup,
  vpc: VpcIndex,
  model: Model,
  supposed: Supposed,
  last: SecurityGroup | undefined,
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
  const isNoMore = last !== undefined && weight <= totalWeight(last, vpc, model)
  const before = last === undefined ? undefined : vpc.groups.get(key)?.signatures
  const findings = members.flatMap((signature) => {
    // Not those of the moment: who joins this group leaves the default group of those that have none.
    const others = vpc.signatures.groupsOf(signature, vpc.groups).filter((other) => other.key !== key)
    const member = { name: nameOf(signature), others }
    const isMember = before?.has(signature) === true
    return [
      ...(isMember ? [] : checkGroupsOf(member, group, vpc, groupsPerInstance)),
      ...(isMember && isNoMore
        ? []
        : checkRulesOf(member, group, vpc, model, { weight, limit: rulesPerInstance })),
      ...(mixing ? checkTypesOf(member, group, vpc, supposed) : []),
    ]
  })
  const known = last?.spec.type === group.spec.type ? [...(before ?? [])] : []
  return [...findings, ...checkSize(members, known, group, vpc)]
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
  const path = group.spec.instanceSelector === undefined ? ['spec'] : ['spec', 'instanceSelector']
  return [exceeded(group, path, vpc.profile, quota)]
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

/** How many members there are, and how many addresses they have. */
function sizeOf(members: readonly Signature[]): { readonly addresses: number; readonly size: number } {
  return {
    addresses: members.reduce((sum, { addressCount }) => sum + addressCount, 0),
    size: members.reduce((sum, { instances }) => sum + instances.size, 0),
  }
}

/** `known`: who is a member by now. */
function checkSize(
  members: readonly Signature[],
  known: readonly Signature[],
  group: SecurityGroup,
  vpc: VpcIndex,
): Finding[] {
  const type = vpc.profile.groupType(group.spec.type)
  const { addressesPerGroup } = limitsOf(vpc, type)
  const { addresses, size } = sizeOf(members)
  const before = sizeOf(known)
  const counted = [
    ...(addressesPerGroup === undefined
      ? []
      : [
          {
            message: 'addresses',
            limit: addressesPerGroup,
            used: addresses,
            last: before.addresses,
            noun: 'addresses',
          },
        ]),
    ...memberLimits(vpc, type).map((quota) => ({ ...quota, used: size, last: before.size, noun: 'members' })),
  ]
  return counted
    .filter(({ used, limit, last }) => used > limit && used > last)
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
