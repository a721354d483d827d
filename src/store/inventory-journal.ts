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

/** A record as it was read; what its entries are worth is not known yet. */
export interface JournalValue {
  readonly fields: UnknownRecord
  readonly put: readonly unknown[]
  readonly removed: readonly ObjectKey[]
}

export type ReadJournal =
  | {
      readonly ok: true
      /** The whole that it goes on from; undefined: it has no line. */
      readonly whole: string | undefined
      readonly records: readonly JournalValue[]
      /** For the next line to go on from. */
      readonly lastChecksum: number
      /** Whether it ends in a part of a line, which nobody was told is there. */
      readonly isTorn: boolean
    }
  /** The number of the first line that is not as it was written. */
  | { readonly ok: false; readonly line: number }

/** What the first line's checksum goes on from. */
export const firstChecksum = (whole: string): number => crc32(whole)

/**
 * One line for one write, which names the whole that the journal goes on from. Its checksum is over all that came before
 * as well: a line that was changed, or is missing in between, is noticed.
 */
export function journalLine(
  { fields, put, removed }: JournalRecord,
  whole: string,
  lastChecksum: number,
): { readonly text: string; readonly checksum: number } {
  const head = JSON.stringify({ whole, fields, removed }).slice(0, -1)
  const body = `${head},"put":[${put.map(({ text }) => text.trimEnd()).join(',')}]`
  const checksum = crc32(body, lastChecksum)
  return { text: `${body}${sealText(checksum)}`, checksum }
}

const sealText = (checksum: number): string => `,"checksum":"${checksumText(checksum)}"}\n`

const SEAL_LENGTH = sealText(0).length

/** Reads the lines that `journalLine` made. */
export function readJournal(bytes: Uint8Array): ReadJournal {
  const records: JournalValue[] = []
  let whole: string | undefined
  let lastChecksum = 0
  for (const text of textsOf(bytes)) {
    if (!text.endsWith('\n')) return { ok: true, whole, records, lastChecksum, isTorn: true }
    const record = recordOf(parseLine(text))
    if (record === undefined) return { ok: false, line: records.length + 1 }
    if (whole === undefined) lastChecksum = firstChecksum(record.whole)
    whole ??= record.whole
    const body = text.slice(0, -SEAL_LENGTH)
    lastChecksum = crc32(body, lastChecksum)
    if (record.whole !== whole || text !== `${body}${sealText(lastChecksum)}`) {
      return { ok: false, line: records.length + 1 }
    }
    records.push(record)
  }
  return { ok: true, whole, records, lastChecksum, isTorn: false }
}

function recordOf(value: unknown): (JournalValue & { readonly whole: string }) | undefined {
  if (!isRecord(value)) return undefined
  const { whole, fields, put, removed } = value
  if (typeof whole !== 'string' || !isRecord(fields) || !isList(put) || !isStringList(removed)) {
    return undefined
  }
  return { whole, fields, put, removed }
}
