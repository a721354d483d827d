import { API_VERSION, namespaceOf, type PalisadeObject } from '../../api/objects.ts'
import type { DefaultGroup, SecurityGroup, VPC } from '../../api/types.gen.ts'
import { objectKey, type ObjectKey } from '../../core/key.ts'
import { profileRule, type Profile } from '../profile.ts'

/** Marks the groups that palisade made; the value is the name of the default group in the profile. */
const DEFAULT_GROUP_LABEL = 'palisade.dev/default'

export function defaultGroupName(vpcName: string, group: DefaultGroup): string {
  return `${vpcName}-${group.name}`
}

/** The default group that instances without groups join; undefined where the profile has them join none. */
export function homeGroup({ spec }: Profile): DefaultGroup | undefined {
  return spec.instanceWithoutGroups === 'JoinDefault' ? spec.defaultGroups?.[0] : undefined
}

/** The key of the group that a profile's default group is in one VPC. */
export function defaultGroupKey(vpc: VPC, group: DefaultGroup): ObjectKey {
  return objectKey('SecurityGroup', namespaceOf(vpc), defaultGroupName(vpc.metadata.name, group))
}

/**
 * The default group that instances without groups would join, where another is declared in its place and not accepted:
 * nothing of either is in force.
 */
export function homeInDoubt(
  { object, profile }: { readonly object: VPC; readonly profile: Profile },
  model: { isReserved(key: ObjectKey): boolean },
): ObjectKey | undefined {
  const home = homeGroup(profile)
  if (home?.editable !== true) return undefined
  const key = defaultGroupKey(object, home)
  return model.isReserved(key) ? key : undefined
}

/** The VPC after which a group is named that a profile may have generated: no hyphen is in what the profile adds. */
export function ownerOfDefault(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('-')))
}

/**
 * Whether what is declared under the key of a group may be meant to take the place of a default group: a group of the VPC that
 * the name speaks of, or something that cannot be read.
 */
export function mayReplaceDefault(object: PalisadeObject | undefined): boolean {
  if (object?.kind !== 'SecurityGroup') return true
  const { metadata, spec } = object
  return ownerOfDefault(metadata.name) === spec.vpcRef.name
}

/** The group that a profile's default group is in one VPC. */
export function defaultGroupObject(vpc: VPC, group: DefaultGroup): SecurityGroup {
  const name = defaultGroupName(vpc.metadata.name, group)
  return {
    apiVersion: API_VERSION,
    kind: 'SecurityGroup',
    metadata: { name, namespace: namespaceOf(vpc), labels: { [DEFAULT_GROUP_LABEL]: group.name } },
    spec: {
      vpcRef: { name: vpc.metadata.name },
      displayName: group.name,
      ...(group.description !== undefined && { description: group.description }),
      ...(group.type !== undefined && { type: group.type }),
      ingress: (group.ingress ?? []).map((rule) => profileRule(rule, name)),
      egress: (group.egress ?? []).map((rule) => profileRule(rule, name)),
    },
  }
}
