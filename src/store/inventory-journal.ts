import { crc32 } from 'node:zlib'
import type { ObjectKey } from '../core/key.ts'
import { isList, isRecord, isStringList, type UnknownRecord } from '../core/record.ts'
import { checksumText, parseLine, textsOf, type Line } from '../storage/ndjson.ts'

/** What changed of an inventory with one write. */
export interface JournalRecord {
  /** All that an inventory has besides its entries. */
  readonly fields: UnknownRecord
  /** Entries that came or changed, each as its line. */
  readonly put: readonly Line[]
  readonly removed: readonly ObjectKey[]
}

/** The records that are in a journal, as values. */
export interface JournalValue {
  readonly fields: UnknownRecord
  readonly put: readonly unknown[]
  readonly removed: readonly ObjectKey[]
}

export type ReadJournal =
  | {
      readonly ok: true
      /** The checksum of the file that it goes on from; undefined: it has no line. */
      readonly base: number | undefined
      readonly records: readonly JournalValue[]
      /** That of its last line, for the next to go on from. */
      readonly checksum: number
      /** Whether it ends in a line that was being written when the process or the machine ended. */
      readonly isTorn: boolean
    }
  | { readonly ok: false; readonly damage: string }

/**
 * One line for one write. Each names the checksum of the file that the journal goes on from, and has one of its own over
 * all that came before it: a line that was changed, or is missing in between, is noticed.
 */
export function journalLine(
  { fields, put, removed }: JournalRecord,
  base: number,
  previous: number,
): { readonly text: string; readonly checksum: number } {
  const head = JSON.stringify({ base: checksumText(base), fields, removed }).slice(0, -1)
  const body = `${head},"put":[${put.map(({ text }) => text.trimEnd()).join(',')}]`
  const checksum = crc32(body, previous)
  return { text: `${body}${sealText(checksum)}`, checksum }
}

const sealText = (checksum: number): string => `,"checksum":"${checksumText(checksum)}"}\n`

const SEAL_LENGTH = sealText(0).length

/** Reads the lines that `journalLine` made. */
export function readJournal(bytes: Uint8Array): ReadJournal {
  const records: JournalValue[] = []
  let base: number | undefined
  let checksum = 0
  for (const text of textsOf(bytes)) {
    if (!text.endsWith('\n')) return { ok: true, base, records, checksum, isTorn: true }
    const value = parseLine(text)
    base ??= baseOf(value)
    if (records.length === 0) checksum = base ?? 0
    const body = text.slice(0, -SEAL_LENGTH)
    checksum = crc32(body, checksum)
    const record = text === `${body}${sealText(checksum)}` ? recordOf(value) : undefined
    if (record === undefined) {
      return { ok: false, damage: `line ${String(records.length + 1)} does not match its checksum` }
    }
    records.push(record)
  }
  return { ok: true, base, records, checksum, isTorn: false }
}

function baseOf(value: unknown): number | undefined {
  const text = isRecord(value) ? value['base'] : undefined
  if (typeof text !== 'string') return undefined
  const number = Number.parseInt(text.slice(checksumText(0).indexOf(':') + 1), 16)
  return checksumText(number) === text ? number : undefined
}

function recordOf(value: unknown): JournalValue | undefined {
  if (!isRecord(value)) return undefined
  const { fields, put, removed } = value
  if (!isRecord(fields) || !isList(put) || !isStringList(removed)) return undefined
  return { fields, put, removed }
}
