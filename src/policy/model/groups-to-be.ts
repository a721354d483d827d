import { namespaceOf } from '../../api/objects.ts'
import type { Instance, SecurityGroup } from '../../api/types.gen.ts'
import { objectKey, type ObjectKey } from '../../core/key.ts'
import type { ReadonlySmallSet } from '../../core/small-set.ts'
import { defaultGroupName, defaultGroupObject } from './default-groups.ts'
import type { Signature } from './nodes.ts'
import type { VpcIndex } from './vpc-index.ts'

/** A group that an instance has or would have. */
export interface GroupToBe {
  readonly key: ObjectKey
  readonly object: SecurityGroup
  /** Who its members are by now. */
  readonly signatures: ReadonlySmallSet<Signature>
}

/**
 * The groups that an instance has or would have: those in force, and the default groups that come into being
 * once it names them. Without these it would be judged by half of its groups, and by all of them once it is there.
 */
export function groupsToBe(instance: Instance, vpc: VpcIndex): readonly GroupToBe[] {
  const there = vpc.signatures.groupsFor(instance, vpc.groups)
  const defaults = namedDefaults(instance, vpc)
  if (defaults.length === 0) return there
  const keys = new Set(defaults.map(({ key }) => key))
  return [...there.filter(({ key }) => !keys.has(key)), ...defaults].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** As the profile describes them now, though those that are there may have been made before it changed. */
function namedDefaults(instance: Instance, vpc: VpcIndex): readonly GroupToBe[] {
  const named = instance.spec.securityGroupRefs ?? []
  const defaults = named.length === 0 ? [] : (vpc.profile.spec.defaultGroups ?? [])
  return defaults.flatMap((group) => {
    const name = defaultGroupName(vpc.object.metadata.name, group)
    if (!named.some((one) => one.name === name)) return []
    const key = objectKey('SecurityGroup', namespaceOf(vpc.object), name)
    const node = vpc.groups.get(key)
    if (node?.generated === false) return []
    return { key, object: defaultGroupObject(vpc.object, group), signatures: node?.signatures ?? NOBODY }
  })
}

const NOBODY: ReadonlySmallSet<Signature> = new Set()
