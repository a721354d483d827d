import type { ObjectKey } from '../../core/key.ts'
import { applyChange } from '../../policy/ruleset-change.ts'
import type { InstanceRuleset, Ruleset, RulesetChange } from '../../policy/ruleset.ts'
import { FirewallError, type Drift, type Firewall, type RuleSetHits } from '../firewall.ts'
import type { Executor, Netns } from './executor.ts'
import type { KnownTables } from './known-tables.ts'
import { Namespace } from './namespace.ts'
import { sweep } from './sweep.ts'

export interface NftOptions {
  /**
   * Where rulesets are remembered in full. The kernel holds rules and not the objects that they came
   * from; what is on record counts as programmed where the kernel holds exactly what it compiles to.
   */
  readonly record: Firewall
  readonly tables: KnownTables
  readonly executor: Executor
  /** Only instances of this node are enforced, the others recorded; undefined: all. */
  readonly node?: string
  readonly now: () => Date
  /** From how many rules on a list is packed into a set; absent: PACKED_FROM. */
  readonly packedFrom?: number
  /** Told in one sentence what does not work and endangers nothing. */
  readonly warn?: (sentence: string) => void
}

/** Listing 80,000 rules takes the kernel seconds, so that a comparison without cause is rare. */
const COMPARE_EVERY_MS = 300_000

/** A firewall that programs the Linux kernel: one table `inet palisade` in each network namespace. */
export function nftFirewall(options: NftOptions): Firewall {
  return new NftFirewall(options)
}

