import type { PalisadeObject } from '../api/objects.ts'
import { kindOfKey, type ObjectKey } from '../core/key.ts'
import { formatMoment, parseMoment, type Moment } from '../core/moment.ts'
import { isSameList } from '../core/same-list.ts'
import { mayReplaceDefault } from '../policy/model/default-groups.ts'
import type { ServerRecord } from '../source/source.ts'
import type { AcceptedVersion, Inventory, InventoryEntry, StatusRecord } from '../store/store.ts'
import type { DeclaredObject } from './declared.ts'

/** The origin of objects that palisade made itself. */
export const GENERATED = ''

/** The inventory as it is to be written. Its entries are the keeper's own, and go on to change. */
export interface TakenInventory extends Inventory {
  /** Of which objects there is another entry, or none any more, since it was last taken. */
  readonly changed: ReadonlySet<ObjectKey>
}

/** Keeps the inventory: who came when, which version is which, what is in force. */
export class InventoryKeeper {
  readonly #entries: Map<ObjectKey, InventoryEntry>
  readonly #now: () => Date
  #nextOrder: number
  #changed = false
  #changedKeys = new Set<ObjectKey>()
  /** The highest moment seen, and the one that was last handed out to be written. */
  #moment: Moment | undefined
  #written: Moment | undefined
  /** Whether what was last handed out says that statuses are being written. */
  #isStatusDue: boolean

