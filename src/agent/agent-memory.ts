import type { ObjectKey } from '../core/key.ts'
import { formatMoment, parseMoment, type Moment } from '../core/moment.ts'
import type { AcceptedVersion, Inventory, InventoryEntry, Store } from '../store/store.ts'
import type { AcceptedWorld } from './accepted-world.ts'

/** What is in force, kept in the state folder, so that an agent can start while the cluster is away. */
export class AgentMemory {
  readonly #store: Store
  readonly #node: string
  #entries = new Map<ObjectKey, InventoryEntry>()
  /** Of the entries, those without a version. */
  #reserved: ReadonlySet<ObjectKey> = new Set()
  /** Whether the entries have yet to be written. */
  #isDue = false
  #moment: Moment | undefined

  /** `node`: whose rules are remembered. */
  constructor(store: Store, node: string) {
    this.#store = store
    this.#node = node
  }

  /** What was in force when it was last written, and the latest time seen by then. */
  async read(): Promise<{
    readonly remembered: Pick<AcceptedWorld, 'versions' | 'reserved'>
    readonly moment: Moment | undefined
    /** Another node whose rules these are; undefined: as far as is known, they are this one's. */
    readonly other: string | undefined
    /** Whether nothing was ever written, or it was lost. */
    readonly isEmpty: boolean
  }> {
    const { entries, moment, node } = await this.#store.readInventory()
    const other = node === this.#node ? undefined : node
    this.#isDue = other !== undefined
    const isEmpty = node === undefined && entries.size === 0
    this.#entries = new Map(entries)
    this.#moment = moment === undefined ? undefined : parseMoment(moment)
    const versions = new Map<ObjectKey, AcceptedVersion>()
    const reserved = new Set<ObjectKey>()
    for (const [key, { accepted }] of entries) {
      if (accepted === undefined) reserved.add(key)
      else versions.set(key, accepted)
    }
    this.#reserved = reserved
    return { remembered: { versions, reserved }, moment: this.#moment, other, isEmpty }
  }

  /** Whether something has come into force, or ceased to be, that is not written yet. */
  get isDue(): boolean {
    return this.#isDue
  }

  /**
   * Takes note of what came into force and what ceased to be, and of the names that are kept from default groups, and
   * writes it if it is news. `ended` is the latest end of a rule that has passed: after a restart with a clock that was
   * put back such a rule stays closed.
   */
  async write(
    changes: ReadonlyMap<ObjectKey, AcceptedVersion | undefined>,
    reserved: ReadonlySet<ObjectKey>,
    moment: Moment,
    ended: Moment | undefined,
  ): Promise<boolean> {
    for (const [key, version] of changes) this.#note(key, version)
    this.#noteReserved(reserved)
    const isLate = ended !== undefined && (this.#moment === undefined || ended > this.#moment)
    if (!this.#isDue && !isLate) return false
    const [entries, node] = [this.#entries, this.#node]
    const inventory: Inventory = { entries, nextOrder: 1, moment: formatMoment(moment), node }
    await this.#store.writeInventory(inventory)
    this.#isDue = false
    this.#moment = moment
    return true
  }

  #note(key: ObjectKey, accepted: AcceptedVersion | undefined): void {
    if (this.#entries.get(key)?.accepted === accepted) return
    this.#isDue = true
    if (accepted === undefined) this.#entries.delete(key)
    else this.#entries.set(key, entryOf(key, accepted))
  }

  #noteReserved(reserved: ReadonlySet<ObjectKey>): void {
    for (const key of reserved) {
      if (this.#entries.has(key)) continue
      this.#entries.set(key, entryOf(key, undefined))
      this.#isDue = true
    }
    for (const key of this.#reserved) {
      const isNamed = reserved.has(key) || this.#entries.get(key)?.accepted !== undefined
      if (!isNamed && this.#entries.delete(key)) this.#isDue = true
    }
    this.#reserved = new Set(reserved)
  }
}

/** Who came first is decided by the controller, and is of no account here. */
function entryOf(key: ObjectKey, accepted: AcceptedVersion | undefined): InventoryEntry {
  const { generation, digest } = accepted ?? { generation: 0, digest: '' }
  const place = { origin: 'kubernetes', order: 0, firstSeen: formatMoment(0) }
  return { key, ...place, generation, digest, ...(accepted !== undefined && { accepted }) }
}
