import { isGuardedKind } from '../api/guarded-kinds.ts'
import { keyOf, type PalisadeObject } from '../api/objects.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { kindOfKey, type ObjectKey } from '../core/key.ts'
import { formatMoment, type Moment } from '../core/moment.ts'
import { Acceptance } from '../policy/acceptance/acceptance.ts'
import type { AcceptanceResult } from '../policy/acceptance/decision.ts'
import type { Touched } from '../policy/model/touched.ts'
import type { Ruleset } from '../policy/ruleset.ts'
import type { Inventory } from '../store/store.ts'
import type { AgentReports } from './agent-reports.ts'
import { byPlace, located } from './declared.ts'
import { DeclaredVersions, type Look } from './declared-versions.ts'
import { heldBackDeletion, isHeldBack, type DeletionAllowance } from './deletion-brake.ts'
import { Programmed } from './desired.ts'
import { Hold } from './hold.ts'
import { InventoryKeeper, type TakenInventory } from './inventory-keeper.ts'
import { objectChanges } from './object-changes.ts'
import { ExpiryWatch } from './expiry-watch.ts'
import { ObjectFindings } from './object-findings.ts'
import { ForwardClock } from './forward-clock.ts'
import { planRulesets, type ObjectChange } from './plan.ts'
import type { Outcome, Reconciliation, SourceState } from './reconciliation.ts'
import { RemoteListing } from './status/remote-listing.ts'
import type { Faults } from '../firewall/firewall.ts'
import { StatusBuilder, type Drift } from './status/status-builder.ts'
import { unkeptPromise, type UnkeptPromise } from './status/promise-status.ts'
import { Unprogrammed } from './unprogrammed.ts'
import { stampStatus } from './status/status-writer.ts'

export interface EngineOptions {
  readonly inventory: Inventory
  /** What the firewall holds. */
  readonly programmed: Ruleset
  readonly now: () => Date
  readonly allowance: DeletionAllowance
  /** Remote groups are listed in status with their addresses up to this many. */
  readonly listedAddresses: number
  /** Paths of the files that palisade brings itself; their objects are not counted as the user's. */
  readonly builtIn: ReadonlySet<string>
  /** Whether the clock is believed although it has shown a later time. */
  readonly trustClock?: boolean
  /** The node whose instances the firewall enforces; absent: all are its own. */
  readonly node?: string
  /** In a cluster: who programs instead of the firewall. */
  readonly agents?: AgentReports
  /** Whether the version in force is written into each status, where no inventory outlives the process. */
  readonly remembersInStatus?: boolean
  /** Changes that are not made; absent: none. */
  readonly hold?: Hold
}

/**
 * The reconcile loop without its I/O: source in, plan and status out. `validate`, `plan`, `apply`,
 * `run` and the golden tests all use this one path.
 */
export class Engine {
  readonly #acceptance = new Acceptance()
  readonly model = this.#acceptance.model
  /** What would be, if one object were declared or withdrawn now. */
  readonly trial = this.#acceptance.trial
  readonly #versions: DeclaredVersions
  readonly #keeper: InventoryKeeper
  /** What the firewall holds, as far as is known. */
  readonly programmed: Programmed
  readonly #options: EngineOptions
  readonly #status: StatusBuilder
  readonly #remotes: RemoteListing
  readonly #clock: ForwardClock
  readonly #expiry: ExpiryWatch
  readonly #findings: ObjectFindings
  readonly #statusDue = new Set<ObjectKey>()
  /** Checks that do not hold, or of which that is not known. */
  readonly #unkept = new Map<ObjectKey, UnkeptPromise>()
  readonly #unprogrammed = new Unprogrammed(this.model)
  /** Before the first look nothing is known of what is declared, so there is no status to tell. */
  #hasLooked = false

