import { keyOf } from '../api/objects.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { differingSpan } from '../core/differing-span.ts'
import type { Drift, Firewall } from '../firewall/firewall.ts'
import type { SourceCode } from '../source/codes.ts'
import { snapshotDigest } from '../source/snapshot-digest.ts'
import type { Source, SourceSnapshot } from '../source/source.ts'
import { StoreError, type Store } from '../store/store.ts'
import type { DeclaredFile } from './declared.ts'
import { isEmptyChange } from './desired.ts'
import { program, repair } from './programming.ts'
import type { Outcome, Reconciliation } from './reconciliation.ts'
import type { ManifestReader } from './manifest-reader.ts'
import type { PromiseGuard } from './promise-guard.ts'

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
  /** What another program had changed in the firewall, and was put right. */
  readonly drift: readonly Drift[]
  /** Why statuses could not be written, as a sentence; the next turn writes them. */
  readonly unreported: string | undefined
  /** There was nothing at all to do. */
  readonly isIdle: boolean
  /** Digest of the source, when there is nothing to say of it and time alone will change nothing. */
  readonly restsOn: () => string | undefined
}

export interface LoopOptions {
  readonly source: Source
  /** What palisade declares itself; the user's objects of the same names take precedence. */
  readonly builtIn: readonly DeclaredFile[]
  readonly reader: ManifestReader
  readonly engine: PromiseGuard
  readonly store: Store
  readonly firewall: Firewall
  /** Told how many of the files that may be new are validated, for a progress bar. */
  readonly progress?: (done: number, total: number) => void
}

/** A snapshot as it was read. */
interface ReadFiles {
  readonly snapshot: SourceSnapshot
  readonly declared: readonly DeclaredFile[]
  /** With the built-in ones. */
  readonly files: readonly DeclaredFile[]
}

/**
 * One turn: look at the source, decide, remember, program, report. Level-triggered: a turn looks at
 * everything that may have changed and needs no event to say what did.
 *
 * The inventory is written before the firewall is told, so that after a crash in between the next
 * start knows what was accepted and programs it; the status is written last and is the truth. Programming
 * never waits for it: a status that could not be written is due again.
 */
export class Loop {
  readonly #options: LoopOptions
  #statusChecked = false
  #read: ReadFiles | undefined
  /** Whether the store has yet to take the inventory, which the engine says once. */
  #isInventoryDue = false

  constructor(options: LoopOptions) {
    this.#options = options
  }

  /** Looks and decides, and changes nothing. */
  async look(): Promise<Turn> {
    const { source, engine, reader } = this.#options
    const snapshot = await source.read()
    const { declared, files } = this.#filesOf(snapshot)
    const lost = snapshot.findings.filter(({ code }) => code === NOT_FOUND)
    if (lost.length > 0) {
      const idle = engine.idle()
      const findings = [...snapshot.findings, ...idle.findings]
      return {
        ...idle,
        findings,
        declared,
        ...NOTHING_FAILED,
        isMisdirected: true,
        isIdle: false,
        restsOn: () => undefined,
      }
    }
    const reconciliation = engine.reconcile({ files, unreadable: reader.absolute(snapshot.unreadable) })
    const findings = [...snapshot.findings, ...reconciliation.findings]
    const isSilent = findings.length === 0 && reconciliation.next === undefined
    return {
      ...reconciliation,
      findings,
      declared,
      ...NOTHING_FAILED,
      isMisdirected: false,
      isIdle: false,
      restsOn: () => (isSilent ? snapshotDigest(snapshot) : undefined),
    }
  }

