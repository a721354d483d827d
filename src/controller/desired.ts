import type { ObjectKey } from '../core/key.ts'
import { isSameList } from '../core/same-list.ts'
import type { Faults } from '../firewall/firewall.ts'
import type { Model } from '../policy/model/model.ts'
import { isSameInstance } from '../policy/ruleset-change.ts'
import type { InstanceRuleset, Ruleset, RulesetChange } from '../policy/ruleset.ts'

/**
 * What a firewall holds, as far as is known, and what of it may be out of date. Only what was touched
 * is compared, so that a change costs what it touches.
 */
export class Programmed implements Ruleset {
  readonly instances: Map<ObjectKey, InstanceRuleset>
  readonly remotes: Map<ObjectKey, readonly string[]>
  readonly #staleInstances: Set<ObjectKey>
  readonly #staleRemotes: Set<ObjectKey>
  /** Instances that the firewall was given and did not take: it may take them later unless it is told of their end. */
  readonly #offered = new Set<ObjectKey>()

  /** Everything that was read is compared once. */
  constructor(actual: Ruleset) {
    this.instances = new Map(actual.instances)
    this.remotes = new Map(actual.remotes)
    this.#staleInstances = new Set(actual.instances.keys())
    this.#staleRemotes = new Set(actual.remotes.keys())
  }

  touch(instances: Iterable<ObjectKey>, remotes: Iterable<ObjectKey>): void {
    for (const key of instances) this.#staleInstances.add(key)
    for (const key of remotes) this.#staleRemotes.add(key)
  }

  /** The difference between what is programmed and what the model asks for. */
  change(model: Pick<Model, 'instanceRuleset' | 'remote'>): RulesetChange {
    const put: InstanceRuleset[] = []
    const remove: ObjectKey[] = []
    const putRemotes = new Map<ObjectKey, readonly string[]>()
    const removeRemotes: ObjectKey[] = []
    for (const key of this.#staleInstances) {
      const desired = model.instanceRuleset(key)
      const actual = this.instances.get(key)
      if (desired !== undefined) {
        if (actual === undefined || !isSameInstance(actual, desired)) put.push(desired)
      } else if (actual !== undefined || this.#offered.has(key)) remove.push(key)
    }
    for (const key of this.#staleRemotes) {
      const desired = model.remote(key)
      const actual = this.remotes.get(key)
      if (desired !== undefined) {
        if (actual === undefined || !isSameList(actual, desired)) putRemotes.set(key, desired)
      } else if (actual !== undefined) removeRemotes.push(key)
    }
    return { put, remove, putRemotes, removeRemotes }
  }

  /** Records what came of a change: `refusal` says why not all was applied, and `faults` for whom, if not for all. */
  settle(change: RulesetChange, refusal: string | undefined, faults: Faults | undefined): void {
    if (refusal === undefined) this.#applied(change)
    else if (faults === undefined) this.#offer(change.put)
    else {
      const isRefused = ({ instance }: InstanceRuleset): boolean => faults.has(instance)
      this.#applied({ ...change, put: change.put.filter((instance) => !isRefused(instance)) })
      this.#offer(change.put.filter(isRefused))
      this.touch(faults.keys(), [])
    }
  }

  #applied(change: RulesetChange): void {
    for (const instance of change.put) {
      this.instances.set(instance.instance, instance)
      this.#offered.delete(instance.instance)
    }
    for (const key of change.remove) {
      this.instances.delete(key)
      this.#offered.delete(key)
    }
    for (const [key, prefixes] of change.putRemotes) this.remotes.set(key, prefixes)
    for (const key of change.removeRemotes) this.remotes.delete(key)
    this.#staleInstances.clear()
    this.#staleRemotes.clear()
  }

  #offer(instances: readonly InstanceRuleset[]): void {
    for (const { instance } of instances) this.#offered.add(instance)
  }
}

export function isEmptyChange({ put, remove, putRemotes, removeRemotes }: RulesetChange): boolean {
  return put.length === 0 && remove.length === 0 && putRemotes.size === 0 && removeRemotes.length === 0
}
