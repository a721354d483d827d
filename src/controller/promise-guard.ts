import { keyOf, type PalisadeObject } from '../api/objects.ts'
import type { Drift, Faults } from '../firewall/firewall.ts'
import type { ReachabilityCheck } from '../api/types.gen.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { ObjectKey } from '../core/key.ts'
import type { Moment } from '../core/moment.ts'
import { ChangeScope } from '../policy/assurance/affected.ts'
import { assess, checksOf, Evidence, type Assessment } from '../policy/assurance/evaluate.ts'
import type { Model } from '../policy/model/model.ts'
import { ReachabilityMemory } from '../policy/reachability/reachability.ts'
import type { Ruleset } from '../policy/ruleset.ts'
import type { Inventory, InventoryEntry } from '../store/store.ts'
import { isEmptyChange } from './desired.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { Hold } from './hold.ts'
import type { TakenInventory } from './inventory-keeper.ts'
import { partOf } from './plan.ts'
import {
  isSameSource,
  type BlockedChange,
  type Outcome,
  type Reconciliation,
  type SourceState,
} from './reconciliation.ts'
import { blockingFindings, findingsOf, isBlocking, isBroken } from './promise-findings.ts'

/** What a fresh engine is started from. */
export type EngineMemory = Pick<EngineOptions, 'inventory' | 'programmed'> & { readonly hold: Hold }

/** A change that is held for as long as the source says the same. */
interface Standing {
  readonly state: SourceState
  readonly findings: readonly Diagnostic[]
  readonly blocked: BlockedChange
  /** From when on time may have decided otherwise; undefined: never. */
  readonly until: Moment | undefined
}

/**
 * An engine that keeps promises: a change after which a ReachabilityCheck that blocks would be broken by more than
 * it was before is not made. What was in force stays, as after a restart; changes of other namespaces are made.
 *
 * What is broken already blocks nothing that does not make it worse, so that a repair gets through.
 */
export class PromiseGuard {
  readonly #duty: Duty
  readonly #start: (memory: EngineMemory) => Engine
  /** What is in force, as it was last handed out to be remembered. */
  #inventory: Omit<Inventory, 'entries'>
  readonly #entries: Map<ObjectKey, InventoryEntry>
  #engine: Engine
  #standing: Standing | undefined
  /** Statuses that were lost and are not yet written again. */
  readonly #lost = new Set<ObjectKey>()
  /** What was found of each check when something last changed that concerns it. */
  #known: ReadonlyMap<ReachabilityCheck, Assessment> = new Map()
  readonly #memory = new ReachabilityMemory()

  constructor(
    start: (memory: EngineMemory) => Engine,
    inventory: Inventory,
    programmed: Ruleset,
    duty: Duty = 'Keep',
  ) {
    this.#duty = duty
    this.#start = start
    this.#entries = new Map(inventory.entries)
    this.#inventory = inventory
    this.#engine = start({ inventory, programmed, hold: Hold.NOTHING })
  }

  get model(): Model {
    return this.#engine.model
  }

  get trial(): Engine['trial'] {
    return this.#engine.trial
  }

  previous(key: ObjectKey): PalisadeObject | undefined {
    return this.#engine.previous(key)
  }

  get isStatusDue(): boolean {
    return this.#engine.isStatusDue
  }

  /** Whether there is anything to remember since it was last taken: it is in `inventory`. */
  takeInventory(statusDue: boolean): boolean {
    const taken = this.#engine.takeInventory(statusDue)
    if (taken === undefined) return false
    this.#note(taken)
    this.#lost.clear()
    return true
  }

  /** What is in force as it was last taken: nothing of a change that is being judged. */
  get inventory(): Inventory {
    return { ...this.#inventory, entries: this.#entries }
  }

  /** The engine goes on to change what it handed out, and to copy all of it would take longer than the rest of a turn. */
  #note(taken: TakenInventory): void {
    for (const key of taken.changed) {
      const entry = taken.entries.get(key)
      if (entry === undefined) this.#entries.delete(key)
      else this.#entries.set(key, entry)
    }
    this.#inventory = taken
  }

  idle(): Reconciliation {
    return this.#noted(this.#engine.idle())
  }

