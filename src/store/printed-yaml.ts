/**
 * The value of a text as printYaml writes it; undefined for any other text, which may still be YAML.
 *
 * Ten thousand status files of 3 KB take a YAML parser ten seconds, and this one second. It knows
 * only what the printer writes: block mappings and sequences, one scalar to a line.
 */
export function parsePrinted(text: string): unknown {
  if (!text.endsWith('\n')) return undefined
  const reader = new PrintedReader(text.slice(0, -1).split('\n'))
  const value = reader.block(0)
  return reader.isAtEnd ? value : undefined
}

const DASH = '- '

/** A key with its colon: plain, or quoted as in JSON; what follows is a scalar or nothing. */
const FIELD = /^([\w/](?:[^:"#]|:(?=[\w/:]))*|"(?:[^"\\]|\\.)*"):(?: (.+))?$/

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+(?:e[+-]\d+)?)?$/
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/

/** What the printer leaves without quotes: nothing that YAML takes for a mapping, a comment or a tag. */
const PLAIN = /^[A-Za-z/](?:[\w./,;()+=@% -]|:(?=[\w/:]))*(?<! )$/

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])

class PrintedReader {
  readonly #lines: readonly string[]
  #at = 0
  /** What is left of the line after the dashes of sequences, and the column where it begins. */
  #text = ''
  #column = 0

  constructor(lines: readonly string[]) {
    this.#lines = lines
    this.#show()
  }

  get isAtEnd(): boolean {
    return this.#at === this.#lines.length
  }

  /** The collection whose entries begin in this column. */
  block(column: number): unknown {
    if (this.isAtEnd || this.#column !== column) return undefined
    return this.#text.startsWith(DASH) ? this.#sequence(column) : this.#mapping(column)
  }

  #sequence(column: number): unknown {
    const items: unknown[] = []
    while (!this.isAtEnd && this.#column === column && this.#text.startsWith(DASH)) {
      this.#text = this.#text.slice(DASH.length)
      this.#column += DASH.length
      const item = this.#item()
      if (item === undefined) return undefined
      items.push(item)
    }
    return items
  }

  #item(): unknown {
    if (this.#text.startsWith(DASH) || FIELD.test(this.#text)) return this.block(this.#column)
    const value = scalar(this.#text)
    this.#next()
    return value
  }

  #mapping(column: number): unknown {
    const fields: Record<string, unknown> = {}
    while (!this.isAtEnd && this.#column === column) {
      const [, written = '', rest] = FIELD.exec(this.#text) ?? []
      const key = scalar(written)
      if (typeof key !== 'string' || Object.hasOwn(fields, key) || key === '__proto__') return undefined
      this.#next()
      const value = rest === undefined ? this.#nested(column) : scalar(rest)
      if (value === undefined) return undefined
      fields[key] = value
    }
    return fields
  }

  /** The items of a sequence stand below the key that it belongs to, the fields of a mapping further in. */
  #nested(column: number): unknown {
    return this.block(this.#text.startsWith(DASH) ? column : column + 2)
  }

  #next(): void {
    this.#at += 1
    this.#show()
  }

  #show(): void {
    const line = this.#lines[this.#at] ?? ''
    this.#text = line.trimStart()
    this.#column = line.length - this.#text.length
  }
}

/** Undefined for what the printer does not write. */
function scalar(text: string): unknown {
  if (text.startsWith('"')) return parseQuoted(text)
  if (text === '[]') return []
  if (text === '{}') return {}
  if (CONSTANTS.has(text)) return CONSTANTS.get(text)
  if (NUMBER.test(text)) return Number(text)
  return PLAIN.test(text) || IPV4.test(text) ? text : undefined
}

function parseQuoted(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
