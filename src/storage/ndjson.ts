import { crc32 } from 'node:zlib'
import { isRecord, type UnknownRecord } from '../core/record.ts'

/** One line of a file, serialised once and written many times. */
export interface Line {
  /** JSON, with the line feed. */
  readonly text: string
  readonly checksum: number
}

/** What a file holds and in which version of its format; readers refuse any other. */
export interface Format {
  readonly content: string
  readonly version: number
}

export interface Sealed {
  readonly header: UnknownRecord
  /** The line and its value, without the header, in order. */
  readonly lines: readonly { readonly line: Line; readonly value: unknown }[]
}

/** Why a file cannot be read: it is damaged, and how, or a newer palisade wrote it, and which. */
export type Unreadable =
  { readonly ok: false; readonly damage: string } | { readonly ok: false; readonly newer: string }

export type Unsealed = ({ readonly ok: true } & Sealed) | Unreadable

/** Bytes per write: large enough that the calls do not count, small beside the file. */
const CHUNK_BYTES = 1 << 20

/** The most bytes that one UTF-16 unit takes in UTF-8. */
const BYTES_PER_UNIT = 3

const LINE_FEED = 0x0a

export function lineOf(value: unknown): Line {
  const text = `${JSON.stringify(value)}\n`
  return { text, checksum: crc32(text) }
}

/**
 * A file of JSON lines whose first one tells what the others are, how many, and their checksum: a
 * file that was cut, edited or damaged is recognised. It does not protect against forgery.
 *
 * The checksum is the CRC-32 of the header without it and of every line's own CRC-32, so that one
 * changed line among 10,000 costs one line's checksum and 40 KB of this, not 6 MB.
 */
export function* seal(
  format: Format,
  palisade: string,
  fields: UnknownRecord,
  lines: readonly Line[],
): Generator<Uint8Array> {
  const header = { ...headerOf(format, palisade), ...fields, lines: lines.length }
  const checksum = checksumText(checksumOf(header, lines))
  yield Buffer.from(`${JSON.stringify({ ...header, checksum })}\n`)
  yield* chunksOf(lines)
}

const headerOf = ({ content, version }: Format, palisade: string): UnknownRecord => ({
  content,
  version,
  palisade,
})

function checksumOf(header: UnknownRecord, lines: readonly Line[]): number {
  const checksums = Buffer.allocUnsafe(lines.length * 4)
  let offset = 0
  for (const { checksum } of lines) offset = checksums.writeUInt32BE(checksum, offset)
  return crc32(checksums, crc32(JSON.stringify(header)))
}

/** As files show it: always of the same length. */
export const checksumText = (checksum: number): string => `crc32:${checksum.toString(16).padStart(8, '0')}`

function* chunksOf(lines: readonly Line[]): Generator<Uint8Array> {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let length = 0
  for (const { text } of lines) {
    if (length + text.length * BYTES_PER_UNIT > chunk.length) {
      if (length > 0) yield chunk.subarray(0, length)
      chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, text.length * BYTES_PER_UNIT))
      length = 0
    }
    length += chunk.write(text, length)
  }
  if (length > 0) yield chunk.subarray(0, length)
}

/** Reads what `seal` wrote. */
export function unseal(format: Format, bytes: Uint8Array): Unsealed {
  if (bytes.length === 0) return { ok: false, damage: 'it is empty' }
  const texts = textsOf(bytes)
  const header = parseLine(texts.next().value ?? '')
  if (!isRecord(header) || header['content'] !== format.content || typeof header['version'] !== 'number') {
    return { ok: false, damage: `its first line does not say that it is a ${format.content} of palisade` }
  }
  if (header['version'] > format.version) return { ok: false, newer: writerOf(header) }
  return check(header, [...texts])
}

/** What to tell about a file that a newer palisade wrote; it is left as it is. */
export const newerSentence = (file: string, writer: string): string =>
  `${file} was written by ${writer}, which this palisade cannot read: use that version, or choose another folder with --state`

const writerOf = (header: UnknownRecord): string =>
  `palisade ${String(header['palisade'])} in version ${String(header['version'])} of its format`

function check({ checksum, ...header }: UnknownRecord, texts: readonly string[]): Unsealed {
  const whole = texts.at(-1)?.endsWith('\n') === false ? texts.length - 1 : texts.length
  const expected = header['lines']
  if (typeof expected === 'number' && whole < expected) {
    return { ok: false, damage: `it ends after ${whole} of ${expected} entries` }
  }
  const lines = texts.map((text) => ({ text, checksum: crc32(text) }))
  if (expected !== lines.length || checksum !== checksumText(checksumOf(header, lines))) {
    return { ok: false, damage: 'its content does not match its checksum' }
  }
  return { ok: true, header, lines: lines.map((line) => ({ line, value: parseLine(line.text) })) }
}

/** Every line with its line feed; the last one may lack it. The whole may exceed the longest string. */
export function* textsOf(bytes: Uint8Array): Generator<string, undefined> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let start = 0; start < buffer.length;) {
    const feed = buffer.indexOf(LINE_FEED, start)
    const end = feed === -1 ? buffer.length : feed + 1
    yield buffer.toString('utf8', start, end)
    start = end
  }
}

/** Undefined for a text that is not JSON. */
export function parseLine(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
