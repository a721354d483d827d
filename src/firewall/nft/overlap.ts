import { effectiveRemotes } from '../../api/effective-remotes.ts'
import { displayKey, kindOfKey, parseKey, type ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset, RuleSet } from '../../policy/ruleset.ts'
import { elementText } from './element.ts'
import type { Prefixes } from './judge.ts'

/**
 * VPCs that use addresses of another one which was in the namespace before: in there an address says
 * nothing of its VPC, so one's members would pass for the other's. Each with the sentence that tells.
 */
export function overlappingVpcs(
  instances: Iterable<InstanceRuleset>,
  prefixes: Prefixes,
): ReadonlyMap<ObjectKey, string> {
  const spaces = new Map<ObjectKey, Set<string>>()
  const seen = new Map<ObjectKey, Set<RuleSet>>()
  for (const instance of instances) {
    const { vpc, addresses, ruleSet } = instance
    const space = spaces.get(vpc) ?? new Set<string>()
    const known = seen.get(vpc) ?? new Set<RuleSet>()
    spaces.set(vpc, space)
    seen.set(vpc, known)
    for (const address of addresses) space.add(address)
    if (known.has(ruleSet)) continue
    known.add(ruleSet)
    for (const remote of effectiveRemotes(ruleSet, parseKey(instance.instance).namespace)) {
      if (kindOfKey(remote) !== 'SecurityGroup') continue
      for (const prefix of prefixes(remote) ?? []) space.add(elementText(prefix))
    }
  }
  const owners = new Map<string, ObjectKey>()
  const overlapping = new Map<ObjectKey, string>()
  for (const [vpc, space] of spaces) {
    const shared = [...space].find((address) => owners.has(address))
    if (shared === undefined) for (const address of space) owners.set(address, vpc)
    else {
      const other = displayKey(owners.get(shared) ?? vpc)
      overlapping.set(
        vpc,
        `its ${displayKey(vpc)} has the address ${shared} as ${other} does, whose instances are there: give each VPC a network namespace of its own`,
      )
    }
  }
  return overlapping
}
