import { displayKey, type ObjectKey } from '../../core/key.ts'
import { applyChange } from '../../policy/ruleset-change.ts'
import type { InstanceRuleset, Ruleset, RulesetChange } from '../../policy/ruleset.ts'
import { FirewallError, type Drift, type Faults, type Firewall, type RuleSetHits } from '../firewall.ts'
import { AttachedInstances } from './attached-instances.ts'
import type { Executor, Netns } from './executor.ts'
import type { KnownTables } from './known-tables.ts'
import type { Prefixes } from './judge.ts'
import type { LayoutChange } from './layout.ts'
import { NamesInUse, type Tenure } from './names-in-use.ts'
import { Sweeps } from './sweeps.ts'
import type { Held } from './takeover.ts'

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
  /** Throws FirewallError while another palisade programs a namespace; absent: there is no other. */
  readonly claim?: (netns: Netns, identity: string) => void
  /** Told when nothing has a name any more that was claimed. */
  readonly release?: (netns: Netns) => void
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
  readonly node?: string
  readonly #options: NftOptions
  readonly #namespaces = new Map<Netns, AttachedInstances>()
  readonly #names: NamesInUse
  readonly #sweeps: Sweeps
  /** Where a table is or may be, as was last taken down. */
  #known: ReadonlySet<Netns> = new Set()
  /** What the kernel was told, whether it took it or not. */
  #programmed: Ruleset | undefined
  /** Instances that are not on record as they should be, and the namespaces that have to take them first. */
  readonly #unrecorded = new Map<ObjectKey, Set<Netns>>()
  #bell: (() => void) | undefined
  /** When a table was last compared though nobody changed it, and which. */
  #compared = { at: 0, next: 0 }
  /** Settled when the work in hand is done; the next waits for it. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: NftOptions) {
    this.#options = options
    this.#sweeps = new Sweeps(options)
    this.#names = new NamesInUse(options.executor, this.#namespaces)
    if (options.node !== undefined) this.node = options.node
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
    for (const { namespace } of this.#namespaces.values()) all.push(...(await namespace.counters()))
    return all
  }

  async #read(): Promise<Ruleset> {
    for (const namespace of this.#namespaces.values()) namespace.unwatch()
    this.#namespaces.clear()
    this.#unrecorded.clear()
    const recorded = await this.#options.record.read()
    const instances = new Map(recorded.instances)
    const remotes = new Map(recorded.remotes)
    const byNamespace = this.#byNamespace(recorded.instances.values())
    const { executor, tables } = this.#options
    this.#known = new Set((await tables.read()).filter((netns) => executor.has(netns)))
    for (const netns of new Set([...this.#known, ...byNamespace.keys()])) {
      const own = byNamespace.get(netns) ?? []
      const { missing, missingRemotes } = await this.#openOrMiss(netns, own, recorded)
      for (const key of missing) instances.delete(key)
      for (const key of missingRemotes) remotes.delete(key)
    }
    this.#programmed = { instances, remotes }
    return this.#programmed
  }

  /** Where nothing can be read, nothing counts as programmed: who wants it says so anew, and is told why not. */
  async #openOrMiss(netns: Netns, own: readonly InstanceRuleset[], recorded: Ruleset): Promise<Held> {
    try {
      return await this.#open(netns, own, recorded)
    } catch (error) {
      if (!(error instanceof FirewallError)) throw error
      return { missing: own.map(({ instance }) => instance), missingRemotes: [] }
    }
  }

  async #apply(change: RulesetChange): Promise<void> {
    const before = this.#programmed ?? (await this.#read())
    const after = applyChange(before, change)
    const prefixes = (key: ObjectKey): readonly string[] | undefined => after.remotes.get(key)
    const changed = [...change.put.map(({ instance }) => instance), ...change.remove]
    const remotes = [...change.putRemotes.keys(), ...change.removeRemotes]
    const puts = this.#byNamespace(change.put)
    await this.#note([...puts.keys()])
    const failures = await this.#openNew([...puts.keys(), ...this.#placesOf(changed, before)], before)
    for (const [netns, attached] of this.#namespaces) {
      const put = puts.get(netns) ?? []
      const stays = new Set(put.map(({ instance }) => instance))
      const remove = changed.filter((key) => !stays.has(key) && attached.has(key))
      const failure = await caught(() =>
        this.#sweeps.after(attached, prefixes, async () => {
          await this.#update(attached, { put, remove, remotes }, prefixes)
          await attached.commit()
        }),
      )
      if (failure !== undefined) failures.set(netns, failure)
    }
    this.#programmed = after
    if (failures.size === 0 && this.#unrecorded.size === 0) await this.#options.record.apply(change)
    else {
      for (const key of changed) this.#unrecorded.set(key, new Set(this.#placesOf([key], before, after)))
      await this.#record(failures, change)
    }
    this.#report(failures, puts, [])
  }

  async #update(attached: AttachedInstances, change: LayoutChange, prefixes: Prefixes): Promise<void> {
    try {
      await attached.update(change, prefixes)
    } catch (error) {
      // What is laid out of it may be a half: it is read anew before the next change.
      attached.unwatch()
      this.#namespaces.delete(attached.namespace.netns)
      throw error
    }
  }

  async #repair(): Promise<readonly Drift[]> {
    const { remotes } = this.#programmed ?? (await this.#read())
    const prefixes = (key: ObjectKey): readonly string[] | undefined => remotes.get(key)
    const drifts: Drift[] = []
    const failures = new Map<Netns, FirewallError>()
    const rolling = this.#nextToCompare()
    for (const [netns, attached] of this.#namespaces) {
      if (this.#bell !== undefined) attached.watch(this.#bell)
      const failure = await caught(async () => {
        const repair = (): Promise<Drift | undefined> => attached.repair(prefixes, attached === rolling)
        const drift = await this.#sweeps.after(attached, prefixes, repair)
        if (drift !== undefined) drifts.push(drift)
      })
      if (failure !== undefined) failures.set(netns, failure)
      if (this.#bell !== undefined) attached.watch(this.#bell)
    }
    if (this.#unrecorded.size > 0) await this.#record(failures, NO_CHANGE)
    this.#report(failures, new Map(), drifts)
    return drifts
  }

  /** One namespace after the other is compared whole, in case its monitor missed something. */
  #nextToCompare(): AttachedInstances | undefined {
    const now = this.#options.now().getTime()
    // A clock that was put back must not stop the comparisons.
    if (this.#bell === undefined || Math.abs(now - this.#compared.at) < COMPARE_EVERY_MS) return undefined
    const all = [...this.#namespaces.values()]
    this.#compared = { at: now, next: this.#compared.next + 1 }
    return all[this.#compared.next % Math.max(1, all.length)]
  }

  /**
   * Takes down what the kernel took. What remotes stand for is recorded in any case: where a namespace does
   * not hold it, the next start sees that.
   */
  async #record(
    failures: ReadonlyMap<Netns, FirewallError>,
    { putRemotes, removeRemotes }: Pick<RulesetChange, 'putRemotes' | 'removeRemotes'>,
  ): Promise<void> {
    const put: InstanceRuleset[] = []
    const remove: ObjectKey[] = []
    for (const [key, places] of this.#unrecorded) {
      if ([...places].some((netns) => failures.has(netns))) continue
      const instance = this.#programmed?.instances.get(key)
      if (instance === undefined) remove.push(key)
      else put.push(instance)
    }
    await this.#options.record.apply({ put, remove, putRemotes, removeRemotes })
    for (const key of [...put.map(({ instance }) => instance), ...remove]) this.#unrecorded.delete(key)
  }

  /** Throws FirewallError unless everybody is held as wanted; `puts` were to be told to namespaces that could not be opened. */
  #report(
    failures: ReadonlyMap<Netns, FirewallError>,
    puts: ReadonlyMap<Netns, readonly InstanceRuleset[]>,
    drift: readonly Drift[],
  ): void {
    const faults = new Map<ObjectKey, string>()
    for (const attached of this.#namespaces.values()) {
      for (const [key, reason] of attached.faults()) faults.set(key, reason)
    }
    for (const [netns, { message }] of failures) {
      if (this.#namespaces.has(netns)) continue
      for (const { instance } of puts.get(netns) ?? []) faults.set(instance, message)
    }
    if (failures.size > 0 || faults.size > 0) {
      const [cause] = failures.values()
      throw new FirewallError(sentenceOf(failures, faults), { cause, faults, drift })
    }
  }

  /** Takes down where a table is about to be, before it is. */
  async #note(places: readonly Netns[]): Promise<void> {
    if (places.every((netns) => this.#known.has(netns))) return
    const known = new Set([...this.#known, ...places])
    await this.#options.tables.write([...known])
    this.#known = known
  }

  async #openNew(places: readonly Netns[], programmed: Ruleset): Promise<Map<Netns, FirewallError>> {
    const failures = new Map<Netns, FirewallError>()
    const missing = new Set(places.filter((netns) => !this.#namespaces.has(netns)))
    if (missing.size === 0) return failures
    const instances = this.#byNamespace(programmed.instances.values())
    for (const netns of missing) {
      const failure = await caught(async () => {
        await this.#open(netns, instances.get(netns) ?? [], programmed)
      })
      if (failure !== undefined) failures.set(netns, failure)
    }
    return failures
  }

  async #open(netns: Netns, recorded: readonly InstanceRuleset[], ruleset: Ruleset): Promise<Held> {
    const { executor, now, packedFrom, release } = this.#options
    const { attached, held } = await AttachedInstances.open(
      { netns, executor, now, packedFrom, claim: (...words) => this.#claim(...words), release },
      recorded,
      (remote) => ruleset.remotes.get(remote),
    )
    this.#namespaces.set(netns, attached)
    // Of those that are refused, or that the kernel does not hold as they are on record, it may hold something.
    this.#sweeps.remember(netns, recorded)
    this.#names.found(netns)
    if (this.#bell !== undefined) attached.watch(this.#bell)
    return held
  }

  #claim(netns: Netns, identity: string): Tenure {
    const tenure = this.#names.take(netns, identity)
    if (tenure !== 'Left') this.#options.claim?.(netns, identity)
    return tenure
  }

  #isEnforced({ attachment }: InstanceRuleset): boolean {
    const { node } = this.#options
    return attachment !== undefined && (node === undefined || attachment.nodeName === node)
  }

  #placesOf(keys: readonly ObjectKey[], ...rulesets: readonly Ruleset[]): readonly Netns[] {
    const instances = rulesets.flatMap((ruleset) => keys.flatMap((key) => ruleset.instances.get(key) ?? []))
    return [...this.#byNamespace(instances).keys()]
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

/** The first problem, and how many more there are. */
function sentenceOf(failures: ReadonlyMap<Netns, FirewallError>, faults: Faults): string {
  const [failure] = failures.values()
  if (failure !== undefined) return `${failure.message}${andMore(failures.size - 1, 'network namespace')}`
  const [[key, reason] = ['', '']] = faults
  return `${displayKey(key)} is not enforced: ${reason}${andMore(faults.size - 1, 'instance')}`
}

const andMore = (more: number, what: string): string =>
  more === 0 ? '' : ` (and ${String(more)} more ${what}${more === 1 ? '' : 's'})`

const NO_CHANGE = { putRemotes: new Map<ObjectKey, readonly string[]>(), removeRemotes: [] }

/** One namespace that fails must not keep the others from being programmed. */
async function caught(action: () => Promise<void>): Promise<FirewallError | undefined> {
  try {
    await action()
    return undefined
  } catch (error) {
    if (error instanceof FirewallError) return error
    throw error
  }
}