  constructor(inventory: Inventory, now: () => Date) {
    this.#entries = new Map(inventory.entries)
    this.#nextOrder = inventory.nextOrder
    this.#written = inventory.moment === undefined ? undefined : parseMoment(inventory.moment)
    this.#moment = this.#written
    this.#now = now
    this.#isStatusDue = inventory.statusDue === true
    // Any of them may have been written by then: all are written again.
    if (this.#isStatusDue) for (const key of this.#entries.keys()) this.forgetStatus(key)
  }

  entry(key: ObjectKey): InventoryEntry | undefined {
    return this.#entries.get(key)
  }

  keys(): IterableIterator<ObjectKey> {
    return this.#entries.keys()
  }

  acceptedObjects(): readonly PalisadeObject[] {
    return [...this.#entries.values()].flatMap(({ accepted }) => accepted?.object ?? [])
  }

  /** Groups that somebody declares, of which no version was ever accepted and which may be meant for a default group. */
  refusedGroups(): readonly ObjectKey[] {
    return [...this.origins()].filter(isRefusedGroup).map(({ key }) => key)
  }

  /** The highest moment that is remembered of earlier runs. */
  get moment(): Moment | undefined {
    return this.#moment
  }

  /**
   * Remembers how late it has been. To write it at each look would be a write each second; it has to be written
   * before a rule closes, whose end is `ended`, and goes with every other change.
   */
  reach(moment: Moment, ended: Moment | undefined): void {
    this.#moment = moment
    if (ended !== undefined && (this.#written === undefined || ended > this.#written)) this.#changed = true
  }

  /** How many objects of the user's are in force and not withdrawn. */
  declaredCount(builtIn: ReadonlySet<string>): number {
    let count = 0
    for (const { key, origin } of this.#entries.values()) {
      if (this.isDeclared(key) && !builtIn.has(origin)) count += 1
    }
    return count
  }

  /** Which files declare what is not withdrawn. */
  *origins(): Generator<InventoryEntry> {
    for (const entry of this.#entries.values()) {
      if (entry.origin !== GENERATED && entry.withdrawn !== true) yield entry
    }
  }

  /** Takes note of a declared version. The first time gives the object its place in the order. */
  declare(declared: DeclaredObject): InventoryEntry {
    const { key, digest, origin, server } = declared
    const last = this.#entries.get(key)
    if (server !== undefined) return this.#declareAsServed(declared, server, last)
    if (last?.digest === digest && last.origin === origin && last.withdrawn !== true) return last
    if (last === undefined || last.origin === GENERATED) {
      const order = this.#nextOrder++
      return this.#set({
        key,
        origin,
        order,
        firstSeen: formatMoment(this.#now().getTime()),
        generation: 1,
        digest,
      })
    }
    return this.#set({
      ...declaredAgain(last),
      origin,
      digest,
      generation: last.generation + (last.digest === digest ? 0 : 1),
    })
  }

  /** The server knows when the object came and which version it is. */
  #declareAsServed(
    { key, digest, origin }: DeclaredObject,
    { creationTimestamp: firstSeen, generation }: ServerRecord,
    last: InventoryEntry | undefined,
  ): InventoryEntry {
    const isSame =
      last?.digest === digest &&
      last.origin === origin &&
      last.generation === generation &&
      last.firstSeen === firstSeen
    if (isSame && last.withdrawn !== true) return last
    const isOlder = last?.firstSeen === firstSeen && last.origin !== GENERATED
    const { accepted } = last ?? {}
    // The spec may have been edited to and fro: the version in force is the declared one again.
    const current = accepted?.digest === digest ? { ...accepted, generation } : accepted
    return this.#set({
      ...(isOlder && declaredAgain(last)),
      ...(current && { accepted: current }),
      ...{ key, origin, firstSeen, generation, digest },
      order: placeOf(firstSeen),
    })
  }

  /** Takes note of the file that declares an object, in a form that cannot be used. */
  relocate({ key, origin, server }: DeclaredObject): InventoryEntry | undefined {
    const last = this.#entries.get(key)
    if (last !== undefined && server !== undefined && last.generation !== server.generation) {
      return this.#set({ ...declaredAgain(last), origin, generation: server.generation })
    }
    if (last === undefined || (last.origin === origin && last.withdrawn !== true)) return last
    return this.#set({ ...declaredAgain(last), origin })
  }

  /** Whether any version of an object is in force, without having been withdrawn. */
  isDeclared(key: ObjectKey): boolean {
    const entry = this.#entries.get(key)
    return entry?.accepted !== undefined && entry.withdrawn !== true
  }

  /** No file declares it any more; what still needs it may keep it in force. */
  withdraw(key: ObjectKey): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.withdrawn === true) return
    const { refused: _nobodys, ...rest } = entry
    this.#set({ ...rest, withdrawn: true })
  }

  /** Takes note of the files between which an object is disputed. */
  dispute(key: ObjectKey, files: readonly string[]): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || isSameList(entry.rivals ?? [], files)) return
    const { rivals: _former, ...rest } = entry
    this.#set(files.length === 0 ? rest : { ...rest, rivals: files })
  }

  /** An object of palisade's own making has an entry for the sake of its status. */
  generated(key: ObjectKey): InventoryEntry {
    const last = this.#entries.get(key)
    if (last !== undefined) return last
    const firstSeen = formatMoment(this.#now().getTime())
    return this.#set({ key, origin: GENERATED, order: 0, firstSeen, generation: 1, digest: '' })
  }

  /** Records the version in force; undefined: none. */
  enforce(key: ObjectKey, object: PalisadeObject | undefined): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    if (object === undefined) {
      const { accepted, ...rest } = entry
      if (accepted !== undefined) this.#set(rest)
      return
    }
    if (entry.accepted?.object === object) return
    // What comes into force is the declared version, so it has the declared digest.
    const { generation, digest } = entry
    const accepted: AcceptedVersion = { generation, digest, object }
    this.#set({ ...entry, accepted })
  }

  /** Records the declared version where it is not in force: after a restart its file may be one that cannot be read. */
  judge({ key, object, digest, selects }: DeclaredObject, isAccepted: boolean): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    const { refused: last, ...rest } = entry
    if (isAccepted) {
      if (last !== undefined) this.#set(rest)
      return
    }
    if (last?.digest === digest && (last.object === undefined) === (object === undefined)) return
    const refused = { digest, ...(object && { object }), ...(selects.length > 0 && { selects }) }
    this.#set({ ...rest, refused })
  }

  writeStatus(key: ObjectKey, status: StatusRecord): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#set({ ...entry, status })
  }

  /** Whether a process that is killed from now on leaves word that statuses were due. */
  get isStatusDue(): boolean {
    return this.#isStatusDue
  }

  /** The status has to be written again, with the times that it had. */
  forgetStatus(key: ObjectKey): void {
    const entry = this.#entries.get(key)
    if (entry?.status !== undefined) this.#set({ ...entry, status: { ...entry.status, digest: '' } })
  }

  delete(key: ObjectKey): void {
    if (this.#entries.delete(key)) this.#note(key)
  }

  /**
   * The inventory if it changed since the last call. `statusDue` says that statuses are going to be written:
   * a process that is killed while it does leaves nobody who knows which.
   */
  take(statusDue: boolean): TakenInventory | undefined {
    if (!this.#changed && (statusDue || !this.#isStatusDue)) return undefined
    const changed = this.#changedKeys
    this.#changedKeys = new Set()
    this.#changed = false
    this.#isStatusDue = statusDue
    this.#written = this.#moment
    const moment = this.#moment === undefined ? {} : { moment: formatMoment(this.#moment) }
    const taken = { entries: this.#entries, changed, nextOrder: this.#nextOrder }
    return { ...taken, ...moment, ...(statusDue && { statusDue }) }
  }

  #set(entry: InventoryEntry): InventoryEntry {
    this.#entries.set(entry.key, entry)
    this.#note(entry.key)
    return entry
  }

  #note(key: ObjectKey): void {
    this.#changed = true
    this.#changedKeys.add(key)
  }
}

function isRefusedGroup({ key, accepted, refused }: InventoryEntry): boolean {
  if (accepted !== undefined || kindOfKey(key) !== 'SecurityGroup') return false
  return mayReplaceDefault(refused?.object)
}

function declaredAgain({ withdrawn: _former, ...entry }: InventoryEntry): InventoryEntry {
  return entry
}

/** The place in the order of acceptance of what a server holds: older first, and of the same second by name. */
function placeOf(creationTimestamp: string): number {
  const moment = parseMoment(creationTimestamp)
  if (moment === undefined) throw new Error(`${creationTimestamp} is no time that a server gives`)
  return moment
}
