import { namespaceOf, type PalisadeObject } from '../api/objects.ts'
import { displayKey, objectKey, type ObjectKey } from '../core/key.ts'
import { defaultGroupKey } from '../policy/model/default-groups.ts'
import { DEFAULT_PROFILE, namedReferences, ruleRemoteKey, vpcKeyOf } from '../policy/references.ts'

/** The versions by key, however they are held. */
export type VersionsByKey = Pick<ReadonlyMap<ObjectKey, { readonly object: PalisadeObject }>, 'get' | 'has'>

/** Something that rules are computed from and that is not there. */
export interface MissingReferent {
  readonly key: ObjectKey
  readonly referrer: ObjectKey
  /** Without it there are no rules at all; the rest may be missing for good, where a profile deletes with its users. */
  readonly isVital: boolean
}

/** What an object refers to. */
export interface Needs {
  readonly object: PalisadeObject
  readonly vital: ObjectKey | undefined
  readonly closing: readonly ObjectKey[]
}

export function needsOf(object: PalisadeObject): Needs {
  return { object, vital: vitalReferent(object), closing: closingReferents(object) }
}

/**
 * What an object needs and what is not among the versions. Each kind is watched by itself, so an instance may
 * be seen before the group that it has joined: without that group's Drop rules it would be more open than
 * what is declared.
 */
export function missingReferents(
  key: ObjectKey,
  { object, vital, closing }: Needs,
  versions: VersionsByKey,
): readonly MissingReferent[] {
  if (vital !== undefined && !versions.has(vital)) return [{ key: vital, referrer: key, isVital: true }]
  return closing
    .filter((one) => !versions.has(one) && !isDefaultGroup(one, object, versions))
    .map((one) => ({ key: one, referrer: key, isVital: false }))
}

export function missingSentence({ key, referrer }: MissingReferent): string {
  return `${displayKey(key)}, which ${displayKey(referrer)} needs, has no accepted version here yet: what was in force in its namespace stays`
}

function vitalReferent(object: PalisadeObject): ObjectKey | undefined {
  switch (object.kind) {
    case 'VPC':
      return objectKey('CloudProfile', '', object.spec.profileRef?.name ?? DEFAULT_PROFILE)
    case 'SecurityGroup':
    case 'Instance':
      return vpcKeyOf(object)
    default:
      return undefined
  }
}

/** What may close something: the groups of an instance, and what Drop rules are about. An Allow rule without its remote opens nothing. */
function closingReferents(object: PalisadeObject): readonly ObjectKey[] {
  if (object.kind === 'Instance') return namedReferences(object)
  if (object.kind !== 'SecurityGroup') return []
  const rules = [...(object.spec.ingress ?? []), ...(object.spec.egress ?? [])]
  return rules
    .filter(({ action }) => action === 'Drop')
    .flatMap((rule) => ruleRemoteKey(rule, namespaceOf(object)) ?? [])
}

/** Default groups follow from their VPC. */
function isDefaultGroup(key: ObjectKey, referrer: PalisadeObject, versions: VersionsByKey): boolean {
  if (referrer.kind !== 'Instance' && referrer.kind !== 'SecurityGroup') return false
  const vpc = versions.get(vpcKeyOf(referrer))?.object
  if (vpc?.kind !== 'VPC') return false
  const name = vpc.spec.profileRef?.name ?? DEFAULT_PROFILE
  const profile = versions.get(objectKey('CloudProfile', '', name))?.object
  if (profile?.kind !== 'CloudProfile') return false
  return (profile.spec.defaultGroups ?? []).some((group) => defaultGroupKey(vpc, group) === key)
}
