import { displayKey, type ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { FirewallError, type Drift, type Faults } from '../firewall.ts'
import { DoubtfulRules } from './doubtful-rules.ts'
import { INVALID_PROTOCOLS } from './invalid-protocols.ts'
import type { Prefixes } from './judge.ts'
import type { LayoutChange } from './layout.ts'
import { placeOf, type Tenure } from './names-in-use.ts'
import { Namespace, type NamespaceOptions } from './namespace.ts'
import { overlappingVpcs } from './overlap.ts'
import { Ports } from './ports.ts'
import type { Held } from './takeover.ts'
import { UNTRACKED_PORTS } from './untracked-ports.ts'

/**
 * The instances that are attached to one network namespace. Those that its table would not filter are
 * refused: their ports are closed, as far as the kernel lets packets of theirs come by, and their rules
 * are left out.
 */
export class AttachedInstances {
  readonly namespace: Namespace
  readonly #options: NamespaceOptions
  readonly #ports: Ports
  /** Of an instance that several concern, the last one says why it is refused. */
  readonly #doubtful: readonly DoubtfulRules[]
  readonly #all: Map<ObjectKey, InstanceRuleset>
  readonly #refused = new Map<ObjectKey, string>()
  /** Whom the kernel does not hold as laid out, or may not hold, since the last commit or repair failed. */
  readonly #behind = new Set<ObjectKey>()
  #failure: string | undefined
  /** Of the namespace when it was last looked at; undefined: there was none. */
  #identity: string | undefined
  /** Nobody is attached by this name, and somebody is by another name of the namespace. */
  #isLeft = false
  #unattend: (() => void) | undefined

  private constructor(options: NamespaceOptions, namespace: Namespace, all: readonly InstanceRuleset[]) {
    this.#options = options
    this.namespace = namespace
    this.#ports = new Ports(options.executor, options.netns)
    this.#doubtful = [INVALID_PROTOCOLS, UNTRACKED_PORTS].map(
      (doubt) => new DoubtfulRules(options.executor, options.netns, doubt),
    )
    this.#identity = options.executor.identity(options.netns)
    this.#all = new Map(all.map((instance) => [instance.instance, instance]))
  }

  /** Reads what the namespace holds of what is on record. Rejects with FirewallError. */
  static async open(
    options: NamespaceOptions,
    recorded: readonly InstanceRuleset[],
    prefixes: Prefixes,
  ): Promise<{ readonly attached: AttachedInstances; readonly held: Held }> {
    const { namespace, held } = await Namespace.open(options, recorded, prefixes)
    const attached = new AttachedInstances(options, namespace, [...namespace.layout.instances.values()])
    await attached.#judge(prefixes)
    const refused = [...attached.#refused.keys()]
    for (const key of refused) attached.#all.delete(key)
    return { attached, held: { ...held, missing: [...held.missing, ...refused] } }
  }

  get isEmpty(): boolean {
    return this.#all.size === 0
  }

  /** Whether the namespace is there, and is programmed by this name of it. */
  get isProgrammed(): boolean {
    return this.#isThere && !this.#isLeft
  }

  has(key: ObjectKey): boolean {
    return this.#all.has(key)
  }

  /** Rejects with FirewallError where the change cannot be laid out, and then has to be opened anew. */
  async update({ put, remove, remotes }: LayoutChange, prefixes: Prefixes): Promise<void> {
    const known = [...remotes]
    for (const key of remove) {
      this.#all.delete(key)
      this.#refused.delete(key)
      this.#behind.delete(key)
    }
    for (const instance of put) this.#all.set(instance.instance, instance)
    const { layout } = this.namespace
    layout.update(
      { put: put.filter(({ instance }) => !this.#refused.has(instance)), remove, remotes: known },
      { prefixes },
    )
    for (const { instance } of put) this.#behind.add(instance)
    for (const remote of known) for (const key of layout.usersOf(remote)) this.#behind.add(key)
    this.#notice()
    if (!this.#isThere) return
    const names = put.flatMap(({ attachment }) => attachment?.interface ?? [])
    const isDoubtful =
      this.#ports.isStale(names) ||
      put.some((instance) => this.#doubtful.some((rules) => rules.mayConcern(instance)))
    if (isDoubtful || this.#refused.size > 0 || this.#vpcs().size > 1) await this.#judge(prefixes)
  }

  /** Rejects with FirewallError; packets then meet the rules that they met before. */
  async commit(): Promise<void> {
    // What a repair could not put right is not put right by having nothing to change.
    if (this.#failure !== undefined && this.namespace.isSuspect && !this.namespace.isDue) return
    await this.#attempt(async () => {
      if (this.namespace.isDue) await this.namespace.commit()
    })
  }

  /** Looks at what may have changed behind its back and puts it right. Rejects with FirewallError. */
  async repair(prefixes: Prefixes, isWhole: boolean): Promise<Drift | undefined> {
    const { isDue } = this.namespace
    const isLate = this.#failure !== undefined
    return this.#attempt(async () => {
      const { isAnother } = this.namespace
      if (isAnother) this.#leave()
      if (this.#ports.isStale([])) await this.#judge(prefixes)
      // What differs for reasons of palisade's own is nobody's drift.
      const isOwn = isLate || (!isDue && this.namespace.isDue)
      if (isOwn && !isAnother) await this.namespace.commit()
      if (!isWhole && !this.namespace.isDue && !this.namespace.isSuspect) return undefined
      return this.namespace.repair()
    })
  }

  /** Who is not held as wanted. */
  faults(): Faults {
    const faults = new Map(this.#refused)
    const behind = this.#isThere ? this.#behind : this.#all.keys()
    const reason = this.#isThere ? this.#failure : this.#absence()
    if (reason !== undefined) for (const key of behind) if (!faults.has(key)) faults.set(key, reason)
    return faults
  }

  watch(bell: () => void): void {
    const { executor, netns } = this.#options
    this.#unattend ??= executor.attend(netns, bell)
    if (!this.#isThere || this.#isLeft) return
    this.namespace.watch(bell)
    this.#ports.watch(bell)
  }

  unwatch(): void {
    this.#unattend?.()
    this.#unattend = undefined
    this.namespace.unwatch()
    this.#ports.unwatch()
  }

  /** Who listens in a namespace that lost its name keeps that alive, and hears nothing of the next one. */
  #leave(): void {
    this.namespace.unwatch()
    this.#ports.unwatch()
    this.#ports.forget()
  }

  /**
   * Whether another namespace came to have the name, or none has it. After the latter, one of the same identity
   * may be another as well, since the kernel gives numbers again.
   */
  #notice(): void {
    const { executor, netns } = this.#options
    const identity = executor.identity(netns)
    if (identity === this.#identity) return
    this.#identity = identity
    this.#ports.startAnew()
    this.#close([])
    this.namespace.startAnew()
  }

  get #isThere(): boolean {
    return this.#options.executor.has(this.#options.netns)
  }

  #absence(): string {
    return `there is no network namespace ${String(this.#options.netns)} (spec.attachment.netns): make it, or attach the instance elsewhere`
  }

  #vpcs(): ReadonlySet<ObjectKey> {
    return new Set([...this.#all.values()].map(({ vpc }) => vpc))
  }

  async #attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    this.#failure = undefined
    this.#notice()
    if (!this.#isThere) {
      this.#leave()
      this.#options.release?.(this.#options.netns)
      if (this.isEmpty) {
        this.namespace.forget()
        return undefined
      }
      const [first = ''] = this.#all.keys()
      const others = this.#all.size === 1 ? '' : ` and ${String(this.#all.size - 1)} more`
      throw new FirewallError(
        `there is no network namespace ${String(this.#options.netns)}, which ${displayKey(first)}${others} is attached to`,
      )
    }
    try {
      this.#isLeft = this.#claim() === 'Left'
      if (this.#isLeft) {
        this.#leave()
        this.namespace.forget()
        return undefined
      }
      const result = await action()
      this.#behind.clear()
      return result
    } catch (error) {
      if (error instanceof FirewallError) {
        this.#failure = error.message
        // What others changed and is not put right concerns everybody: there may be no table any more.
        if (this.namespace.isSuspect) for (const key of this.#all.keys()) this.#behind.add(key)
      }
      throw error
    }
  }

  #claim(): Tenure {
    const { netns, executor, claim } = this.#options
    const identity = executor.identity(netns)
    if (identity === undefined) return 'Kept'
    try {
      const tenure = claim(netns, identity)
      if (tenure === 'Taken') this.namespace.lose()
      return tenure
    } catch (error) {
      // Whoever has it instead does not hold what is wanted here.
      for (const key of this.#all.keys()) this.#behind.add(key)
      this.namespace.lose()
      throw error
    }
  }

  /** Decides anew who is refused, and lays out what that changes. */
  async #judge(prefixes: Prefixes): Promise<void> {
    if (!this.#isThere) return
    const byInterface = new Map<string, ObjectKey>()
    for (const { instance, attachment } of this.#all.values()) {
      if (attachment?.interface !== undefined) byInterface.set(attachment.interface, instance)
    }
    const otherwise = byInterface.size === 0 ? [] : await this.#ports.look(new Set(byInterface.keys()))
    const { netns } = this.#options
    const refused = await this.#withRulesNotKept()
    for (const [name, problem] of this.#ports.problems) {
      const key = byInterface.get(name)
      if (key !== undefined) refused.set(key, `interface ${name} (spec.attachment.interface) ${problem}`)
    }
    const vpcs = this.#vpcs()
    const overlapping = vpcs.size < 2 ? undefined : overlappingVpcs(this.#all.values(), prefixes)
    for (const { instance, vpc } of overlapping?.size === 0 ? [] : this.#all.values()) {
      const problem = overlapping?.get(vpc)
      if (problem === undefined) continue
      refused.set(instance, `it cannot be attached to ${placeOf(netns)} (spec.attachment): ${problem}`)
    }
    this.#refuse(refused, otherwise, prefixes)
  }

  /** Whose rules this kernel cannot keep, with the reason. */
  async #withRulesNotKept(): Promise<Map<ObjectKey, string>> {
    const found = new Map<ObjectKey, string>()
    for (const rules of this.#doubtful) {
      for (const [key, problem] of await rules.among(this.#all.values())) found.set(key, problem)
    }
    return found
  }

  #refuse(refused: Faults, otherwise: readonly string[], prefixes: Prefixes): void {
    const lifted = [...this.#refused.keys()].filter((key) => !refused.has(key))
    const remove = [...refused.keys()].filter((key) => !this.#refused.has(key))
    this.#refused.clear()
    for (const [key, problem] of refused) this.#refused.set(key, problem)
    const { layout } = this.namespace
    const put = lifted.flatMap((key) => this.#all.get(key) ?? [])
    for (const key of lifted) this.#behind.add(key)
    layout.update({ put, remove, remotes: [] }, { prefixes })
    this.#close(otherwise)
  }

  /** Closes the interfaces of whom is refused, and these. */
  #close(otherwise: readonly string[]): void {
    const refused = [...this.#refused.keys()].flatMap(
      (key) => this.#all.get(key)?.attachment?.interface ?? [],
    )
    this.namespace.layout.close(new Set([...refused, ...otherwise]))
  }
}
