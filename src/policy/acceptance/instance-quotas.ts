import { keyOf } from '../../api/objects.ts'
import type { Instance } from '../../api/types.gen.ts'
import { displayKey } from '../../core/key.ts'
import { groupsToBe, type GroupToBe } from '../model/groups-to-be.ts'
import type { Model } from '../model/model.ts'
import type { GroupNode, InstanceNode } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { NO_FINDINGS, type Finding } from './finding.ts'
import { exceeded, limitsOf, memberLimits } from './quota-limits.ts'
import { totalWeight } from './rule-weight.ts'

const PATH = ['spec', 'securityGroupRefs']

/** What an instance would mean for the groups that it joins. */
export function checkInstanceQuotas(instance: Instance, vpc: VpcIndex, model: Model): readonly Finding[] {
  const { groupsPerInstance, rulesPerInstance } = limitsOf(vpc)
  const isLimited = limitsMembers(vpc)
  if (groupsPerInstance === undefined && rulesPerInstance === undefined && !isLimited) return NO_FINDINGS
  // A default group that others have called for already has them as members.
  if (isLimited) vpc.flush()
  const groups = groupsToBe(instance, vpc)
  // Of what a lowered limit has left over, a new version may have as much or less.
  const last = groupsInForce(instance, vpc, model)
  const findings: Finding[] = []
  if (groupsPerInstance !== undefined && groups.length > Math.max(groupsPerInstance, last.length)) {
    const what = `would be in ${String(groups.length)} groups`
    const quota = { message: 'groupsPerInstance', what, limit: groupsPerInstance }
    findings.push(exceeded(instance, PATH, vpc.profile, quota))
  }
  if (rulesPerInstance !== undefined) {
    const weightOf = (all: readonly Pick<GroupToBe, 'object'>[]): number =>
      all.reduce((sum, { object }) => sum + totalWeight(object, vpc, model), 0)
    const total = weightOf(groups)
    if (total > rulesPerInstance && total > weightOf(last)) {
      const what = `would have ${String(total)} rules over all its groups`
      findings.push(
        exceeded(instance, PATH, vpc.profile, { message: 'rulesPerInstance', what, limit: rulesPerInstance }),
      )
    }
  }
  for (const group of groups) findings.push(...checkRoom(instance, group, vpc, model))
  return findings
}

/** The groups of the version in force, where there is one in the VPC. */
function groupsInForce(instance: Instance, vpc: VpcIndex, model: Model): readonly GroupNode[] {
  const known = model.instance(keyOf(instance))
  if (known?.vpc !== vpc) return []
  return vpc.signatures.groupsOf(known.node.signature, vpc.groups)
}

/** Whether any type of group is limited in its members or their addresses. */
function limitsMembers(vpc: VpcIndex): boolean {
  for (const type of vpc.profile.spec.groupTypes) {
    if (limitsOf(vpc, type).addressesPerGroup !== undefined || memberLimits(vpc, type).length > 0) return true
  }
  return false
}

/** Whether a group has room for one more member, or for more addresses of one that it has. */
function checkRoom(instance: Instance, group: GroupToBe, vpc: VpcIndex, model: Model): Finding[] {
  const type = vpc.profile.groupType(group.object.spec.type)
  const { addressesPerGroup } = limitsOf(vpc, type)
  const sizes = memberLimits(vpc, type)
  if (addressesPerGroup === undefined && sizes.length === 0) return []
  const known = model.instance(keyOf(instance))?.node
  const member = known !== undefined && group.signatures.has(known.signature) ? known : undefined
  const found = checkAddresses(instance, group, member, vpc, addressesPerGroup)
  if (member !== undefined) return found
  const size = [...group.signatures].reduce((sum, { instances }) => sum + instances.size, 1)
  const exceededSizes = sizes.filter(({ limit }) => size > limit)
  const what = `${displayKey(group.key)} would have ${String(size)} members`
  return [
    ...found,
    ...exceededSizes.map((quota) => exceeded(instance, PATH, vpc.profile, { ...quota, what })),
  ]
}

function checkAddresses(
  instance: Instance,
  group: GroupToBe,
  member: InstanceNode | undefined,
  vpc: VpcIndex,
  limit: number | undefined,
): Finding[] {
  const own = instance.spec.addresses?.length ?? 0
  const before = member?.object.spec.addresses?.length ?? 0
  const used = [...group.signatures].reduce((sum, { addressCount }) => sum + addressCount, own - before)
  if (limit === undefined || used <= limit || own <= before) return []
  const what = `the members of ${displayKey(group.key)} would have ${String(used)} addresses`
  return [exceeded(instance, PATH, vpc.profile, { message: 'addresses', what, limit })]
}