  /** A source that found nothing new gives the same snapshot, of which nothing is read again. */
  #filesOf(snapshot: SourceSnapshot): ReadFiles {
    const last = this.#read
    if (last?.snapshot === snapshot) return last
    const { reader, builtIn, progress } = this.#options
    const { start, endBefore, endNow } = differingSpan(last?.snapshot.files ?? [], snapshot.files)
    const read = snapshot.files.slice(start, endNow).map((file, index, all) => {
      progress?.(index + 1, all.length)
      return reader.read(file)
    })
    const known = last?.declared ?? []
    const declared = [...known.slice(0, start), ...read, ...known.slice(endBefore)]
    this.#read = { snapshot, declared, files: [...builtIn, ...declared] }
    return this.#read
  }

  async turn(): Promise<Turn> {
    const { engine, firewall } = this.#options
    const looked = await this.look()
    const isStopped = looked.heldBack.length > 0 || looked.isMisdirected
    if (isStopped && isEmptyChange(looked.change)) {
      // Before the first change is applied, what the firewall holds may be what that change is about.
      if (!this.#statusChecked) return looked
      const { drift, refusal } = await repair(firewall)
      return { ...looked, drift, refusal }
    }
    const unlisted = isStopped ? undefined : await this.#checkStatus()
    const hadNews = await this.#rememberOrClose(looked)
    const { drift, refusal, faults } = await program(firewall, looked.change)
    const outcome = engine.settle(looked, refusal, drift, faults)
    const unwritten = await this.#writeStatus(outcome)
    const isNoted = await this.#remember(false)
    const isIdle = !hadNews && !isNoted && isEmptyChange(looked.change) && isEmptyOutcome(outcome)
    return { ...looked, refusal, drift, unreported: unwritten ?? unlisted, isIdle }
  }

  /**
   * Where nothing can be written, what time alone changes is programmed all the same: a rule that has ended does not stay
   * open for want of room on a disk. All else waits, since after a crash nobody would know of it.
   */
  async #rememberOrClose(looked: Turn): Promise<boolean> {
    const isAlone = !this.#isInventoryDue && looked.plan.objects.length === 0
    try {
      return await this.#remember(true)
    } catch (error) {
      if (isAlone && error instanceof StoreError) {
        const { engine, firewall } = this.#options
        const { drift, refusal, faults } = await program(firewall, looked.change)
        const { putStatus, removeStatus } = engine.settle(looked, refusal, drift, faults)
        engine.loseStatus([...putStatus.map(keyOf), ...removeStatus])
      }
      throw error
    }
  }

  async #checkStatus(): Promise<string | undefined> {
    const { engine, store } = this.#options
    engine.loseStatus(store.lost?.() ?? [])
    if (this.#statusChecked) return undefined
    return unlessRefused(async () => {
      engine.rewriteStatus(await store.listStatus())
      this.#statusChecked = true
    })
  }

  /** True when there was anything to remember. */
  async #remember(statusDue: boolean): Promise<boolean> {
    const { engine, store } = this.#options
    if (engine.takeInventory(statusDue)) this.#isInventoryDue = true
    if (!this.#isInventoryDue) return false
    await store.writeInventory(engine.inventory)
    this.#isInventoryDue = false
    return true
  }

  async #writeStatus({ putStatus, removeStatus }: Outcome): Promise<string | undefined> {
    if (isEmptyOutcome({ putStatus, removeStatus })) return undefined
    const { engine, store } = this.#options
    const failure = await unlessRefused(async () => {
      if (!engine.isStatusDue) await this.#remember(true)
      await store.writeStatus(putStatus, removeStatus)
    })
    if (failure !== undefined) engine.loseStatus([...putStatus.map(keyOf), ...removeStatus])
    return failure
  }
}

const isEmptyOutcome = ({ putStatus, removeStatus }: Outcome): boolean =>
  putStatus.length === 0 && removeStatus.length === 0

const NOTHING_FAILED = { refusal: undefined, drift: [], unreported: undefined }

/** What the store says when it refuses. */
async function unlessRefused(action: () => Promise<void>): Promise<string | undefined> {
  try {
    await action()
    return undefined
  } catch (error) {
    if (error instanceof StoreError) return error.message
    throw error
  }
}

/** The finding of a path that never led anywhere: a typing error, not a deletion. */
const NOT_FOUND: SourceCode = 'SourceNotFound'
