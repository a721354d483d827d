import type { Refusal } from './problem.ts'

/** A stretch of a text, as offsets; one YAML document with its marker, or less. */
export interface Segment {
  readonly start: number
  readonly end: number
}

/** Segments that are parsed in one go. */
export interface Part extends Segment {
  readonly segments: readonly Segment[]
}

/**
 * Documents are parsed some at a time, since each call of the parser costs 20 microseconds by itself;
 * beyond this size, in UTF-16 units, there is nothing left to gain.
 */
const PART_SIZE = 64 * 1024

/**
 * A document marker, which ends a document wherever it stands at the start of a line: a scalar or a
 * flow collection cannot contain one (YAML 1.2.2, rule 206, c-forbidden).
 */
const MARKER = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm

/** The documents of a stream, so that what is wrong with one does not cost the others. */
function* segmentsOf(text: string): Generator<Segment> {
  let start = 0
  let hasDirective = false
  for (const { 0: marker, index } of text.matchAll(MARKER)) {
    if (marker === '...') {
      const end = Math.min(lineEnd(text, index) + 1, text.length)
      yield { start, end }
      start = end
      hasDirective = false
    } else if (
      !hasDirective &&
      refuseBeginning(text, { start, end: index })?.refusal === UNSUPPORTED_DIRECTIVE
    ) {
      // The first marker after a directive begins the document that the directive is about.
      hasDirective = true
    } else {
      if (index > start) yield { start, end: index }
      start = index
      hasDirective = false
    }
  }
  if (start < text.length) yield { start, end: text.length }
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset)
  return end === -1 ? text.length : end
}

export function* partsOf(text: string, size = PART_SIZE): Generator<Part> {
  let segments: Segment[] = []
  let start = 0
  for (const segment of segmentsOf(text)) {
    if (segments.length > 0 && segment.end - start > size) {
      yield { start, end: segment.start, segments }
      segments = []
      start = segment.start
    }
    segments.push(segment)
  }
  if (segments.length > 0) yield { start, end: text.length, segments }
}

/** Why a document may not begin as it does, and where. */
export function refuseBeginning(
  text: string,
  { start, end }: Segment,
): { readonly offset: number; readonly refusal: Refusal } | undefined {
  let offset = start
  while (offset < end && /[\s#]/.test(text[offset] ?? '')) {
    offset = text[offset] === '#' ? lineEnd(text, offset) : offset + 1
  }
  const beginsLine = offset === 0 || text[offset - 1] === '\n'
  if (text[offset] === '%' && beginsLine) return { offset, refusal: UNSUPPORTED_DIRECTIVE }
  // The parser takes an indented marker in the first line for a marker.
  if (text.startsWith('---', offset) && !beginsLine) return { offset, refusal: INDENTED_MARKER }
  return undefined
}

const UNSUPPORTED_DIRECTIVE: Refusal = {
  code: 'UnsupportedYaml',
  message: 'directives (%YAML, %TAG) are not supported',
  hint: 'leave the line out: a manifest is YAML 1.2 and has no tags',
}

const INDENTED_MARKER: Refusal = {
  code: 'YamlSyntax',
  message: 'the --- between documents is indented',
  hint: 'begin the line with it',
}

/**
 * Whether a document may have more values than a limit, by what must stand between them: a line break,
 * or an indicator with a space after it; in flow style a comma, which may bring a key and a value, and
 * a closing bracket. Opening brackets do not count: too many that stay open are too deep, and that the
 * parser finds first.
 */
export function hasMoreNodes(text: string, { start, end }: Segment, limit: number): boolean {
  if ((end - start) * 2 < limit) return false
  let nodes = 1
  for (let index = start; index < end && nodes <= limit; index++) {
    switch (text.charCodeAt(index)) {
      case LINE_FEED:
        nodes += 1
        break
      case COMMA:
      case CLOSING_BRACKET:
      case CLOSING_BRACE:
        nodes += 2
        break
      case DASH:
      case COLON:
      case QUESTION_MARK:
        if (text.charCodeAt(index + 1) <= SPACE) nodes += 1
        break
      default:
    }
  }
  return nodes > limit
}

const LINE_FEED = 0x0a
const SPACE = 0x20
const COMMA = 0x2c
const DASH = 0x2d
const COLON = 0x3a
const QUESTION_MARK = 0x3f
const CLOSING_BRACKET = 0x5d
const CLOSING_BRACE = 0x7d
