import { parseEvents, YAMLException, type Event } from 'js-yaml'
import type { Refusal } from './problem.ts'

export type Parsed =
  | { readonly ok: true; readonly events: readonly Event[] }
  | { readonly ok: false; readonly refusal: Refusal; readonly offset: number }

/**
 * The events of a text with `depth` mappings and sequences within each other at most, or the first
 * thing in it that is not YAML. The parser stops at the depth, so that no text can exhaust the stack.
 */
export function parseText(text: string, depth: number): Parsed {
  try {
    // The parser counts the innermost scalar as well, and a flow collection that could be a key twice.
    return { ok: true, events: parseEvents(text, { maxDepth: depth + 2 }) }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    return { ok: false, ...explain(text, error.reason, error.mark?.position ?? 0, depth) }
  }
}

interface Explained {
  readonly refusal: Refusal
  readonly offset: number
}

function explain(text: string, reason: string, offset: number, depth: number): Explained {
  if (reason.startsWith('nesting exceeded')) {
    const message = `there are more than ${depth} mappings and sequences within each other`
    return { refusal: { code: 'TooDeep', message, hint: 'flatten the document' }, offset }
  }
  const tab = indentingTab(text, offset)
  if (tab !== undefined) {
    const message = 'the line is indented with a tab, which YAML does not allow'
    return { refusal: { code: 'TabIndentation', message, hint: 'indent with spaces' }, offset: tab }
  }
  const hint = HINTS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'compare the line with its neighbours'
  const { start, end } = lineAround(text, offset)
  const isTemplate = text.slice(start, end).includes('{{')
  const refusal: Refusal = {
    code: 'YamlSyntax',
    message: `this is not valid YAML: ${reason}`,
    hint: isTemplate ? 'this looks like a template: render it first' : hint,
  }
  return { refusal, offset }
}

/** By the reasons that the parser gives. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/indentation/, 'begin the fields of a mapping, and the items of a list, in one column'],
  [/mapping key|implicit key/, 'write a field as `key: value`, and text with a colon in quotes'],
  [/whitespace character is expected/, 'put a space after the colon'],
  [/within a (single|double) quoted/, "close the quote; a quote inside is written '' or \\\""],
  [/within a flow collection|missed comma|node content/, 'check the brackets and commas of the { } or [ ]'],
  [/escape|hexadecimal/, 'write a backslash in double quotes as \\\\, or use single quotes'],
  [/document separator/, 'separate documents by a line with --- and check the indentation'],
]

/** The tab in the indentation of the line of an offset, or of the lines around it. */
function indentingTab(text: string, offset: number): number | undefined {
  const { start, end } = lineAround(text, offset)
  for (const line of [{ start, end }, lineAround(text, start - 1), lineAround(text, end + 1)]) {
    const indentation = /^ *\t/.exec(text.slice(line.start, line.end))
    if (indentation !== null) return line.start + indentation[0].length - 1
  }
  return undefined
}

function lineAround(text: string, offset: number): { readonly start: number; readonly end: number } {
  const within = Math.min(Math.max(0, offset), text.length)
  const start = within === 0 ? 0 : text.lastIndexOf('\n', within - 1) + 1
  const end = text.indexOf('\n', within)
  return { start, end: end === -1 ? text.length : end }
}
