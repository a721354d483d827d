import { parseKey, type ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset, RuleSet } from '../../policy/ruleset.ts'
import { shortName } from './names.ts'

/** The place of one rule set in a table: two chains, shared by every instance that has it. */
export interface Slot {
  /** Part of the names of its chains; stays when its rules change. */
  readonly name: string
  /** The Kubernetes namespace in which its rules name remotes. */
  readonly namespace: string
  ruleSet: RuleSet
  readonly users: Set<ObjectKey>
  /** Groups and lists that its rules name. */
  remotes: readonly ObjectKey[]
}

/** Which instances share which rule set. Rule sets name remotes by bare names, so those of two Kubernetes namespaces differ. */
export class Slots {
  readonly #byRules = new Map<string, Slot>()
  readonly #names = new Set<string>()
  readonly #byUser = new Map<ObjectKey, Slot>()

  of(instance: ObjectKey): Slot | undefined {
    return this.#byUser.get(instance)
  }

  values(): IterableIterator<Slot> {
    return this.#byRules.values()
  }

  /**
   * Rule sets that every user leaves for one and the same other: that is a rule edited, and the slot
   * takes the new rules in place, so that no instance's entry has to change.
   */
  edit(puts: readonly InstanceRuleset[]): readonly Slot[] {
    const moves = new Map<Slot, { readonly to: Map<string, InstanceRuleset>; count: number }>()
    for (const instance of puts) {
      const slot = this.#byUser.get(instance.instance)
      if (slot === undefined) continue
      const move = moves.get(slot) ?? { to: new Map<string, InstanceRuleset>(), count: 0 }
      move.to.set(identityOf(instance), instance)
      move.count += 1
      moves.set(slot, move)
    }
    const edited: Slot[] = []
    for (const [slot, { to, count }] of moves) {
      const [next, ...others] = to.values()
      if (next === undefined || others.length > 0 || count < slot.users.size) continue
      if (this.#byRules.has(identityOf(next))) continue
      this.#byRules.delete(identity(slot.namespace, slot.ruleSet))
      slot.ruleSet = next.ruleSet
      this.#byRules.set(identityOf(next), slot)
      edited.push(slot)
    }
    return edited
  }

  /** The slot of an instance's rules, made if it is the first to have them; `name` where there is a name it had. */
  join(
    instance: InstanceRuleset,
    name: string | undefined,
  ): { readonly slot: Slot; readonly isNew: boolean } {
    const own = identityOf(instance)
    const known = this.#byRules.get(own)
    const slot = known ?? this.#create(instance, own, name)
    slot.users.add(instance.instance)
    this.#byUser.set(instance.instance, slot)
    return { slot, isNew: known === undefined }
  }

  /** Returns the slot if nobody has its rules any more; it is then gone. */
  leave(instance: ObjectKey): Slot | undefined {
    const slot = this.#byUser.get(instance)
    if (slot === undefined) return undefined
    this.#byUser.delete(instance)
    slot.users.delete(instance)
    if (slot.users.size > 0) return undefined
    this.#byRules.delete(identity(slot.namespace, slot.ruleSet))
    this.#names.delete(slot.name)
    return slot
  }

  #create({ instance, ruleSet }: InstanceRuleset, own: string, name: string | undefined): Slot {
    const { namespace } = parseKey(instance)
    const slot = {
      name: this.#freeName(name ?? shortName(own)),
      namespace,
      ruleSet,
      users: new Set<ObjectKey>(),
      remotes: [],
    }
    this.#names.add(slot.name)
    this.#byRules.set(own, slot)
    return slot
  }

  /** A slot that took other rules in place still has the name made from its first ones. */
  #freeName(wish: string): string {
    let name = wish
    for (let next = 2; this.#names.has(name); next++) name = `${wish.slice(0, 12)}_${next}`
    return name
  }
}

const identity = (namespace: string, { digest }: RuleSet): string => [namespace, digest].join(' ')

const identityOf = ({ instance, ruleSet }: InstanceRuleset): string =>
  identity(parseKey(instance).namespace, ruleSet)
