import type { DefaultGroup, Instance, SecurityGroup } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { ReadonlySmallSet } from '../../core/small-set.ts'
import { defaultGroupKey, defaultGroupName, defaultGroupObject, homeGroup } from './default-groups.ts'
import type { GroupNode, Signature } from './nodes.ts'
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
 * once it names them, or has no other. Without these it would be judged by half of its groups, and by all of them once
 * it is there.
 */
export function groupsToBe(instance: Instance, vpc: VpcIndex): readonly GroupToBe[] {
  const there = vpc.signatures.groupsFor(instance, vpc.groups)
  const defaults = namedDefaults(instance, vpc)
  if (defaults.length === 0) return there.length > 0 || namesSome(instance) ? there : home(vpc)
  const keys = new Set(defaults.map(({ key }) => key))
  return [...there.filter(({ key }) => !keys.has(key)), ...defaults].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Whoever names a group does not join the default group, also where what it names is not there. */
export function namesSome({ spec }: Instance): boolean {
  return (spec.securityGroupRefs?.length ?? 0) > 0
}

/** As the profile describes them now, though those that are there may have been made before it changed. */
function namedDefaults(instance: Instance, vpc: VpcIndex): readonly GroupToBe[] {
  const named = instance.spec.securityGroupRefs ?? []
  const defaults = named.length === 0 ? [] : (vpc.profile.spec.defaultGroups ?? [])
  return defaults.flatMap((group) => {
    const name = defaultGroupName(vpc.object.metadata.name, group)
    if (!named.some((one) => one.name === name)) return []
    const { node, toBe } = defaultOf(group, vpc)
    return node?.generated === false ? [] : toBe
  })
}

/** What an instance joins that has no group, if the profile has it join one. */
function home(vpc: VpcIndex): readonly GroupToBe[] {
  const group = homeGroup(vpc.profile)
  if (group === undefined) return []
  const { node, toBe } = defaultOf(group, vpc)
  return [node?.generated === false ? node : toBe]
}

function defaultOf(
  group: DefaultGroup,
  { object, groups }: VpcIndex,
): { readonly node: GroupNode | undefined; readonly toBe: GroupToBe } {
  const key = defaultGroupKey(object, group)
  const node = groups.get(key)
  const signatures = node?.signatures ?? NOBODY
  return { node, toBe: { key, object: defaultGroupObject(object, group), signatures } }
}

const NOBODY: ReadonlySmallSet<Signature> = new Set()