  /** What changes while nothing is assessed is to be assessed later. */
  #noted(idle: Reconciliation): Reconciliation {
    if (!isEmptyChange(idle.change)) this.#known = new Map()
    return idle
  }

  settle(
    reconciliation: Reconciliation,
    refusal: string | undefined,
    drift?: readonly Drift[],
    faults?: Faults,
  ): Outcome {
    return this.#engine.settle(reconciliation, refusal, drift, faults)
  }

  rewriteStatus(present: ReadonlySet<ObjectKey>): void {
    this.#engine.rewriteStatus(present)
  }

  loseStatus(keys: Iterable<ObjectKey>): void {
    for (const key of keys) this.#lost.add(key)
    this.#engine.loseStatus(this.#lost)
  }

  reconcile(state: SourceState): Reconciliation {
    const standing = this.#standing
    if (standing === undefined) return this.#reconcileAnew(state)
    if (isSameSource(standing.state, state)) {
      const done = this.#engine.reconcile(state)
      if (standing.until === undefined || done.at < standing.until) return this.#stand(standing, done)
    }
    this.#adopt(this.#restart(Hold.NOTHING))
    return this.#reconcileAnew(state)
  }

  #reconcileAnew(state: SourceState): Reconciliation {
    const asked = this.#engine.reconcile(state)
    if (asked.heldBack.length > 0) return this.#noted(asked)
    const now = new Evidence(this.model, this.#memory)
    const promises = this.#assessed(asked, now)
    const blocking = [...promises].filter(([check, assessment]) => isBlocking(check) && isBroken(assessment))
    if (this.#duty === 'Keep' && blocking.length > 0) {
      const last = this.#restart(Hold.ALL)
      // What time alone closes is nobody's change, and what a server has let go cannot be held.
      last.reconcile(state)
      const before = new Evidence(last.model, this.#memory)
      const found = blockingFindings(now, before)
      if (found.length > 0) return this.#hold(state, asked, before, found)
    }
    return this.#finish(asked, promises)
  }

  /** Goes back to what was in force, where the change makes a check worse, and makes the rest of the change. */
  #hold(
    state: SourceState,
    asked: Reconciliation,
    before: Evidence,
    found: readonly Diagnostic[],
  ): Reconciliation {
    const { model } = this
    const told: Diagnostic[] = []
    let hold = Hold.NOTHING
    let done = asked
    for (let worse = found; worse.length > 0;) {
      const reasons = worse.flatMap((finding) => this.#engine.located(finding.object ?? '', [finding]))
      told.push(...reasons.filter(({ object }) => told.every((known) => known.object !== object)))
      hold = hold.with(reasons)
      this.#adopt(this.#restart(hold))
      done = this.#engine.reconcile(state)
      worse = hold.isWhole ? [] : blockingFindings(new Evidence(this.model, this.#memory), before)
    }
    const standing = {
      state,
      findings: [...told, ...asked.findings],
      blocked: {
        plan: partOf(asked.plan, (key) => hold.reasonsFor(key) !== undefined),
        model,
        checks: told.flatMap(({ object }) => object ?? []),
      },
      until: earliest(asked.next, done.next),
    }
    this.#standing = standing
    return this.#stand(standing, done)
  }

  #stand({ findings, blocked, until }: Standing, done: Reconciliation): Reconciliation {
    const promises = this.#assessed(done, new Evidence(this.model, this.#memory))
    // What is held ends in no rule that is in force, and is to be looked at again all the same.
    const next = earliest(done.next, until)
    return { ...this.#finish({ ...done, findings, next }, promises), blocked }
  }

  /** What is found of each check; what a change does not concern is known. */
  #assessed(done: Reconciliation, now: Evidence): ReadonlyMap<ReachabilityCheck, Assessment> {
    const objects = done.plan.objects.map(({ key }) => key)
    const scope = this.#known.size === 0 ? undefined : new ChangeScope(this.model, objects, done.change)
    const assessed = checksOf(this.model).map((check) => {
      const known = this.#known.get(check)
      const isKnown = known !== undefined && scope?.concerns(check, known) === false
      return [check, isKnown ? known : assess(check, now)] as const
    })
    return new Map(assessed)
  }

  #finish(done: Reconciliation, promises: ReadonlyMap<ReachabilityCheck, Assessment>): Reconciliation {
    this.#known = promises
    const found = new Map(
      [...promises].map(([check, assessment]) => [keyOf(check), findingsOf(check, assessment)]),
    )
    return { ...done, findings: [...done.findings, ...this.#engine.takePromises(found)] }
  }

  #restart(hold: Hold): Engine {
    const { inventory } = this
    return this.#start({ inventory, programmed: this.#engine.programmed, hold })
  }

  #adopt(engine: Engine): void {
    engine.loseStatus(this.#lost)
    this.#engine = engine
    this.#known = new Map()
    this.#standing = undefined
  }
}

function earliest(a: Moment | undefined, b: Moment | undefined): Moment | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}

/** Whether broken promises keep a change out, or are only told of: of what is in force already. */
export type Duty = 'Keep' | 'Report'
