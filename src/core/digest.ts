import { hash } from 'node:crypto'
import { isList, isRecord } from './record.ts'

/** `sha256:` and the hash in hexadecimal. */
export function digestText(text: string): string {
  return `sha256:${hash('sha256', text, 'hex')}`
}

/**
 * JSON with the keys of every object in order, so that equal values have equal text.
 * Undefined properties are left out, as in JSON.stringify.
 */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return 'null'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isRecord(value)) throw new TypeError('only plain values have canonical JSON')
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const item = value[key]
    if (item !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(item)}`
  }
  return `{${text}}`
}
