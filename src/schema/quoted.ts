import { isList, isRecord } from '../core/record.ts'

/** What a message repeats of a text from the input: enough to find it again, short enough to read past. */
const QUOTED_LENGTH = 64

/** DEL, the C1 controls, line separators and the marks that turn the direction of writing. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** A value of the input as a message shows it: in quotes, cut, without anything that a terminal would act on. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value))
  if (isList(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (isRecord(value)) return 'a map'
  return String(value)
}

/** A word of the input as it is, or in quotes where it cannot be shown so. */
export function shown(word: string): string {
  const text = quoted(word)
  return text === `"${word}"` ? word : text
}

/** What to do about a number or a truth value where text is wanted; `undefined` for what quotes do not help. */
export function quotesHint(value: unknown): string | undefined {
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  return isPlain ? `put it in quotes: "${value}"` : undefined
}

/** A text of the input, cut and without the characters that JSON's escapes leave as they are. */
export function shortened(text: string): string {
  const shown = text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}...` : text
  return shown.replace(UNPRINTABLE, '\ufffd')
}
