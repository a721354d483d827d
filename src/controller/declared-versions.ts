import type { Diagnostic } from '../core/diagnostic.ts'
import type { ObjectKey } from '../core/key.ts'
import type { Declaration } from '../policy/acceptance/decision.ts'
import type { InventoryEntry, RefusedVersion } from '../store/store.ts'
import type { DeclaredObject } from './declared.ts'
import { DeclaredIndex } from './declared-index.ts'
import type { Hold } from './hold.ts'
import { GENERATED, type InventoryKeeper } from './inventory-keeper.ts'
import type { SourceState } from './reconciliation.ts'

/** What a look at the source found. */
export interface Look {
  /** Every object of which anything may have changed. */
  readonly keys: ReadonlySet<ObjectKey>
  /** No longer declared, and to be withdrawn. */
  readonly deleted: readonly ObjectKey[]
  /** The same with the deletions that are held. */
  readonly missing: readonly ObjectKey[]
}

/**
 * Which version of each object is to be judged: the declared one, or the one in force where that cannot be read
 * or its change is held.
 */
export class DeclaredVersions {
  readonly #index: DeclaredIndex
  readonly #keeper: InventoryKeeper
  readonly #hold: Hold
  readonly #isLetGo: (key: ObjectKey) => boolean
  readonly #declared = new Map<ObjectKey, DeclaredObject>()
  #retained: ReadonlySet<ObjectKey> = new Set()
  readonly #held = new Map<ObjectKey, readonly Diagnostic[]>()
  /** Keys to look at, besides those of files that changed. */
  #pending: ReadonlySet<ObjectKey>

  /** `isLetGo`: whether an object is gone for good once it is not declared, so that its deletion cannot be held. */
  constructor(
    builtIn: ReadonlySet<string>,
    keeper: InventoryKeeper,
    hold: Hold,
    isLetGo: (key: ObjectKey) => boolean,
  ) {
    this.#index = new DeclaredIndex(builtIn)
    this.#index.remember(keeper.origins())
    this.#keeper = keeper
    this.#hold = hold
    this.#isLetGo = isLetGo
    this.#pending = new Set(keeper.keys())
  }

  get index(): Pick<DeclaredIndex, 'findings' | 'foreign'> {
    return this.#index
  }

  /** What is declared, as far as it has been judged. */
  get all(): ReadonlyMap<ObjectKey, DeclaredObject> {
    return this.#declared
  }