class NftFirewall implements Firewall {
  readonly name = 'nft'
  readonly #options: NftOptions
  readonly #namespaces = new Map<Netns, Namespace>()
  /** Where a table is or may be, as was last taken down. */
  #known: ReadonlySet<Netns> = new Set()
  #programmed: Ruleset | undefined
  #bell: (() => void) | undefined
  /** When a table was last compared though nobody changed it, and which. */
  #compared = { at: 0, next: 0 }
  /** Settled when the work in hand is done; the next waits for it. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: NftOptions) {
    this.#options = options
  }

  read(): Promise<Ruleset> {
    return this.#inTurn(() => this.#read())
  }

  apply(change: RulesetChange): Promise<void> {
    return this.#inTurn(() => this.#apply(change))
  }

  repair(): Promise<readonly Drift[]> {
    return this.#inTurn(() => this.#repair())
  }

  watch(bell: () => void): () => void {
    this.#bell = bell
    for (const namespace of this.#namespaces.values()) namespace.watch(bell)
    return () => {
      this.#bell = undefined
      for (const namespace of this.#namespaces.values()) namespace.unwatch()
    }
  }

  /** Beside the work in hand: a large table takes seconds to list, and a change must not wait for that. */
  async counters(): Promise<readonly RuleSetHits[]> {
    if (this.#programmed === undefined) await this.read()
    const all: RuleSetHits[] = []
    for (const namespace of this.#namespaces.values()) all.push(...(await namespace.counters()))
    return all
  }

  async #read(): Promise<Ruleset> {
    for (const namespace of this.#namespaces.values()) namespace.unwatch()
    this.#namespaces.clear()
    const recorded = await this.#options.record.read()
    const instances = new Map(recorded.instances)
    const remotes = new Map(recorded.remotes)
    const byNamespace = this.#byNamespace(recorded.instances.values())
    const { executor, tables } = this.#options
    this.#known = new Set((await tables.read()).filter((netns) => executor.has(netns)))
    for (const netns of new Set([...this.#known, ...byNamespace.keys()])) {
      const { missing, missingRemotes } = await this.#open(netns, byNamespace.get(netns) ?? [], recorded)
      for (const key of missing) instances.delete(key)
      for (const key of missingRemotes) remotes.delete(key)
    }
    this.#programmed = { instances, remotes }
    return this.#programmed
  }

  async #apply(change: RulesetChange): Promise<void> {
    const before = this.#programmed ?? (await this.#read())
    const after = applyChange(before, change)
    const changed = [...change.put.map(({ instance }) => instance), ...change.remove]
    const remotes = [...change.putRemotes.keys(), ...change.removeRemotes]
    const puts = this.#byNamespace(change.put)
    await this.#note([...puts.keys()])
    await this.#openNew([...puts.keys(), ...this.#placesOf(changed, before)], before)
    const failures = new Map<Netns, FirewallError>()
    for (const [netns, namespace] of this.#namespaces) {
      const put = puts.get(netns) ?? []
      const stays = new Set(put.map(({ instance }) => instance))
      const remove = changed.filter((key) => !stays.has(key) && namespace.layout.instances.has(key))
      try {
        namespace.update({ put, remove, remotes }, { prefixes: (remote) => after.remotes.get(remote) })
        if (!namespace.isDue) continue
        await namespace.commit()
        await this.#sweep(namespace, after)
      } catch (error) {
        if (!(error instanceof FirewallError)) throw error
        failures.set(netns, error)
      }
    }
    await this.#settle(before, change, failures)
  }

  async #repair(): Promise<readonly Drift[]> {
    if (this.#programmed === undefined) await this.#read()
    const drifts: Drift[] = []
    const rolling = this.#nextToCompare()
    for (const [netns, namespace] of this.#namespaces) {
      if (this.#bell !== undefined) namespace.watch(this.#bell)
      if (!namespace.isDue && !namespace.isSuspect && netns !== rolling?.netns) continue
      const drift = await namespace.repair()
      if (drift !== undefined) drifts.push(drift)
    }
    return drifts
  }

  /** One namespace after the other is compared whole, in case its monitor missed something. */
  #nextToCompare(): Namespace | undefined {
    const now = this.#options.now().getTime()
    // A clock that was put back must not stop the comparisons.
    if (this.#bell === undefined || Math.abs(now - this.#compared.at) < COMPARE_EVERY_MS) return undefined
    const all = [...this.#namespaces.values()]
    this.#compared = { at: now, next: this.#compared.next + 1 }
    return all[this.#compared.next % Math.max(1, all.length)]
  }

  /** A sweep that fails leaves open what the kernel cuts at the opener's next packet. */
  async #sweep({ netns, layout }: Namespace, { remotes }: Ruleset): Promise<void> {
    const { executor, warn } = this.#options
    if (!executor.has(netns)) return
    try {
      await sweep(executor, netns, layout.instances.values(), layout.generation, (key) => remotes.get(key))
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      warn?.(
        `connections that the rules no longer allow are cut only when their opener sends, since conntrack failed: ${problem}`,
      )
    }
  }

  /** Takes down what was done. A namespace that failed is read anew before the next change. */
  async #settle(
    before: Ruleset,
    change: RulesetChange,
    failures: ReadonlyMap<Netns, FirewallError>,
  ): Promise<void> {
    const failed = (key: ObjectKey, instance: InstanceRuleset | undefined): boolean =>
      [instance, before.instances.get(key)].some(
        (one) => one !== undefined && this.#isEnforced(one) && failures.has(one.attachment?.netns),
      )
    const isWhole = failures.size === 0
    const done: RulesetChange = {
      put: change.put.filter((instance) => !failed(instance.instance, instance)),
      remove: change.remove.filter((key) => !failed(key, undefined)),
      putRemotes: isWhole ? change.putRemotes : new Map(),
      removeRemotes: isWhole ? change.removeRemotes : [],
    }
    for (const netns of failures.keys()) {
      this.#namespaces.get(netns)?.unwatch()
      this.#namespaces.delete(netns)
    }
    this.#programmed = applyChange(before, done)
    await this.#options.record.apply(done)
    const [first] = failures.values()
    if (first !== undefined) throw first
  }

  /** Takes down where a table is about to be, before it is. */
  async #note(places: readonly Netns[]): Promise<void> {
    if (places.every((netns) => this.#known.has(netns))) return
    const known = new Set([...this.#known, ...places])
    await this.#options.tables.write([...known])
    this.#known = known
  }

  async #openNew(places: readonly Netns[], programmed: Ruleset): Promise<void> {
    const missing = new Set(places.filter((netns) => !this.#namespaces.has(netns)))
    if (missing.size === 0) return
    const instances = this.#byNamespace(programmed.instances.values())
    for (const netns of missing) await this.#open(netns, instances.get(netns) ?? [], programmed)
  }

  async #open(
    netns: Netns,
    recorded: readonly InstanceRuleset[],
    ruleset: Ruleset,
  ): Promise<{ readonly missing: readonly ObjectKey[]; readonly missingRemotes: readonly ObjectKey[] }> {
    const { executor, now, packedFrom } = this.#options
    const options = { netns, executor, now, packedFrom }
    const { namespace, held } = await Namespace.open(options, recorded, (remote) =>
      ruleset.remotes.get(remote),
    )
    this.#namespaces.set(netns, namespace)
    if (this.#bell !== undefined) namespace.watch(this.#bell)
    return held
  }

  #isEnforced({ attachment }: InstanceRuleset): boolean {
    const { node } = this.#options
    return attachment !== undefined && (node === undefined || attachment.nodeName === node)
  }

  #placesOf(keys: readonly ObjectKey[], { instances }: Ruleset): readonly Netns[] {
    return [...this.#byNamespace(keys.flatMap((key) => instances.get(key) ?? [])).keys()]
  }

  #byNamespace(instances: Iterable<InstanceRuleset>): ReadonlyMap<Netns, readonly InstanceRuleset[]> {
    const groups = new Map<Netns, InstanceRuleset[]>()
    for (const instance of instances) {
      if (!this.#isEnforced(instance)) continue
      const netns = instance.attachment?.netns
      const group = groups.get(netns)
      if (group === undefined) groups.set(netns, [instance])
      else group.push(instance)
    }
    return groups
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action)
    this.#turn = result.catch(() => undefined)
    return result
  }
}
