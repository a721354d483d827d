import type { PalisadeObject } from '../../api/objects.ts'
import type { Member, SecurityGroup, VPC } from '../../api/types.gen.ts'
import { kindOfKey, parseKey, type ObjectKey } from '../../core/key.ts'
import type { Model } from '../../policy/model/model.ts'
import type { InstanceNode } from '../../policy/model/nodes.ts'
import { groupScope, vpcScope } from '../../policy/acceptance/quota-ledger.ts'
import type { Acceptance } from '../../policy/acceptance/acceptance.ts'
import { limitsOf } from '../../policy/acceptance/quota-limits.ts'
import { cutList, type ListBounds } from './cut-list.ts'

/** Members listed in a group's status; 2,000 of short names and few addresses take about 150 KiB. */
const LISTED_MEMBERS: ListBounds = { items: 2000, bytes: 200 * 1024 }

/** Groups listed in an instance's status. */
const LISTED_GROUPS: ListBounds = { items: 1000, bytes: 24 * 1024 }

/** Referrers listed in a status. */
const LISTED_REFERRER_KEYS = 100

/** What the status of a kind says besides conditions. Order and content depend on the model alone. */
export function vpcStatus(key: ObjectKey, model: Model, acceptance: Acceptance): VPC['status'] {
  const vpc = model.vpc(key)
  if (vpc === undefined) return {}
  const { profile } = vpc
  const limits = limitsOf(vpc)
  const counted = [
    {
      name: 'vpcs',
      used: acceptance.usage(vpcScope(vpc.object, profile)),
      limit: profile.spec.quotas?.vpcs?.limit,
    },
    { name: 'subnets', used: vpc.object.spec.subnets?.length ?? 0, limit: limits.subnets },
    {
      name: 'securityGroups',
      used: acceptance.usage(groupScope(vpc.object, profile)),
      limit: limits.securityGroups,
    },
  ]
  const quotas = counted.flatMap(({ name, used, limit }) =>
    limit === undefined ? [] : [{ name, used, limit }],
  )
  return { profile: profile.name, securityGroups: vpc.groups.size, ...(quotas.length > 0 && { quotas }) }
}

export function groupStatus(key: ObjectKey, model: Model, acceptance: Acceptance): SecurityGroup['status'] {
  const found = model.group(key)
  if (found === undefined) return {}
  const { vpc, node } = found
  const { ingress, egress } = vpc.compiled(node)
  const type = vpc.profile.groupType(node.object.spec.type)?.name
  const { instances } = vpc.members(node)
  const counts = { ingress: ingress.declared, egress: egress.declared }
  return {
    ...(type !== undefined && { type }),
    rules: {
      ...counts,
      total: counts.ingress + counts.egress,
      unresolved: ingress.unresolved + egress.unresolved,
    },
    members: cutList(membersOf(instances), LISTED_MEMBERS),
    memberCount: instances.length,
    ...referrers(key, acceptance, 'SecurityGroup'),
  }
}

export function referrers(
  key: ObjectKey,
  acceptance: Acceptance,
  kind: PalisadeObject['kind'],
): { readonly referrers: readonly string[]; readonly referrerCount: number } {
  const all = [...acceptance.referrers(key)].filter(
    (referrer) => kindOfKey(referrer) === kind && referrer !== key,
  )
  const listed = all.sort().slice(0, LISTED_REFERRER_KEYS)
  return {
    referrers: listed.map((referrer) => {
      const { kind: sort, name } = parseKey(referrer)
      return `${sort}/${name}`
    }),
    referrerCount: all.length,
  }
}

/** Names of the groups in force on an instance. */
export function groupNames(key: ObjectKey, model: Model): readonly string[] {
  const groups = model.instance(key)?.node.signature.groups ?? []
  return cutList(
    groups.map((group) => parseKey(group.key).name),
    LISTED_GROUPS,
  )
}

function* membersOf(instances: readonly InstanceNode[]): Generator<Member> {
  for (const instance of instances) {
    yield { name: parseKey(instance.key).name, addresses: instance.addresses }
  }
}
