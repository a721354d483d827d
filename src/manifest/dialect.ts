import { COLLECTION_STYLE, SCALAR_STYLE, type CollectionStyle, type ScalarEvent } from 'js-yaml'
import { ABSENT, offsetOf } from './events.ts'
import type { Refusal } from './problem.ts'

// Where the parser takes more than other readers of YAML take, or reads it otherwise: found by comparing
// it with the package `yaml` and with the sigs.k8s.io/yaml of kubectl on millions of damaged manifests.

/** Why a key may not stand where it does. */
export function refuseKeyPlace(text: string, key: ScalarEvent, style: CollectionStyle): Refusal | undefined {
  if (key.valueStart === ABSENT) return undefined
  if (style === COLLECTION_STYLE.FLOW) return isGlued(text, key) ? GLUED_COLON : undefined
  return beginsItsLine(text, offsetOf(text, key)) ? undefined : KEY_WITHIN_LINE
}

/** `{a:}` and `[a:, b]`: the key `a` without a value in YAML 1.2, the text `a:` in YAML 1.1. */
function isGlued(text: string, { style, valueEnd }: ScalarEvent): boolean {
  if (style !== SCALAR_STYLE.PLAIN) return false
  let colon = valueEnd
  while (/\s/.test(text[colon] ?? '')) colon++
  return text[colon] === ':' && /[,[\]{}]/.test(text[colon + 1] ?? '')
}

/**
 * Before a key in block style there is only indentation, `- ` or `? ` or `: ` of what it lies in, and its
 * anchor. The parser also takes one after the end of a value: `- {a: b} c: d`.
 */
function beginsItsLine(text: string, offset: number): boolean {
  let start = offset
  while (text[start - 1] === ' ') start--
  if (start === 0 || text[start - 1] === '\n') return true
  const line = text.lastIndexOf('\n', offset - 1) + 1
  return /^ *(?:[-?:] +)*(?:&[^ ]+ +)?$/.test(text.slice(line, offset))
}

const GLUED_COLON: Refusal = {
  code: 'AmbiguousScalar',
  message:
    'a colon with a bracket, brace or comma right after it ends a key in YAML 1.2 and is text to kubectl',
  hint: 'put a space after the colon, or the text in quotes',
}

const KEY_WITHIN_LINE: Refusal = {
  code: 'YamlSyntax',
  message: 'a key stands in a line that already has a value',
  hint: 'begin a new line for it, or put the text in quotes',
}

/** Why a quoted or block scalar cannot be taken as it is written. */
export function refuseText(text: string, scalar: ScalarEvent, value: string): Refusal | undefined {
  if (scalar.fast) return undefined // nothing is escaped or folded
  if (/\p{Surrogate}/u.test(value)) return HALF_CHARACTER
  const { style, valueStart, valueEnd } = scalar
  if (style === SCALAR_STYLE.DOUBLE_QUOTED) {
    const isBroken = /(?<!\\)(?:\\\\)*\\\r?\n[ \t]*\r?\n/.test(text.slice(valueStart, valueEnd))
    return isBroken ? ESCAPED_BREAK : undefined
  }
  const isBlock = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK
  const isCutOff = isBlock && value.endsWith('\n') && valueEnd === text.length && !text.endsWith('\n')
  return isCutOff ? NO_LAST_BREAK : undefined
}

const HALF_CHARACTER: Refusal = {
  code: 'UnsupportedYaml',
  message: 'the text has half of a surrogate pair, which UTF-8 cannot hold',
  hint: 'write the character itself',
}

const ESCAPED_BREAK: Refusal = {
  code: 'AmbiguousScalar',
  message: 'readers of YAML differ on a backslash at the end of a line with an empty line after it',
  hint: 'write the line break as \\n',
}

const NO_LAST_BREAK: Refusal = {
  code: 'AmbiguousScalar',
  message:
    'the file ends within this text, which ends with a line break in YAML 1.2 and without one to kubectl',
  hint: 'end the file with a line break, or begin the text with |- or >- to have none',
}
