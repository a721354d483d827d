import type { ObjectKey } from '../core/key.ts'
import { parseMoment } from '../core/moment.ts'
import { isList, isRecord, isStringList, type UnknownRecord } from '../core/record.ts'
import { lineOf, seal, unseal, type Format, type Line, type Unreadable } from '../storage/ndjson.ts'
import type { AcceptedVersion, Inventory, InventoryEntry, StatusRecord } from './store.ts'
import { isStoredObject } from '../api/stored-object.ts'

/** Raise the version when a palisade of today would misread the file. */
const FORMAT: Format = { content: 'Inventory', version: 1 }

export const emptyInventory = (): Inventory => ({ entries: new Map(), nextOrder: 0 })

export type ReadInventory = { readonly ok: true; readonly inventory: Inventory } | Unreadable

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

  serialise({ entries, nextOrder, moment, statusDue }: Inventory): Iterable<Uint8Array> {
    const lines = Array.from(entries.values(), (entry) => this.#lineOf(entry))
    const optional = { ...(moment !== undefined && { moment }), ...(statusDue && { statusDue }) }
    return seal(FORMAT, this.#palisade, { nextOrder, ...optional }, lines)
  }

  parse(bytes: Uint8Array): ReadInventory {
    const read = unseal(FORMAT, bytes)
    if (!read.ok) return read
    const { nextOrder, moment, statusDue } = read.header
    if (typeof nextOrder !== 'number') return { ok: false, damage: 'its first line has no nextOrder' }
    // To read it as absent could open again what has closed.
    if (moment !== undefined && (typeof moment !== 'string' || parseMoment(moment) === undefined)) {
      return { ok: false, damage: 'the moment in its first line is no time' }
    }
    const entries = new Map<ObjectKey, InventoryEntry>()
    for (const [index, { line, value }] of read.lines.entries()) {
      if (!isEntry(value) || entries.has(value.key)) {
        return { ok: false, damage: `line ${index + 2} is no entry of its own` }
      }
      this.#lines.set(value, line)
      entries.set(value.key, value)
    }
    // Anything but its absence is doubt.
    const optional = {
      ...(moment !== undefined && { moment }),
      ...(statusDue !== undefined && { statusDue: true as const }),
    }
    return { ok: true, inventory: { entries, nextOrder, ...optional } }
  }

  #lineOf(entry: InventoryEntry): Line {
    const known = this.#lines.get(entry)
    if (known !== undefined) return known
    const line = lineOf(entry)
    this.#lines.set(entry, line)
    return line
  }
}

function isEntry(value: unknown): value is InventoryEntry {
  if (!isRecord(value)) return false
  const { key, accepted, status, rivals, withdrawn } = value
  return (
    typeof key === 'string' &&
    hasStrings(value, ['origin', 'firstSeen', 'digest']) &&
    hasNumbers(value, ['order', 'generation']) &&
    (rivals === undefined || isStringList(rivals)) &&
    (withdrawn === undefined || withdrawn === true) &&
    (accepted === undefined || isAcceptedVersion(accepted, key)) &&
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
