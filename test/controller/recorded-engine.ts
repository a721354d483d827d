import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import { builtInFiles } from '../../src/cli/built-in.ts'
import { declaredDocument, type DeclaredFile } from '../../src/controller/declared.ts'
import type { DeletionAllowance } from '../../src/controller/deletion-brake.ts'
import { Engine } from '../../src/controller/engine.ts'
import type { Reconciliation } from '../../src/controller/reconciliation.ts'
import { LISTED_ADDRESSES } from '../../src/controller/status/instance-status.ts'
import type { ObjectKey } from '../../src/core/key.ts'
import { applyChange } from '../../src/policy/ruleset-change.ts'
import type { Ruleset } from '../../src/policy/ruleset.ts'
import { emptyInventory } from '../../src/store/inventory-file.ts'
import type { Inventory } from '../../src/store/store.ts'

/** A moment that never passes, so that every time in a status is the same. */
const MOMENT = new Date('2026-01-02T03:04:05Z')

const BUILT_IN = builtInFiles()

/** A file that declares objects. */
export function fileOf(path: string, objects: readonly PalisadeObject[]): DeclaredFile {
  const documents = objects.map((object, index) =>
    declaredDocument(object, () => ({ file: path, line: index + 1, column: 1 })),
  )
  return { path, documents, findings: [], complete: true, foreign: 0 }
}

/** How far a reconcile gets before the process ends. */
export type Crash = 'BeforeFirewall' | 'BeforeStatus' | 'BeforeLastInventory'

/**
 * An engine with what the loop keeps for it: the inventory, the firewall's ruleset and the statuses, all of which
 * outlive it.
 */
export class RecordedEngine {
  readonly statuses = new Map<ObjectKey, PalisadeObject>()
  /** How many statuses the last reconcile wrote or removed. */
  written = 0
  #inventory: Inventory = emptyInventory()
  #ruleset: Ruleset = { instances: new Map(), remotes: new Map() }
  #engine: Engine | undefined
  #files: readonly DeclaredFile[] = []
  readonly #allowance: DeletionAllowance

  constructor(allowance: DeletionAllowance = { type: 'All' }) {
    this.#allowance = allowance
  }

  get engine(): Engine {
    this.#engine ??= new Engine({
      inventory: this.#inventory,
      programmed: this.#ruleset,
      now: () => MOMENT,
      allowance: this.#allowance,
      listedAddresses: LISTED_ADDRESSES,
      builtIn: new Set(BUILT_IN.map(({ path }) => path)),
    })
    return this.#engine
  }

  get ruleset(): Ruleset {
    return this.#ruleset
  }

  /** Looks at files, or again at those of the last time. */
  reconcile(files: readonly DeclaredFile[] = this.#files, crash?: Crash): Reconciliation {
    this.#files = files
    const engine = this.engine
    const known = new Set(this.statuses.keys())
    const reconciliation = engine.reconcile({ files: [...BUILT_IN, ...files], unreadable: [] })
    if (reconciliation.heldBack.length > 0) return reconciliation
    if (!this.#isStarted) engine.rewriteStatus(known)
    this.#isStarted = true
    this.#remember(true)
    if (crash === 'BeforeFirewall') return this.#end(reconciliation)
    this.#ruleset = applyChange(this.#ruleset, reconciliation.change)
    if (crash === 'BeforeStatus') return this.#end(reconciliation)
    const { putStatus, removeStatus } = engine.settle(reconciliation, undefined)
    if (putStatus.length + removeStatus.length > 0 && !engine.isStatusDue) this.#remember(true)
    for (const key of removeStatus) this.statuses.delete(key)
    for (const object of putStatus) this.statuses.set(keyOf(object), object)
    this.written = putStatus.length + removeStatus.filter((key) => known.has(key)).length
    if (crash === 'BeforeLastInventory') return this.#end(reconciliation)
    this.#remember(false)
    return reconciliation
  }

  /** A new process, with what the last one left behind. */
  restart(): void {
    this.#engine = undefined
    this.#isStarted = false
  }

  #isStarted = false

  #end(reconciliation: Reconciliation): Reconciliation {
    this.restart()
    return reconciliation
  }

  #remember(statusDue: boolean): void {
    const inventory = this.engine.takeInventory(statusDue)
    if (inventory !== undefined) this.#inventory = { ...inventory, entries: new Map(inventory.entries) }
  }

  /** The statuses as text, in the order of their keys; `ageless`: without what counts former versions. */
  bytes(ageless = false): readonly string[] {
    const drop = new Set(ageless ? ['generation', 'observedGeneration'] : [])
    return [...this.statuses]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) =>
        JSON.stringify(object, (name, value: unknown) => (drop.has(name) ? undefined : value)),
      )
  }
}
