import path from 'node:path'
import type { ObjectKey } from '../core/key.ts'
import { replaceFile } from '../storage/atomic-file.ts'
import { appendToFile } from '../storage/appended-file.ts'
import { faultCode } from '../storage/fault.ts'
import type { FileSystem } from '../storage/file-system.ts'
import type { Unreadable } from '../storage/ndjson.ts'
import { readFileIfPresent } from '../storage/read-file.ts'
import { stampOf } from '../storage/stamp.ts'
import { fieldsOf, InventoryFile, isEntry, readFields } from './inventory-file.ts'
import { journalLine, readJournal, type JournalValue } from './inventory-journal.ts'
import type { Inventory, InventoryEntry } from './store.ts'

/**
 * From this size on what changed is written by itself: below it a file that is replaced costs no more than its two
 * calls of fsync(2), and one file is easier to look at.
 */
export const JOURNAL_FROM_BYTES = 64 * 1024

/** `journal`: the file, where it is the journal that is damaged. */
type ReadFiles =
  | { readonly ok: true; readonly inventory: Inventory | undefined }
  | { readonly ok: false; readonly journal: string; readonly damage: string }
  | Unreadable

/** What is on the disk. */
interface Written {
  readonly entries: Map<ObjectKey, InventoryEntry>
  /** Checksum and size of the whole. */
  readonly base: number
  readonly baseBytes: number
  /** Checksum and size of the journal after it; 0 bytes: it has none. */
  readonly checksum: number
  readonly journalBytes: number
}

/**
 * The inventory as two files: all of it, and a journal of what changed since that was written. A change among 10,000
 * entries costs one line and one fsync(2), not 6 MB and two. Once the journal would be larger than half of the whole,
 * that is written anew: over time three bytes are written for each that changes, and a start reads half as much again.
 */
export class InventoryFiles {
  readonly path: string
  readonly #journal: string
  readonly #file: InventoryFile
  readonly #fileSystem: FileSystem
  /** Undefined: not known, so that all is written. */
  #written: Written | undefined
  /** Of the whole that was last read or written. */
  #serial = 0

  constructor(folder: string, palisade: string, fileSystem: FileSystem) {
    this.path = path.join(folder, 'inventory.ndjson')
    this.#journal = path.join(folder, 'inventory.journal')
    this.#file = new InventoryFile(palisade)
    this.#fileSystem = fileSystem
  }

  stamp(): string {
    return `${stampOf(this.path)}\n${stampOf(this.#journal)}`
  }

  /** Undefined: there is none. Beside a writer: what was whole at one moment. */
  read(): ReadFiles {
    for (;;) {
      const stamp = stampOf(this.path)
      const bytes = readFileIfPresent(this.path)
      const journal = readFileIfPresent(this.#journal)
      // A whole that was replaced in between has taken in what the journal said.
      if (stampOf(this.path) === stamp) return this.#parse(bytes, journal)
    }
  }

  /** Either all of it is there afterwards or, when it rejects, what was there before or all of it. */
  async write(inventory: Inventory): Promise<void> {
    const written = this.#written
    this.#written = undefined
    this.#written = (written && (await this.#append(inventory, written))) ?? (await this.#replace(inventory))
  }

  #parse(bytes: Uint8Array | undefined, journal: Uint8Array = new Uint8Array()): ReadFiles {
    this.#written = undefined
    const after = readJournal(journal)
    if (!after.ok) return { ok: false, journal: this.#journal, damage: after.damage }
    if (bytes === undefined) return { ok: true, inventory: undefined }
    const whole = this.#file.parse(bytes)
    if (!whole.ok) return whole
    this.#serial = whole.serial
    const isContinued = after.base === whole.checksum
    const inventory = isContinued ? continued(whole.inventory, after.records) : whole.inventory
    if (typeof inventory === 'string') return { ok: false, journal: this.#journal, damage: inventory }
    // What cannot be continued is written anew as a whole.
    if (!after.isTorn && (isContinued || journal.length === 0)) {
      const entries = new Map(inventory.entries)
      const [base, checksum] = [whole.checksum, isContinued ? after.checksum : whole.checksum]
      this.#written = { entries, base, baseBytes: bytes.length, checksum, journalBytes: journal.length }
    }
    return { ok: true, inventory }
  }

  /** Undefined where it was not to be, or failed: then all of it is written. */
  async #append(inventory: Inventory, written: Written): Promise<Written | undefined> {
    const { entries, base, baseBytes, checksum, journalBytes } = written
    if (baseBytes < JOURNAL_FROM_BYTES) return undefined
    const { put, removed } = changesBetween(entries, inventory.entries)
    const lines = put.map((entry) => this.#file.lineOf(entry))
    const record = { fields: { ...fieldsOf(inventory) }, put: lines, removed }
    const line = journalLine(record, base, checksum)
    const bytes = Buffer.from(line.text)
    if (2 * (journalBytes + bytes.length) > baseBytes) return undefined
    try {
      await appendToFile(this.#journal, bytes, journalBytes === 0, this.#fileSystem)
    } catch (error) {
      if (faultCode(error) === '') throw error
      return undefined
    }
    for (const entry of put) entries.set(entry.key, entry)
    for (const key of removed) entries.delete(key)
    return { ...written, checksum: line.checksum, journalBytes: journalBytes + bytes.length }
  }

  async #replace(inventory: Inventory): Promise<Written> {
    // Before anything is awaited: the caller's map may go on to change.
    const entries = new Map(inventory.entries)
    const { chunks, bytes, checksum } = this.#file.serialise(inventory, ++this.#serial)
    await replaceFile(this.path, chunks, this.#fileSystem)
    // It says nothing about the new one, as its checksum shows, should it stay.
    await this.#fileSystem.remove(this.#journal)
    return { entries, base: checksum, baseBytes: bytes, checksum, journalBytes: 0 }
  }
}

function changesBetween(
  before: ReadonlyMap<ObjectKey, InventoryEntry>,
  now: ReadonlyMap<ObjectKey, InventoryEntry>,
): { readonly put: readonly InventoryEntry[]; readonly removed: readonly ObjectKey[] } {
  const put: InventoryEntry[] = []
  let kept = 0
  for (const [key, entry] of now) {
    const last = before.get(key)
    if (last !== undefined) kept += 1
    if (last !== entry) put.push(entry)
  }
  const removed = kept === before.size ? [] : [...before.keys()].filter((key) => !now.has(key))
  return { put, removed }
}

/** The inventory after the records; a sentence where one of them is none. */
function continued(inventory: Inventory, records: readonly JournalValue[]): Inventory | string {
  const entries = new Map(inventory.entries)
  let fields = fieldsOf(inventory)
  for (const [index, record] of records.entries()) {
    const read = readFields(record.fields)
    if (typeof read === 'string' || !record.put.every(isEntry)) return `line ${index + 1} is no record`
    fields = read
    for (const entry of record.put) entries.set(entry.key, entry)
    for (const key of record.removed) entries.delete(key)
  }
  return { entries, ...fields }
}
