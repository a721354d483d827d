import { namespaceOf, type PalisadeObject } from '../api/objects.ts'
import type { Instance, ReachabilityCheck, Rule, SecurityGroup } from '../api/types.gen.ts'
import { objectKey, type ObjectKey } from '../core/key.ts'
import { SmallSet } from '../core/small-set.ts'

/** The profile of a VPC that names none (design, section 1). */
export const DEFAULT_PROFILE = 'standard'

/** The VPC that an object is in, by what it says itself. */
export function vpcKeyOf(object: SecurityGroup | Instance | ReachabilityCheck): ObjectKey {
  return objectKey('VPC', namespaceOf(object), object.spec.vpcRef.name)
}

/** What a rule names as its remote, if that is an object. */
export function ruleRemoteKey({ remote }: Rule, namespace: string): ObjectKey | undefined {
  if (remote?.securityGroupRef !== undefined) {
    return objectKey('SecurityGroup', namespace, remote.securityGroupRef.name)
  }
  if (remote?.addressGroupRef !== undefined) {
    return objectKey('AddressGroup', namespace, remote.addressGroupRef.name)
  }
  return undefined
}

/** What the rules of a group name as remotes, each once. */
export function remoteKeys(group: SecurityGroup): readonly ObjectKey[] {
  const namespace = namespaceOf(group)
  let found: SmallSet<ObjectKey> | undefined
  for (const rules of [group.spec.ingress, group.spec.egress]) {
    for (const rule of rules ?? []) {
      const key = ruleRemoteKey(rule, namespace)
      if (key === undefined) continue
      found ??= new SmallSet()
      found.add(key)
    }
  }
  return found === undefined ? NO_KEYS : [...found]
}

/** Shared, since most objects name nothing. */
const NO_KEYS: readonly ObjectKey[] = []

/** Everything that an object refers to, each once. */
export function referencesOf(object: PalisadeObject): readonly ObjectKey[] {
  if (object.kind !== 'SecurityGroup' && object.kind !== 'Instance') return namedReferences(object)
  return [vpcKeyOf(object), ...namedReferences(object)]
}

/** What an object refers to, without the VPC that it is in. */
export function namedReferences(object: PalisadeObject): readonly ObjectKey[] {
  switch (object.kind) {
    case 'CloudProfile':
    case 'AddressGroup':
    // A promise about others does not keep them from being deleted.
    case 'ReachabilityCheck':
      return NO_KEYS
    case 'VPC':
      return [objectKey('CloudProfile', '', object.spec.profileRef?.name ?? DEFAULT_PROFILE)]
    case 'SecurityGroup':
      return remoteKeys(object)
    case 'Instance': {
      const groups = object.spec.securityGroupRefs ?? []
      if (groups.length === 0) return NO_KEYS
      const namespace = namespaceOf(object)
      return [...new Set(groups.map(({ name }) => objectKey('SecurityGroup', namespace, name)))]
    }
  }
}
