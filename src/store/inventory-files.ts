import { existsSync } from 'node:fs'
import path from 'node:path'
import type { ObjectKey } from '../core/key.ts'
import { replaceFile } from '../storage/atomic-file.ts'
import { appendToFile } from '../storage/appended-file.ts'
import { faultCode } from '../storage/fault.ts'
import type { FileSystem } from '../storage/file-system.ts'
import type { Unreadable } from '../storage/ndjson.ts'
import { readFileIfPresent } from '../storage/read-file.ts'
import { setAside } from '../storage/set-aside.ts'
import { stampOf } from '../storage/stamp.ts'
import { fieldsOf, InventoryFile, isEntry, readFields } from './inventory-file.ts'
import { firstChecksum, journalLine, readJournal, type JournalValue } from './inventory-journal.ts'
import type { Inventory, InventoryEntry } from './store.ts'

/**
 * From this size on what changed is written by itself: below it a file that is replaced costs no more than its two
 * calls of fsync(2), and one file is easier to look at.
 */
export const JOURNAL_FROM_BYTES = 64 * 1024

type ReadFiles =
  | { readonly ok: true; readonly inventory: Inventory | undefined }
  /** What a person has to do about the journal, as a sentence. */
  | { readonly ok: false; readonly journal: string }
  | Unreadable

/** What is on the disk. */
interface Written {
  readonly entries: Map<ObjectKey, InventoryEntry>
  /** The whole's own. */
  readonly id: string
  readonly wholeBytes: number
  /** 0: there is no journal after it. */
  readonly journalBytes: number
  /** Of the last line of the journal, or what its first is to go on from. */
  readonly lastChecksum: number
  /** Of both files. */
  readonly stamp: string
}

export interface InventoryFilesOptions {
  readonly palisade: string
  readonly fileSystem: FileSystem
  /** Never the same twice. */
  readonly newId: () => string
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
  readonly #options: InventoryFilesOptions
  /** Undefined: not known, so that all is written. */
  #written: Written | undefined

  constructor(folder: string, options: InventoryFilesOptions) {
    this.path = path.join(folder, 'inventory.ndjson')
    this.#journal = path.join(folder, 'inventory.journal')
    this.#file = new InventoryFile(options.palisade)
    this.#options = options
  }

  stamp(): string {
    return `${stampOf(this.path)}\n${stampOf(this.#journal)}`
  }

