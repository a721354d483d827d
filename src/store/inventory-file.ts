import type { ObjectKey } from '../core/key.ts'
import { parseMoment } from '../core/moment.ts'
import { isList, isRecord, isStringList, type UnknownRecord } from '../core/record.ts'
import { lineOf, seal, unseal, type Format, type Line, type Unreadable } from '../storage/ndjson.ts'
import { isRefusedVersion } from './refused-version.ts'
import type { AcceptedVersion, Inventory, InventoryEntry, StatusRecord } from './store.ts'
import { isStoredObject } from '../api/stored-object.ts'

/** Raise the version when a palisade of today would misread the file. */
const FORMAT: Format = { content: 'Inventory', version: 2 }

export const emptyInventory = (): Inventory => ({ entries: new Map(), nextOrder: 0 })

/** `id`: see InventoryFile.serialise; undefined in a file of a palisade that knew no journal. */
export type ReadInventory =
  { readonly ok: true; readonly inventory: Inventory; readonly id: string | undefined } | Unreadable

/**
 * The file `inventory.ndjson`. Each entry is serialised once, as long as the same object stands for
 * it: of 10,000 entries of which one changed, one is serialised.
 */
export class InventoryFile {
  readonly #lines = new WeakMap<InventoryEntry, Line>()
  readonly #palisade: string

  constructor(palisade: string) {
    this.#palisade = palisade
  }

  /** `id`: another for each file, whatever it holds, for a journal to name the one that it goes on from. */
  serialise(inventory: Inventory, id: string): Iterable<Uint8Array> {
    const lines = Array.from(inventory.entries.values(), (entry) => this.lineOf(entry))
    return seal(FORMAT, this.#palisade, { id, ...fieldsOf(inventory) }, lines)
  }

  parse(bytes: Uint8Array): ReadInventory {
    const read = unseal(FORMAT, bytes)
    if (!read.ok) return read
    const fields = readFields(read.header)
    if (typeof fields === 'string') return { ok: false, damage: fields }
    const entries = new Map<ObjectKey, InventoryEntry>()
    for (const [index, { line, value }] of read.lines.entries()) {
      if (!isEntry(value) || entries.has(value.key)) {
        return { ok: false, damage: `line ${index + 2} is no entry of its own` }
      }
      this.#lines.set(value, line)
      entries.set(value.key, value)
    }
    const { id } = read.header
    return { ok: true, inventory: { entries, ...fields }, id: typeof id === 'string' ? id : undefined }
  }

  lineOf(entry: InventoryEntry): Line {
    const known = this.#lines.get(entry)
    if (known !== undefined) return known
    const line = lineOf(entry)
    this.#lines.set(entry, line)
    return line
  }
}

/** All of an inventory but its entries. */
export function fieldsOf({ nextOrder, moment, statusDue, node }: Inventory): Omit<Inventory, 'entries'> {
  return {
    nextOrder,
    ...(moment !== undefined && { moment }),
    ...(statusDue && { statusDue }),
    ...(node !== undefined && { node }),
  }
}

/** A sentence about what is wrong with them, where anything is. */
export function readFields({
  nextOrder,
  moment,
  statusDue,
  node,
}: UnknownRecord): Omit<Inventory, 'entries'> | string {
  if (typeof nextOrder !== 'number') return 'its first line has no nextOrder'
  // To read it as absent could open again what has closed.
  if (moment !== undefined && (typeof moment !== 'string' || parseMoment(moment) === undefined)) {
    return 'the moment in its first line is no time'
  }
  // To read it as absent could take the rules of another node off this one.
  if (node !== undefined && typeof node !== 'string') return 'the node in its first line is no name'
  // Anything but its absence is doubt.
  return {
    nextOrder,
    ...(moment !== undefined && { moment }),
    ...(statusDue !== undefined && { statusDue: true }),
    ...(node !== undefined && { node }),
  }
}

export function isEntry(value: unknown): value is InventoryEntry {
  if (!isRecord(value)) return false
  const { key, accepted, refused, status, rivals, withdrawn } = value
  return (
    typeof key === 'string' &&
    hasStrings(value, ['origin', 'firstSeen', 'digest']) &&
    hasNumbers(value, ['order', 'generation']) &&
    (rivals === undefined || isStringList(rivals)) &&
    (withdrawn === undefined || withdrawn === true) &&
    (accepted === undefined || isAcceptedVersion(accepted, key)) &&
    (refused === undefined || isRefusedVersion(refused, key)) &&
    (status === undefined || isStatusRecord(status))
  )
}

const isAcceptedVersion = (value: unknown, key: ObjectKey): value is AcceptedVersion =>
  isRecord(value) &&
  hasStrings(value, ['digest']) &&
  hasNumbers(value, ['generation']) &&
  isStoredObject(value['object'], key)

const isStatusRecord = (value: unknown): value is StatusRecord =>
  isRecord(value) &&
  hasStrings(value, ['digest']) &&
  isRecord(value['transitions']) &&
  Object.values(value['transitions']).every(
    (item) => isList(item) && item.length === 2 && item.every((text) => typeof text === 'string'),
  )

const hasStrings = (value: UnknownRecord, fields: readonly string[]): boolean =>
  fields.every((field) => typeof value[field] === 'string')

const hasNumbers = (value: UnknownRecord, fields: readonly string[]): boolean =>
  fields.every((field) => Number.isSafeInteger(value[field]))
