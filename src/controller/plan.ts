import type { EffectiveRule } from '../api/types.gen.ts'
import { canonicalJson } from '../core/digest.ts'
import type { ObjectKey } from '../core/key.ts'
import type { InstanceRuleset, Ruleset, RulesetChange, RuleSet } from '../policy/ruleset.ts'

export type Action = 'Create' | 'Change' | 'Delete'

/** What happens to one object's version in force. */
export interface ObjectChange {
  readonly action: Action
  readonly key: ObjectKey
  /** Fields of the spec or labels that differ, as paths; empty unless it is a change. */
  readonly fields: readonly string[]
}

export interface RuleChange {
  readonly action: 'Add' | 'Remove'
  readonly direction: 'Ingress' | 'Egress'
  readonly rule: EffectiveRule
}

/** What happens to the rules of instances that change alike. */
export interface InstanceChange {
  readonly action: Action
  /** In order. */
  readonly instances: readonly ObjectKey[]
  readonly rules: readonly RuleChange[]
}

/** What happens to the addresses that a group or list stands for in rules. */
export interface RemoteChange {
  readonly remote: ObjectKey
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** What a reconcile would change, or has changed. */
export interface Plan {
  readonly objects: readonly ObjectChange[]
  readonly instances: readonly InstanceChange[]
  readonly remotes: readonly RemoteChange[]
}

export function isEmptyPlan({ objects, instances, remotes }: Plan): boolean {
  return objects.length === 0 && instances.length === 0 && remotes.length === 0
}

/** The part of a plan that is about some objects. */
export function partOf({ objects, instances, remotes }: Plan, isMeant: (key: ObjectKey) => boolean): Plan {
  return {
    objects: objects.filter(({ key }) => isMeant(key)),
    instances: instances.flatMap((change) => {
      const meant = change.instances.filter(isMeant)
      return meant.length === 0 ? [] : [{ ...change, instances: meant }]
    }),
    remotes: remotes.filter(({ remote }) => isMeant(remote)),
  }
}

/** Words a ruleset change for people: instances that change alike are named together. */
export function planRulesets(actual: Ruleset, change: RulesetChange): Pick<Plan, 'instances' | 'remotes'> {
  const groups = new Map<string, { action: Action; keys: ObjectKey[]; before?: RuleSet; after?: RuleSet }>()
  const add = (
    action: Action,
    key: ObjectKey,
    before: RuleSet | undefined,
    after: RuleSet | undefined,
  ): void => {
    const identity = `${action} ${before?.digest ?? ''} ${after?.digest ?? ''}`
    const known = groups.get(identity)
    if (known === undefined) {
      groups.set(identity, { action, keys: [key], ...(before && { before }), ...(after && { after }) })
    } else known.keys.push(key)
  }
  for (const next of change.put) addPut(actual.instances.get(next.instance), next, add)
  for (const key of change.remove) add('Delete', key, actual.instances.get(key)?.ruleSet, undefined)
  const instances = [...groups.values()].map(({ action, keys, before, after }) => ({
    action,
    instances: keys.sort(),
    rules: ruleChanges(before, after),
  }))
  instances.sort((a, b) => ((a.instances[0] ?? '') < (b.instances[0] ?? '') ? -1 : 1))
  return { instances, remotes: remoteChanges(actual, change) }
}

function addPut(
  last: InstanceRuleset | undefined,
  next: InstanceRuleset,
  add: (action: Action, key: ObjectKey, before: RuleSet | undefined, after: RuleSet | undefined) => void,
): void {
  if (last === undefined) add('Create', next.instance, undefined, next.ruleSet)
  else add('Change', next.instance, last.ruleSet, next.ruleSet)
}

function ruleChanges(before: RuleSet | undefined, after: RuleSet | undefined): RuleChange[] {
  if (before?.digest === after?.digest) return []
  return (['Ingress', 'Egress'] as const).flatMap((direction) => {
    const side = direction === 'Ingress' ? 'ingress' : 'egress'
    const old = byText(before?.[side] ?? [])
    const fresh = byText(after?.[side] ?? [])
    const removed = [...old].filter(([text]) => !fresh.has(text))
    const added = [...fresh].filter(([text]) => !old.has(text))
    return [
      ...removed.map(([, rule]): RuleChange => ({ action: 'Remove', direction, rule })),
      ...added.map(([, rule]): RuleChange => ({ action: 'Add', direction, rule })),
    ]
  })
}

function byText(rules: readonly EffectiveRule[]): Map<string, EffectiveRule> {
  return new Map(rules.map((rule) => [canonicalJson(rule), rule]))
}

function remoteChanges(actual: Ruleset, { putRemotes, removeRemotes }: RulesetChange): RemoteChange[] {
  const changes = [...putRemotes].map(([remote, next]): RemoteChange => {
    const last = new Set(actual.remotes.get(remote))
    const now = new Set(next)
    return {
      remote,
      added: next.filter((prefix) => !last.has(prefix)),
      removed: [...last].filter((prefix) => !now.has(prefix)),
    }
  })
  for (const remote of removeRemotes) {
    changes.push({ remote, added: [], removed: actual.remotes.get(remote) ?? [] })
  }
  return changes
    .filter(({ added, removed }) => added.length + removed.length > 0)
    .sort((a, b) => (a.remote < b.remote ? -1 : 1))
}