  /** Undefined: there is none. Beside a writer: what was there at one moment. */
  read(): ReadFiles {
    for (;;) {
      const [whole, stamp] = [stampOf(this.path), this.stamp()]
      const bytes = readFileIfPresent(this.path)
      const journal = readFileIfPresent(this.#journal)
      // Where the whole was replaced in between, the journal may go on from the new one.
      if (stampOf(this.path) === whole) return this.#parse(bytes, journal ?? new Uint8Array(), stamp)
    }
  }

  /** Renames both, whichever there are; gives their new names. The caller holds the lock. */
  setAside(now: Date): readonly string[] {
    this.#written = undefined
    return [this.path, this.#journal].filter((file) => existsSync(file)).map((file) => setAside(file, now))
  }

  /** All of it is there afterwards; when it rejects, that or what was there before. */
  async write(inventory: Inventory): Promise<void> {
    const written = this.#written
    this.#written = undefined
    const appended = written && (await this.#append(inventory, written))
    this.#written = appended ?? (await this.#replace(inventory))
  }

  #parse(bytes: Uint8Array | undefined, journal: Uint8Array, stamp: string): ReadFiles {
    this.#written = undefined
    if (bytes === undefined) {
      // It is begun only beside a whole, so that one has been lost.
      return journal.length > 0
        ? { ok: false, journal: wholeMissing(this.path, this.#journal) }
        : { ok: true, inventory: undefined }
    }
    const whole = this.#file.parse(bytes)
    if (!whole.ok) return whole
    // Of another whole it may be as well, if the line that says so is damaged.
    const after = readJournal(journal)
    if (!after.ok) return { ok: false, journal: journalDamaged(this.#journal, after.line) }
    const { id } = whole
    const isContinued = id !== undefined && after.whole === id
    const inventory = isContinued ? continued(whole.inventory, after.records) : whole.inventory
    if (typeof inventory === 'number') return { ok: false, journal: journalDamaged(this.#journal, inventory) }
    // What cannot be gone on with is written anew as a whole.
    if (id !== undefined && !after.isTorn && (isContinued || journal.length === 0)) {
      const lastChecksum = isContinued ? after.lastChecksum : firstChecksum(id)
      const [wholeBytes, journalBytes] = [bytes.length, journal.length]
      const entries = new Map(inventory.entries)
      this.#written = { entries, id, wholeBytes, journalBytes, lastChecksum, stamp }
    }
    return { ok: true, inventory }
  }

  /** Undefined where it was not to be, or failed: then all of it is written. */
  async #append(inventory: Inventory, written: Written): Promise<Written | undefined> {
    const { entries, id, wholeBytes, journalBytes, lastChecksum, stamp } = written
    // Somebody may have put another whole in its place, or taken a file away.
    if (wholeBytes < JOURNAL_FROM_BYTES || this.stamp() !== stamp) return undefined
    const { put, removed } = changesBetween(entries, inventory.entries)
    // It would be larger than half of the whole: that is not worth putting into words to find out.
    if (2 * (put.length + removed.length) > entries.size) return undefined
    const record = {
      fields: { ...fieldsOf(inventory) },
      put: put.map((one) => this.#file.lineOf(one)),
      removed,
    }
    const line = journalLine(record, id, lastChecksum)
    const bytes = Buffer.from(line.text)
    const length = journalBytes + bytes.length
    if (2 * length > wholeBytes) return undefined
    try {
      await appendToFile(this.#journal, bytes, journalBytes === 0, this.#options.fileSystem)
    } catch (error) {
      if (faultCode(error) === '') throw error
      return undefined
    }
    for (const entry of put) entries.set(entry.key, entry)
    for (const key of removed) entries.delete(key)
    return { ...written, lastChecksum: line.checksum, journalBytes: length, stamp: this.stamp() }
  }

  async #replace(inventory: Inventory): Promise<Written> {
    const { fileSystem, newId } = this.#options
    const id = newId()
    // Before anything is awaited: the caller's map may go on to change.
    const entries = new Map(inventory.entries)
    const wholeBytes = await replaceFile(this.path, this.#file.serialise(inventory, id), fileSystem)
    // It goes on from another whole, and says nothing about this one should it stay.
    await fileSystem.remove(this.#journal)
    const lastChecksum = firstChecksum(id)
    return { entries, id, wholeBytes, journalBytes: 0, lastChecksum, stamp: this.stamp() }
  }
}

/** It stays where it is: nothing is written as long as it cannot be read. */
const journalDamaged = (file: string, line: number): string =>
  `${file} is damaged: line ${String(line)} is not as it was written; put a good copy in its place, or cut it off before that line to go on from what was in force until then`

const wholeMissing = (file: string, journal: string): string =>
  `${file} is missing, and ${journal}, which goes on from it, is there: put a good copy back, or remove the journal to start without remembering anything`

function changesBetween(
  before: ReadonlyMap<ObjectKey, InventoryEntry>,
  now: ReadonlyMap<ObjectKey, InventoryEntry>,
): { readonly put: readonly InventoryEntry[]; readonly removed: readonly ObjectKey[] } {
  const put: InventoryEntry[] = []
  let kept = 0
  // A loop would make a list of each pair, of thousands of entries, for every change of one.
  now.forEach((entry, key) => {
    const last = before.get(key)
    if (last !== undefined) kept += 1
    if (last !== entry) put.push(entry)
  })
  const removed = kept === before.size ? [] : [...before.keys()].filter((key) => !now.has(key))
  return { put, removed }
}

/** The inventory after the records; the number of the first that is none. */
function continued(inventory: Inventory, records: readonly JournalValue[]): Inventory | number {
  const entries = new Map(inventory.entries)
  let fields = fieldsOf(inventory)
  for (const [index, record] of records.entries()) {
    const read = readFields(record.fields)
    if (typeof read === 'string' || !record.put.every(isEntry)) return index + 1
    fields = read
    for (const entry of record.put) entries.set(entry.key, entry)
    for (const key of record.removed) entries.delete(key)
  }
  return { entries, ...fields }
}
