import { keyOf, type PalisadeObject } from '../api/objects.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { ObjectKey } from '../core/key.ts'
import { FirewallError, type Firewall } from '../firewall/firewall.ts'
import type { SourceCode } from '../source/codes.ts'
import type { Source } from '../source/source.ts'
import type { Inventory, Store } from '../store/store.ts'
import type { DeclaredFile } from './declared.ts'
import { isEmptyChange } from './desired.ts'
import type { Engine, Outcome, Reconciliation } from './engine.ts'
import type { ManifestReader } from './manifest-reader.ts'

/** What one turn of the loop did. */
export interface Turn extends Reconciliation {
  /** Of all storeys and of the source itself. */
  readonly findings: readonly Diagnostic[]
  /** What the files of the source say, without the built-in ones. */
  readonly declared: readonly DeclaredFile[]
  /** Whether a path of the source never led anywhere: it says nothing of what is to be deleted, so nothing was done. */
  readonly isMisdirected: boolean
  /** Why the firewall refused the change, as a sentence. */
  readonly refusal: string | undefined
}

export interface LoopOptions {
  readonly source: Source
  /** What palisade declares itself; the user's objects of the same names take precedence. */
  readonly builtIn: readonly DeclaredFile[]
  readonly reader: ManifestReader
  readonly engine: Engine
  readonly store: Store
  readonly firewall: Firewall
  /** Told how many of the source's files are validated, for a progress bar. */
  readonly progress?: (done: number, total: number) => void
}

/**
 * One turn: look at the source, decide, remember, program, report. Level-triggered: a turn looks at
 * everything that may have changed and needs no event to say what did.
 *
 * The inventory is written before the firewall is told, so that after a crash in between the next
 * start knows what was accepted and programs it; the status is written last and is the truth.
 */
export class Loop {
  readonly #options: LoopOptions
  #statusChecked = false
  /** What the store has yet to take; kept when it fails, since the engine gives it once. */
  #inventory: Inventory | undefined
  readonly #putStatus = new Map<ObjectKey, PalisadeObject>()
  readonly #removeStatus = new Set<ObjectKey>()

  constructor(options: LoopOptions) {
    this.#options = options
  }

  /** Looks and decides, and changes nothing. */
  async look(): Promise<Turn> {
    const { source, engine, reader, builtIn, progress } = this.#options
    const snapshot = await source.read()
    const declared = snapshot.files.map((file, index, all) => {
      progress?.(index + 1, all.length)
      return reader.read(file)
    })
    const lost = snapshot.findings.filter(({ code }) => code === NOT_FOUND)
    if (lost.length > 0) return nothingDone(snapshot.findings, declared)
    const files = [...builtIn, ...declared]
    const reconciliation = engine.reconcile({ files, unreadable: reader.absolute(snapshot.unreadable) })
    const findings = [...snapshot.findings, ...reconciliation.findings]
    return { ...reconciliation, findings, declared, refusal: undefined, isMisdirected: false }
  }

  async turn(): Promise<Turn> {
    const { engine, store, firewall } = this.#options
    // The inventory says which statuses are written, so what is left of the last turn comes first.
    await this.#writeStatus()
    const looked = await this.look()
    if (looked.heldBack.length > 0 || looked.isMisdirected) return looked
    if (!this.#statusChecked) engine.rewriteStatus(await store.listStatus())
    this.#statusChecked = true
    await this.#remember()
    const refusal = isEmptyChange(looked.change) ? undefined : await program(firewall, looked)
    this.#takeStatus(engine.settle(looked, refusal))
    await this.#writeStatus()
    await this.#remember()
    return { ...looked, refusal }
  }

  async #remember(): Promise<void> {
    this.#inventory = this.#options.engine.takeInventory() ?? this.#inventory
    if (this.#inventory === undefined) return
    await this.#options.store.writeInventory(this.#inventory)
    this.#inventory = undefined
  }

  #takeStatus({ putStatus, removeStatus }: Outcome): void {
    for (const key of removeStatus) {
      this.#putStatus.delete(key)
      this.#removeStatus.add(key)
    }
    for (const object of putStatus) {
      this.#removeStatus.delete(keyOf(object))
      this.#putStatus.set(keyOf(object), object)
    }
  }

  async #writeStatus(): Promise<void> {
    if (this.#putStatus.size === 0 && this.#removeStatus.size === 0) return
    await this.#options.store.writeStatus([...this.#putStatus.values()], [...this.#removeStatus])
    this.#putStatus.clear()
    this.#removeStatus.clear()
  }
}

/** The finding of a path that never led anywhere: a typing error, not a deletion. */
const NOT_FOUND: SourceCode = 'SourceNotFound'

function nothingDone(findings: readonly Diagnostic[], declared: readonly DeclaredFile[]): Turn {
  const change = { put: [], remove: [], putRemotes: new Map(), removeRemotes: [] }
  const plan = { objects: [], instances: [], remotes: [] }
  return {
    plan,
    change,
    findings,
    declared,
    heldBack: [],
    foreign: 0,
    refusal: undefined,
    isMisdirected: true,
  }
}

async function program(firewall: Firewall, { change }: Reconciliation): Promise<string | undefined> {
  try {
    await firewall.apply(change)
    return undefined
  } catch (error) {
    if (error instanceof FirewallError) return error.message
    throw error
  }
}
