import { hash } from 'node:crypto'

/** `sha256:` and the hash in hexadecimal. */
export function digestText(text: string): string {
  return `sha256:${hash('sha256', text, 'hex')}`
}

/**
 * JSON with the keys of every object in order, so that equal values have equal text.
 * Undefined properties are left out, as in JSON.stringify.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === undefined) return 'null'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}
