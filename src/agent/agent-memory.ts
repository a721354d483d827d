import type { ObjectKey } from '../core/key.ts'
import { formatMoment, parseMoment, type Moment } from '../core/moment.ts'
import type { AcceptedVersion, Inventory, InventoryEntry, Store } from '../store/store.ts'
import type { AcceptedWorld } from './accepted-world.ts'

/** What is in force, kept in the state folder, so that an agent can start while the cluster is away. */
export class AgentMemory {
  readonly #store: Store
  #entries: ReadonlyMap<ObjectKey, InventoryEntry> = new Map()
  /** What the entries were made from. */
  #versions: ReadonlyMap<ObjectKey, AcceptedVersion> | undefined
  #moment: Moment | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** What was in force when it was last written, and the latest time seen by then. */
  async read(): Promise<{ readonly world: AcceptedWorld; readonly moment: Moment | undefined }> {
    const { entries, moment } = await this.#store.readInventory()
    this.#entries = entries
    this.#moment = moment === undefined ? undefined : parseMoment(moment)
    const versions = new Map<ObjectKey, AcceptedVersion>()
    for (const [key, { accepted }] of entries) if (accepted !== undefined) versions.set(key, accepted)
    const world = { versions, present: new Set(versions.keys()), reserved: new Set<ObjectKey>() }
    return { world, moment: this.#moment }
  }

  /**
   * Writes it if it is news. `ended` is the latest end of a rule that has passed: after a restart with a clock
   * that was put back such a rule stays closed.
   */
  async write(
    versions: ReadonlyMap<ObjectKey, AcceptedVersion>,
    moment: Moment,
    ended: Moment | undefined,
  ): Promise<boolean> {
    const isLate = ended !== undefined && (this.#moment === undefined || ended > this.#moment)
    const isSame =
      versions === this.#versions ||
      (versions.size === this.#entries.size &&
        [...versions].every(([key, version]) => this.#entries.get(key)?.accepted === version))
    if (isSame && !isLate) {
      this.#versions = versions
      return false
    }
    const entries = new Map<ObjectKey, InventoryEntry>()
    for (const [key, version] of versions) entries.set(key, this.#entryOf(key, version))
    const inventory: Inventory = { entries, nextOrder: 1, moment: formatMoment(moment) }
    await this.#store.writeInventory(inventory)
    this.#versions = versions
    this.#entries = entries
    this.#moment = moment
    return true
  }

  #entryOf(key: ObjectKey, accepted: AcceptedVersion): InventoryEntry {
    const before = this.#entries.get(key)
    if (before?.accepted === accepted) return before
    const { generation, digest } = accepted
    // Who came first is decided by the controller, and is of no account here.
    return { key, origin: 'kubernetes', order: 0, firstSeen: formatMoment(0), generation, digest, accepted }
  }
}
