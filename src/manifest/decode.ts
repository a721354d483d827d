import { Buffer, isUtf8 } from 'node:buffer'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { ManifestCode } from './codes.ts'
import { LineIndex } from './line-index.ts'

export type Decoded =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly finding: Diagnostic }

/**
 * Characters that may not stand in a manifest as they are. Control characters mark binary data; a
 * carriage return alone, NEL (U+0085), LS and PS end a line in YAML 1.1 and not in YAML 1.2 (section
 * 5.4 of both specifications), so that kubectl would see other lines than this reader; a byte order
 * mark inside the text is invisible.
 */
const REFUSED = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)/

/** The text of a file without its byte order mark, or why it has none. */
export function decode(file: string, bytes: Uint8Array): Decoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isUtf16(buffer)) {
    return refuse(file, '', 0, 'NotUtf8', 'the file is encoded as UTF-16', 'save it as UTF-8')
  }
  if (!isUtf8(buffer)) return refuseBytes(file, buffer)
  const text = textOf(buffer)
  const offset = text.search(REFUSED)
  return offset === -1 ? { ok: true, text } : refuseCharacter(file, text, offset)
}

const isUtf16 = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function refuseCharacter(file: string, text: string, offset: number): Decoded {
  const code = text.charCodeAt(offset)
  if (code === 0x0d) {
    const message = 'a carriage return without a line feed ends a line for some readers of YAML only'
    return refuse(file, text, offset, 'ControlCharacter', message, 'end lines with LF or CRLF')
  }
  const name = code.toString(16).toUpperCase().padStart(4, '0')
  const message = `the character U+${name} may not stand in a manifest as it is`
  const hint = `remove it, or write it as "\\u${name}" in double quotes; a binary file is no manifest`
  return refuse(file, text, offset, 'ControlCharacter', message, hint)
}

function refuseBytes(file: string, bytes: Buffer): Decoded {
  const offset = firstInvalid(bytes)
  const before = textOf(bytes.subarray(0, offset))
  const byte = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0')
  const message = `the byte 0x${byte} is not UTF-8 here`
  return refuse(
    file,
    before,
    before.length,
    'NotUtf8',
    message,
    'save the file as UTF-8; a binary file is no manifest',
  )
}

/** Offset of the first byte that is no part of a UTF-8 character, by halving what is left. */
function firstInvalid(bytes: Buffer): number {
  let valid = 0
  let end = bytes.length
  while (end - valid > 2 * LONGEST_CHARACTER) {
    let middle = (valid + end) >> 1
    // A cut within a good character would make it look bad: it goes behind the bytes that continue one.
    while (((bytes[middle] ?? 0) & 0xc0) === 0x80 && middle < (valid + end) / 2 + LONGEST_CHARACTER) middle++
    if (isUtf8(bytes.subarray(valid, middle))) valid = middle
    else end = middle
  }
  for (let length = characterLength(bytes, valid); length > 0; length = characterLength(bytes, valid)) {
    valid += length
  }
  return valid
}

const LONGEST_CHARACTER = 4

/** 0 where no character begins. */
function characterLength(bytes: Buffer, start: number): number {
  for (let length = 1; length <= LONGEST_CHARACTER && start + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(start, start + length))) return length
  }
  return 0
}

function refuse(
  file: string,
  text: string,
  offset: number,
  code: ManifestCode,
  message: string,
  hint: string,
): Decoded {
  const position = { file, ...new LineIndex(text).at(offset) }
  return { ok: false, finding: { code, severity: 'error', message, hint, position } }
}
