import { displayKey, objectKey, parseKey } from '../../../core/key.ts'
import { aboutGroup, aboutRule, type LintFinding } from '../finding.ts'
import type { LintWorld } from '../world.ts'

/** Groups that apply to nobody: dead text, or a selector that was mistyped. */
export function* groupsWithoutMembers({ groups }: LintWorld): Generator<LintFinding> {
  for (const place of groups) {
    if (place.group.generated || place.vpc.members(place.group).instances.length > 0) continue
    const hint = 'name it in an instance, correct its instanceSelector, or remove it'
    yield aboutGroup(place, ['metadata', 'name'], 'no instance is a member', hint)
  }
}

/** Instances that no group was meant for: they are isolated, or in the default group. */
export function* instancesWithoutGroups({ model }: LintWorld): Generator<LintFinding> {
  for (const { instances } of model.vpcs()) {
    for (const { key, signature } of instances) {
      const meant = signature.named.length > 0 || signature.groups.some(({ generated }) => !generated)
      if (meant) continue
      const [home] = signature.groups
      const state = home === undefined ? 'it denies everything' : `it falls to ${parseKey(home.key).name}`
      const message = `${displayKey(key)}: no group names or selects it, so ${state}`
      yield { object: key, path: ['spec'], message, hint: 'name a group in securityGroupRefs' }
    }
  }
}

/** Rules about the members of a group that has none. */
export function* emptyRemotes({ model, rules }: LintWorld): Generator<LintFinding> {
  for (const rule of rules) {
    const name = rule.effective.remote.securityGroup
    if (name === undefined || rule.group.generated) continue
    const key = objectKey('SecurityGroup', parseKey(rule.vpc.key).namespace, name)
    const remote = model.group(key)
    if (remote === undefined || remote.vpc.members(remote.node).instances.length > 0) continue
    // A group that names itself and has no members is told of as such.
    if (remote.node === rule.group) continue
    yield aboutRule(
      rule,
      `is about group ${name}, which has no members`,
      `give ${name} members, or remove the rule`,
    )
  }
}