  constructor(options: EngineOptions) {
    this.#options = options
    this.#keeper = new InventoryKeeper(options.inventory, options.now)
    const { builtIn, hold = Hold.NOTHING, remembersInStatus = false } = options
    this.#versions = new DeclaredVersions(
      builtIn,
      this.#keeper,
      hold,
      (key) => remembersInStatus && !isGuardedKind(kindOfKey(key)),
    )
    this.programmed = new Programmed(options.programmed)
    const since = options.trustClock === true ? undefined : this.#keeper.moment
    this.#clock = new ForwardClock(options.now, since)
    this.#expiry = new ExpiryWatch(this.model)
    this.#findings = new ObjectFindings({
      model: this.model,
      acceptance: this.#acceptance,
      expiry: this.#expiry,
      declared: this.#versions.all,
    })
    // What has ended since the last look is in force until the next one.
    this.model.advance(since ?? this.#clock.read())
    this.#acceptance.restore(this.#keeper.acceptedObjects(), this.#keeper.refusedGroups())
    this.#status = new StatusBuilder(this.model, this.#acceptance, options)
    this.#remotes = new RemoteListing(this.model, options.listedAddresses)
  }

  /** The version of an object in force, for rules about what may change. */
  previous(key: ObjectKey): PalisadeObject | undefined {
    return this.#keeper.entry(key)?.accepted?.object
  }

  /** The inventory, if it has changed since it was last taken. To be written before the change is applied. */
  takeInventory(statusDue: boolean): TakenInventory | undefined {
    return this.#keeper.take(statusDue)
  }

  /** Whether the inventory that was last taken says that statuses are due. */
  get isStatusDue(): boolean {
    return this.#keeper.isStatusDue
  }

  reconcile(state: SourceState): Reconciliation {
    const look = this.#versions.look(state)
    const users = look.missing.filter((key) => this.#keeper.isDeclared(key) && !this.#isBuiltIn(key))
    const declaredCount = (): number => this.#keeper.declaredCount(this.#options.builtIn)
    if (isHeldBack(users, declaredCount, this.#options.allowance)) {
      return this.#holdBack(users.sort())
    }
    this.#hasLooked = true
    return this.#apply(look)
  }

  /**
   * Takes note of whether the firewall took the change. `refusal` says in a sentence why it did not, and
   * `faults` for whom, if not for all that it concerns; for them the change stays due.
   */
  settle(
    { change }: Reconciliation,
    refusal: string | undefined,
    drift: readonly Drift[] = [],
    faults?: Faults,
  ): Outcome {
    for (const { instance } of change.put) this.#statusDue.add(instance)
    for (const key of this.#unprogrammed.note(change, refusal, faults)) this.#statusDue.add(key)
    for (const key of this.#options.agents?.drain() ?? []) this.#statusDue.add(key)
    this.programmed.settle(change, refusal, faults)
    const now = this.#options.now()
    for (const key of this.#status.refresh(drift, now)) this.#statusDue.add(key)
    const at = formatMoment(now.getTime())
    const putStatus: PalisadeObject[] = []
    const removeStatus: ObjectKey[] = []
    for (const key of this.#hasLooked ? this.#statusDue : []) {
      const stamped = this.#stamp(key, at)
      if (stamped === 'Gone') removeStatus.push(key)
      else if (stamped !== undefined) putStatus.push(stamped)
    }
    if (this.#hasLooked) this.#statusDue.clear()
    return { putStatus, removeStatus }
  }

  /** Statuses that were lost from where they are written: they are written again. */
  rewriteStatus(present: ReadonlySet<ObjectKey>): void {
    for (const key of this.#keeper.keys()) {
      if (!present.has(key)) this.loseStatus([key])
    }
    for (const key of present) if (this.#keeper.entry(key) === undefined) this.#statusDue.add(key)
  }

  /** Statuses that were given and could not be written: they are due again. */
  loseStatus(keys: Iterable<ObjectKey>): void {
    for (const key of keys) {
      this.#keeper.forgetStatus(key)
      this.#statusDue.add(key)
    }
  }

  /** Findings about an object, with the place where it is declared. */
  located(key: ObjectKey, findings: readonly Diagnostic[]): readonly Diagnostic[] {
    return located(findings, this.#versions.all.get(key)?.locate)
  }

  /** Takes what was found of each check, for its status; returns it with its places. */
  takePromises(promises: ReadonlyMap<ObjectKey, readonly Diagnostic[]>): readonly Diagnostic[] {
    for (const [key, findings] of promises) {
      const unkept = unkeptPromise(findings)
      if (this.#unkept.get(key)?.message === unkept?.message) continue
      if (unkept === undefined) this.#unkept.delete(key)
      else this.#unkept.set(key, unkept)
      this.#statusDue.add(key)
    }
    return [...promises].flatMap(([key, findings]) => this.located(key, findings))
  }

  /** What time alone changes while the source is not followed: what has ended closes all the same. */
  idle(): Reconciliation {
    const now = this.#advance()
    const touched = this.model.drain()
    const { changed, next } = this.#reviewExpiry(now)
    this.#findings.collect(changed)
    this.#markStatus(changed, undefined, touched)
    return this.#reconciliation([], touched, now, next)
  }

  #advance(): Moment {
    const now = this.#clock.read()
    this.model.advance(now)
    return now
  }

  #reviewExpiry(now: Moment): ReturnType<ExpiryWatch['review']> {
    const review = this.#expiry.review(now)
    this.#keeper.reach(now, review.ended)
    return review
  }

  #reconciliation(
    objects: readonly ObjectChange[],
    touched: Touched,
    at: Moment,
    next: Moment | undefined,
  ): Reconciliation {
    this.programmed.touch(touched.instances, touched.remotes)
    const change = this.programmed.change(this.model)
    return {
      plan: { objects, ...planRulesets(this.programmed, change) },
      change,
      findings: this.#allFindings(),
      heldBack: [],
      foreign: this.#versions.index.foreign(),
      at,
      next,
      blocked: undefined,
    }
  }

  #apply(look: Look): Reconciliation {
    const now = this.#advance()
    const retained = this.#versions.retained
    const declare = this.#versions.take(look)
    for (const key of [...retained, ...this.#versions.retained]) this.#statusDue.add(key)
    const { keys, deleted } = look
    const result = this.#acceptance.apply({ declare, withdraw: deleted })
    const touched = this.model.drain()
    const { enforced } = result
    for (const key of enforced) this.#keeper.enforce(key, this.model.object(key))
    for (const judged of [keys, result.judged]) this.#noteVerdicts(judged)
    for (const key of [...deleted, ...enforced]) {
      if (!this.#versions.all.has(key) && this.model.object(key) === undefined) this.#keeper.delete(key)
    }
    const { changed, next } = this.#reviewExpiry(now)
    this.#findings.collect([...keys, ...result.judged, ...changed])
    this.#markStatus([...keys, ...changed], result, touched)
    return this.#reconciliation(
      objectChanges(result, this.model, (key) => this.#isBuiltIn(key)),
      touched,
      now,
      next,
    )
  }

  /** What is held was not judged: what was found of it before stays. */
  #noteVerdicts(judged: Iterable<ObjectKey>): void {
    for (const key of judged) {
      const declared = this.#versions.all.get(key)
      if (declared === undefined || this.#versions.heldFor(key) !== undefined) continue
      this.#keeper.judge(declared, this.#acceptance.verdict(key).accepted)
    }
  }

  #holdBack(deleted: readonly ObjectKey[]): Reconciliation {
    const finding = heldBackDeletion(deleted, this.#keeper.declaredCount(this.#options.builtIn))
    const rest = this.idle()
    return { ...rest, findings: [finding, ...rest.findings], heldBack: deleted }
  }

  #allFindings(): readonly Diagnostic[] {
    return [...this.#clock.findings(), ...this.#versions.index.findings(), ...this.#findings.all()].sort(
      byPlace,
    )
  }

  /** What palisade brings itself is no news to anybody. */
  #isBuiltIn(key: ObjectKey): boolean {
    return this.#options.builtIn.has(this.#keeper.entry(key)?.origin ?? '')
  }

  #markStatus(looked: Iterable<ObjectKey>, result: AcceptanceResult | undefined, touched: Touched): void {
    const judged =
      result === undefined ? [] : [result.enforced, result.judged, result.referred, result.recounted]
    const { instances, groups, vpcs, remotes } = touched
    for (const keys of [looked, ...judged, instances, groups, vpcs, remotes]) {
      for (const key of keys) this.#statusDue.add(key)
    }
    for (const remote of remotes) {
      if (!this.#remotes.hasChanged(remote)) continue
      for (const instance of this.model.instancesUsing(remote)) this.#statusDue.add(instance)
    }
  }

  /** The group that palisade makes itself, where it is one. */
  #generatedObject(key: ObjectKey): PalisadeObject | undefined {
    const node = this.model.group(key)?.node
    return node?.generated === true ? node.object : undefined
  }

  #stamp(key: ObjectKey, at: string): PalisadeObject | 'Gone' | undefined {
    const generatedObject = this.#generatedObject(key)
    const object = this.#versions.all.get(key)?.object ?? this.model.object(key) ?? generatedObject
    if (object === undefined) {
      // It keeps its place in the order of acceptance for as long as somebody declares it.
      if (this.#versions.isKept(key)) this.#keeper.forgetStatus(key)
      else this.#keeper.delete(key)
      return 'Gone'
    }
    const isGenerated = object === generatedObject
    const entry = isGenerated ? this.#keeper.generated(key) : this.#keeper.entry(key)
    if (entry === undefined) throw new Error(`${keyOf(object)} has no entry in the inventory`)
    const status = this.#status.build(key, object, isGenerated, {
      findings: this.#findings.of(key),
      unreadable: this.#versions.retained.has(key),
      held: this.#versions.heldFor(key),
      isDeleted: !this.#versions.all.has(key),
      unprogrammed: this.#unprogrammed.of(key),
      unkept: this.#unkept.get(key),
      generation: entry.accepted?.generation,
    })
    const { remembersInStatus } = this.#options
    const stamped = stampStatus(entry, object, status, { at, remembersInStatus })
    if (stamped === undefined) return undefined
    this.#keeper.writeStatus(key, stamped.record)
    return stamped.object
  }
}
