import { keyOf, type PalisadeObject } from '../api/objects.ts'
import type { Drift, Faults } from '../firewall/firewall.ts'
import type { ReachabilityCheck } from '../api/types.gen.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { canonicalJson } from '../core/digest.ts'
import { displayKey, type ObjectKey } from '../core/key.ts'
import { ChangeScope } from '../policy/assurance/affected.ts'
import { assess, checksOf, Evidence, type Assessment } from '../policy/assurance/evaluate.ts'
import type { Model } from '../policy/model/model.ts'
import { ReachabilityMemory } from '../policy/reachability/reachability.ts'
import type { Ruleset } from '../policy/ruleset.ts'
import type { Inventory } from '../store/store.ts'
import type { ControllerCode } from './codes.ts'
import { isEmptyChange } from './desired.ts'
import type { Engine } from './engine.ts'
import type { Outcome, Reconciliation, SourceState } from './reconciliation.ts'
import { violationSentence } from './violation-sentence.ts'

/**
 * An engine that keeps promises: a change after which a ReachabilityCheck that blocks would be broken by more than
 * it was before is not made at all. What was in force stays, as after a restart.
 *
 * What is broken already blocks nothing that does not make it worse, so that a repair gets through.
 */
export class PromiseGuard {
  readonly #duty: Duty
  readonly #start: (inventory: Inventory, programmed: Ruleset) => Engine
  /** What is in force, as it was last handed out to be remembered. */
  #inventory: Inventory
  #engine: Engine
  /** What was found of each check when something last changed that concerns it. */
  #known: ReadonlyMap<ReachabilityCheck, Assessment> = new Map()
  readonly #memory = new ReachabilityMemory()

  constructor(
    start: (inventory: Inventory, programmed: Ruleset) => Engine,
    inventory: Inventory,
    programmed: Ruleset,
    duty: Duty = 'Keep',
  ) {
    this.#duty = duty
    this.#start = start
    this.#inventory = copyOf(inventory)
    this.#engine = start(inventory, programmed)
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

  takeInventory(statusDue: boolean): Inventory | undefined {
    const taken = this.#engine.takeInventory(statusDue)
    if (taken !== undefined) this.#inventory = copyOf(taken)
    return taken
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
    this.#engine.loseStatus(keys)
  }

  reconcile(state: SourceState): Reconciliation {
    const done = this.#engine.reconcile(state)
    if (done.heldBack.length > 0) return this.#noted(done)
    const objects = done.plan.objects.map(({ key }) => key)
    const scope = this.#known.size === 0 ? undefined : new ChangeScope(this.model, objects, done.change)
    const now = new Evidence(this.model, this.#memory)
    const checks = checksOf(this.model).map((check) => {
      const known = this.#known.get(check)
      const isKnown = known !== undefined && scope?.concerns(check, known) === false
      return { check, assessment: isKnown ? known : assess(check, now) }
    })
    if (
      this.#duty === 'Keep' &&
      checks.some(({ check, assessment }) => isBlocking(check) && isBroken(assessment))
    ) {
      const blocked = this.#block(done, now, checks.map(({ check }) => check).filter(isBlocking))
      if (blocked !== undefined) return blocked
    }
    this.#known = new Map(checks.map(({ check, assessment }) => [check, assessment]))
    const promises = new Map(
      checks.map(({ check, assessment }) => [keyOf(check), findingsOf(check, assessment)]),
    )
    return { ...done, findings: [...done.findings, ...this.#engine.takePromises(promises)] }
  }

  /** Goes back to what was in force if the change makes any of the checks worse. */
  #block(
    done: Reconciliation,
    now: Evidence,
    checks: readonly ReachabilityCheck[],
  ): Reconciliation | undefined {
    const last = this.#start(this.#inventory, this.#engine.programmed)
    // What time alone closes is nobody's change.
    const idle = last.idle()
    const before = new Evidence(last.model, this.#memory)
    const held = checks.flatMap((check) => {
      const finding = blockingFinding(check, now, before)
      return finding === undefined ? [] : [{ key: keyOf(check), finding }]
    })
    if (held.length === 0) return undefined
    const findings = held.flatMap(({ key, finding }) => this.#engine.located(key, [finding]))
    const blocked = { plan: done.plan, model: this.model, checks: held.map(({ key }) => key) }
    this.#engine = last
    this.#known = new Map()
    return { ...idle, findings: [...findings, ...done.findings], blocked }
  }
}

/** Whether broken promises keep a change out, or are only told of: of what is in force already. */
export type Duty = 'Keep' | 'Report'

const isBroken = ({ violation, missing }: Assessment): boolean =>
  violation !== undefined || missing.length > 0

/** How a change makes a check worse; undefined where it does not. */
function blockingFinding(check: ReachabilityCheck, next: Evidence, last: Evidence): Diagnostic | undefined {
  const { violation, missing } = assess(check, next, last)
  const about = { severity: 'error', object: keyOf(check) } as const
  if (violation !== undefined) {
    return {
      ...about,
      code: 'ChangeBlocked' satisfies ControllerCode,
      message: `${displayKey(keyOf(check))}: the change is not made, since it would break the check: ${violationSentence(check, violation)}`,
      hint: 'take the change back, or change the check if what it says is no longer meant',
      path: ['spec', 'expect'],
    }
  }
  const known = last.model.object(keyOf(check))
  const isSame =
    known?.kind === 'ReachabilityCheck' && canonicalJson(known.spec) === canonicalJson(check.spec)
  const before = isSame ? assess(check, last).missing : []
  const lost = missing.filter((name) => !before.includes(name))
  if (lost.length === 0) return undefined
  return {
    ...about,
    code: 'ChangeBlocked' satisfies ControllerCode,
    message: `${displayKey(keyOf(check))}: the change is not made, since the check names ${lost.join(' and ')}, and there would be none in force, so nothing would be checked of it`,
    hint: 'correct the name, declare it in the same change, or take it out of the check',
    path: ['spec'],
  }
}

const isBlocking = ({ spec }: ReachabilityCheck): boolean => spec.enforcement !== 'Warn'

/** An engine goes on to change what it hands out. */
const copyOf = (inventory: Inventory): Inventory => ({ ...inventory, entries: new Map(inventory.entries) })

function findingsOf(check: ReachabilityCheck, { violation, missing }: Assessment): readonly Diagnostic[] {
  const key = keyOf(check)
  const about = { object: key, path: ['spec'] }
  const findings: Diagnostic[] = []
  if (violation !== undefined) {
    findings.push({
      ...about,
      code: 'CheckBroken' satisfies ControllerCode,
      severity: isBlocking(check) ? 'error' : 'warning',
      message: `${displayKey(key)}: ${violationSentence(check, violation)}`,
      hint: 'change the rule, or the check if what it says is no longer meant',
    })
  }
  if (missing.length > 0) {
    findings.push({
      ...about,
      code: 'CheckIncomplete' satisfies ControllerCode,
      severity: isBlocking(check) ? 'error' : 'warning',
      message: `${displayKey(key)}: there is no ${missing.join(', nor ')} in force, so nothing is checked of it`,
      hint: 'declare it, or take it out of the check',
    })
  }
  return findings
}
