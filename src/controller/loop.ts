import type { Diagnostic } from '../core/diagnostic.ts'
import { FirewallError, type Firewall } from '../firewall/firewall.ts'
import type { Source, SourceFile } from '../source/source.ts'
import type { Store } from '../store/store.ts'
import { isEmptyChange } from './desired.ts'
import type { Engine, Reconciliation } from './engine.ts'
import type { ManifestReader } from './manifest-reader.ts'

/** What one turn of the loop did. */
export interface Turn extends Reconciliation {
  /** Of all storeys and of the source itself. */
  readonly findings: readonly Diagnostic[]
  /** Why the firewall refused the change, as a sentence. */
  readonly refusal: string | undefined
}

export interface LoopOptions {
  readonly source: Source
  readonly builtIn: readonly SourceFile[]
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

  constructor(options: LoopOptions) {
    this.#options = options
  }

  /** Looks and decides, and changes nothing. */
  async look(): Promise<Turn> {
    const { source, engine, reader, builtIn, progress } = this.#options
    const snapshot = await source.read()
    const files = [...builtIn, ...snapshot.files].map((file, index, all) => {
      progress?.(index + 1, all.length)
      return reader.read(file)
    })
    const reconciliation = engine.reconcile({ files, unreadable: snapshot.unreadable })
    const findings = [...snapshot.findings, ...reconciliation.findings]
    return { ...reconciliation, findings, refusal: undefined }
  }

  async turn(): Promise<Turn> {
    const { engine, store, firewall } = this.#options
    const looked = await this.look()
    if (looked.heldBack.length > 0) return looked
    if (!this.#statusChecked) engine.rewriteStatus(await store.listStatus())
    await this.#remember()
    const refusal = isEmptyChange(looked.change) ? undefined : await program(firewall, looked)
    const { putStatus, removeStatus } = engine.settle(looked, refusal)
    await store.writeStatus(putStatus, removeStatus)
    this.#statusChecked = true
    await this.#remember()
    return { ...looked, refusal }
  }

  async #remember(): Promise<void> {
    const inventory = this.#options.engine.takeInventory()
    if (inventory !== undefined) await this.#options.store.writeInventory(inventory)
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