  look({ files, unreadable }: SourceState): Look {
    const keys = new Set([...this.#index.update(files, unreadable), ...this.#pending, ...this.#retained])
    this.#pending = keys
    const missing = this.#gone(keys).filter((key) => !this.#index.isClaimed(key))
    if (!this.#hold.isEmpty) for (const key of keys) this.#holdWhereChanged(key)
    return { keys, missing, deleted: missing.filter((key) => !this.#held.has(key)) }
  }

  /** Goes on with a look: gives what has to be judged, and forgets what was deleted. */
  take({ keys, deleted }: Look): readonly Declaration[] {
    this.#retained = new Set(this.#gone(keys).filter((key) => this.#index.isClaimed(key)))
    this.#pending = new Set()
    const declare = this.#declarations(keys)
    for (const key of keys) this.#keeper.dispute(key, this.#index.rivals(key))
    for (const key of deleted) {
      this.#declared.delete(key)
      this.#keeper.withdraw(key)
    }
    return declare
  }

  /** What is kept since the file that declares it cannot be read. */
  get retained(): ReadonlySet<ObjectKey> {
    return this.#retained
  }

  /** Why the change of an object is held; undefined: it is not. */
  heldFor(key: ObjectKey): readonly Diagnostic[] | undefined {
    return this.#held.get(key)
  }

  /** Whether somebody still declares an object, or may. */
  isKept(key: ObjectKey): boolean {
    return this.#declared.has(key) || this.#retained.has(key) || this.#held.has(key)
  }

  #gone(keys: ReadonlySet<ObjectKey>): readonly ObjectKey[] {
    return [...keys].filter((key) => !this.#index.has(key) && this.#isUsers(key))
  }

  #isUsers(key: ObjectKey): boolean {
    const origin = this.#keeper.entry(key)?.origin
    return this.#declared.has(key) || (origin !== undefined && origin !== GENERATED)
  }

  #holdWhereChanged(key: ObjectKey): void {
    const reasons = this.#hold.reasonsFor(key)
    if (reasons !== undefined && this.#isChange(key)) this.#held.set(key, reasons)
    else this.#held.delete(key)
  }

  /** Whether anybody asks for something else of an object than what is in force. */
  #isChange(key: ObjectKey): boolean {
    const accepted = this.#keeper.entry(key)?.accepted
    if (!this.#index.has(key)) {
      return !this.#isLetGo(key) && this.#keeper.isDeclared(key) && !this.#index.isClaimed(key)
    }
    const declared = this.#index.get(key)
    return declared?.object !== undefined && declared.digest !== accepted?.digest
  }

  /** What acceptance has to look at: objects that differ from what it saw last. */
  #declarations(keys: ReadonlySet<ObjectKey>): readonly Declaration[] {
    const declare: Declaration[] = []
    const next = [...keys].flatMap((key) => this.#index.get(key) ?? this.#retainedObject(key) ?? [])
    // Newcomers of one look are ordered by name, whatever file they are in.
    next.sort((a, b) => (a.key < b.key ? -1 : 1))
    for (const declared of next) {
      const declaration = this.#declaration(declared)
      if (declaration !== undefined) declare.push(declaration)
    }
    // Of what is held, the version in force stands for the declared one, or for one that was deleted.
    for (const key of this.#held.keys()) {
      const entry = this.#keeper.entry(key)
      if (!keys.has(key) || entry?.accepted === undefined) continue
      declare.push({ key, object: entry.accepted.object, selects: [], order: entry.order })
    }
    return declare
  }

  /** Takes note of what is declared; undefined where acceptance has seen it, or is not to see it. */
  #declaration(declared: DeclaredObject): Declaration | undefined {
    const { key, object, digest, selects } = declared
    const last = this.#declared.get(key)
    this.#declared.set(key, declared)
    const former = this.#keeper.entry(key)?.order
    const entry = this.#takeNote(declared)
    const isSame = last?.digest === digest && (last.object === undefined) === (object === undefined)
    // On a server an object may have been deleted and made again in the meantime: it lost its place.
    if (this.#held.has(key) || (isSame && entry?.order === former)) return undefined
    // The object in force is used again where nothing has changed, so that nothing is touched.
    const accepted = entry?.accepted
    const same = object !== undefined && accepted?.digest === digest ? accepted.object : object
    return { key, object: same, selects, order: entry?.order ?? Infinity }
  }

  /**
   * What is kept for a file that cannot be read is no declaration, and has been taken note of before. A newcomer that
   * cannot be used is remembered too: a group keeps a default group away by its name alone.
   */
  #takeNote(declared: DeclaredObject): InventoryEntry | undefined {
    const { key, object } = declared
    const known = this.#keeper.entry(key)
    if (this.#retained.has(key)) return known
    const isDeclaration = object !== undefined || known === undefined || known.origin === GENERATED
    return isDeclaration ? this.#keeper.declare(declared) : this.#keeper.relocate(declared)
  }

  /** After a restart, what an unreadable file gave is known from the inventory alone. */
  #retainedObject(key: ObjectKey): DeclaredObject | undefined {
    if (this.#held.has(key)) return undefined
    const known = this.#declared.get(key)
    if (known !== undefined || !this.#retained.has(key)) return known
    const entry = this.#keeper.entry(key)
    const version: RefusedVersion | undefined = entry?.refused ?? entry?.accepted
    if (entry === undefined || version === undefined) return undefined
    const { object, digest, selects = [] } = version
    const { origin } = entry
    return { key, object, digest, selects, origin, findings: [], locate: undefined, server: undefined }
  }
}
