import { isList, isRecord, type UnknownRecord } from '../core/record.ts'

/** Texts of parts that several values hold, as 1,000 instances may hold the same rules. They must not change meanwhile. */
export type SharedParts = Map<UnknownRecord, string>

/** Fields of what a field of a value holds are where long parts are; so deep they all have the same indentation. */
const SHARED_INDENT = '    '

/** So many are remembered at a time: a text may have 200 KB, and among many that differ few are met again. */
const SHARED_PARTS = 100

/** Below that many characters, to print a part again takes no longer than to remember it. */
const SHARED_LENGTH = 256

/**
 * A value as JSON has it, as block-style YAML, keys in the order given; undefined fields are left out as
 * JSON.stringify does. YAML 1.1 and 1.2 read it alike: text that either could take for something else
 * is in double quotes. js-yaml prints 10 MB a second and `yaml` 3; ten thousand status files of 2 KB
 * need more. Throws for what JSON cannot hold: that is a bug of the caller.
 *
 * `shared`: of the values that were printed before this one, for whoever prints many.
 */
export function printYaml(value: unknown, shared?: SharedParts): string {
  if (isFilledList(value)) return sequence(value, '')
  const fields = isRecord(value) ? mapping(value, '', shared) : ''
  return fields === '' ? `${scalar(value)}\n` : fields
}

const isFilledList = (value: unknown): value is readonly unknown[] => isList(value) && value.length > 0

/** Empty where no field has a value. */
function mapping(value: UnknownRecord, indent: string, shared?: SharedParts): string {
  const known = indent === SHARED_INDENT ? shared?.get(value) : undefined
  if (known !== undefined) return known
  let text = ''
  for (const key of Object.keys(value)) {
    const field = value[key]
    if (field === undefined) continue
    const written = scalar(key)
    // A reader looks for the colon of an unmarked key within 1024 characters only (YAML 1.2.2, 7.4.2).
    text += written.length > 1000 ? `${indent}? ${written}\n${indent}:` : `${indent}${written}:`
    const fields = isRecord(field) ? mapping(field, `${indent}  `, shared) : ''
    if (isFilledList(field)) text += `\n${sequence(field, indent)}`
    else text += fields === '' ? ` ${scalar(field)}\n` : `\n${fields}`
  }
  if (indent === SHARED_INDENT && text.length >= SHARED_LENGTH) remember(value, text, shared)
  return text
}

function remember(part: UnknownRecord, text: string, shared?: SharedParts): void {
  if (shared?.size === SHARED_PARTS) shared.clear()
  shared?.set(part, text)
}

function sequence(items: readonly unknown[], indent: string): string {
  const inner = `${indent}  `
  let text = ''
  for (const item of items) {
    // What an item begins with stands in the line of its dash, in the place of the indentation.
    const fields = isRecord(item) ? mapping(item, inner) : ''
    if (isFilledList(item)) text += `${indent}- ${sequence(item, inner).slice(inner.length)}`
    else text += `${indent}- ${fields === '' ? `${scalar(item)}\n` : fields.slice(inner.length)}`
  }
  return text
}

function scalar(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return isPlain(value) ? value : quoted(value)
    case 'number':
      return numeral(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return 'null'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? '[]' : '{}'
    default:
      throw new TypeError(`YAML has no ${typeof value}`)
  }
}

/** Letters first; then nothing that ends a scalar, begins a comment or makes a key of it. */
const PLAIN = /^[A-Za-z/](?:[\w./,;()+=@% -]|:(?=[\w/:]))*(?<! )$/
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/
/** Words of YAML 1.1; and what the package yaml takes for a float in its mode for YAML 1.1. */
const WORD = /^(?:y|yes|n|no|on|off|true|false|null|e\d+)$/i

const isPlain = (text: string): boolean => (PLAIN.test(text) && !WORD.test(text)) || IPV4.test(text)

/** What JSON leaves as it is and YAML 1.1 takes for a line break, or no YAML for printable. */
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g

function quoted(text: string): string {
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** YAML 1.1 knows an exponent only after a dot. */
function numeral(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`YAML as JSON has it cannot hold ${value}`)
  const text = String(value)
  return text.includes('.') ? text : text.replace('e', '.0e')
}
