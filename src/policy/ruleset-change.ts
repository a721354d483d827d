import type { Attachment } from '../api/types.gen.ts'
import type { ObjectKey } from '../core/key.ts'
import { isSameList } from '../core/same-list.ts'
import type { InstanceRuleset, Ruleset, RulesetChange } from './ruleset.ts'

/**
 * What turns one ruleset into another. Two instances are alike when a firewall cannot tell them apart:
 * the order of their addresses does not count, and the digest stands for the rules.
 */
export function diffRulesets(actual: Ruleset, desired: Ruleset): RulesetChange {
  const put: InstanceRuleset[] = []
  for (const [key, instance] of desired.instances) {
    const present = actual.instances.get(key)
    if (present === undefined || !isSameInstance(present, instance)) put.push(instance)
  }
  const putRemotes = new Map<ObjectKey, readonly string[]>()
  for (const [key, prefixes] of desired.remotes) {
    const present = actual.remotes.get(key)
    if (present === undefined || !isSameList(present, prefixes)) putRemotes.set(key, prefixes)
  }
  return {
    put,
    remove: keysMissingIn(desired.instances, actual.instances),
    putRemotes,
    removeRemotes: keysMissingIn(desired.remotes, actual.remotes),
  }
}

/** The ruleset after a change; what the change removes and puts is put. */
export function applyChange(ruleset: Ruleset, change: RulesetChange): Ruleset {
  const put = change.put.map((instance) => [instance.instance, instance] as const)
  return {
    instances: changed(ruleset.instances, change.remove, put),
    remotes: changed(ruleset.remotes, change.removeRemotes, [...change.putRemotes]),
  }
}

/** A copy, changed; the map itself where nothing changes. */
function changed<T>(
  map: ReadonlyMap<ObjectKey, T>,
  remove: readonly ObjectKey[],
  put: readonly (readonly [key: ObjectKey, value: T])[],
): ReadonlyMap<ObjectKey, T> {
  if (remove.length + put.length === 0) return map
  const copy = new Map<ObjectKey, T>()
  // The constructor would make a list of each pair, and throw it away.
  map.forEach((value, key) => copy.set(key, value))
  for (const key of remove) copy.delete(key)
  for (const [key, value] of put) copy.set(key, value)
  return copy
}

function keysMissingIn<T>(kept: ReadonlyMap<ObjectKey, T>, all: ReadonlyMap<ObjectKey, T>): ObjectKey[] {
  const missing: ObjectKey[] = []
  for (const key of all.keys()) if (!kept.has(key)) missing.push(key)
  return missing
}

/** Whether a firewall cannot tell two instances apart. */
export function isSameInstance(a: InstanceRuleset, b: InstanceRuleset): boolean {
  if (a === b) return true
  return (
    a.ruleSet.digest === b.ruleSet.digest &&
    a.vpc === b.vpc &&
    a.mac === b.mac &&
    a.established === b.established &&
    isSameAttachment(a.attachment, b.attachment) &&
    isSameSet(a.addresses, b.addresses)
  )
}

/** An absent `host` means what `false` means. */
function isSameAttachment(a: Attachment | undefined, b: Attachment | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (
    a.nodeName === b.nodeName &&
    a.netns === b.netns &&
    a.interface === b.interface &&
    (a.host ?? false) === (b.host ?? false)
  )
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return isSameList(a, b) || (a.length === b.length && isSameList([...a].sort(), [...b].sort()))
}
