import { EVENT_ID, SCALAR_STYLE, type Event, type ScalarEvent } from 'js-yaml'

/** What the parser writes for an offset that there is none of. */
export const ABSENT = -1

/** A value that is not written: nothing after `key:` or `-`, or an empty document. */
export function isOmitted(event: Event | undefined): boolean {
  return event?.type === EVENT_ID.SCALAR && scalarEnds(event).every((offset) => offset === ABSENT)
}

const scalarEnds = (event: ScalarEvent): readonly number[] => [
  event.valueStart,
  event.anchorStart,
  event.tagStart,
]

/**
 * Where a value begins: at its quote, its `|`, its first key or its first item; after its anchor. The
 * parser gives the start of the content. ABSENT for a value that is not written.
 */
export function offsetOf(text: string, event: Event | undefined): number {
  switch (event?.type) {
    case EVENT_ID.SCALAR:
      return scalarOffset(text, event)
    case EVENT_ID.ALIAS:
      return event.anchorStart - '*'.length
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start
    default:
      return ABSENT
  }
}

function scalarOffset(text: string, event: ScalarEvent): number {
  if (event.valueStart === ABSENT) return Math.max(...scalarEnds(event))
  switch (event.style) {
    case SCALAR_STYLE.SINGLE_QUOTED:
    case SCALAR_STYLE.DOUBLE_QUOTED:
      return event.valueStart - '"'.length
    case SCALAR_STYLE.LITERAL_BLOCK:
    case SCALAR_STYLE.FOLDED_BLOCK:
      return headerOffset(text, event.valueStart)
    case SCALAR_STYLE.PLAIN:
      return event.valueStart
  }
}

/** The `|` or `>` is the last word of the line before the content, but for a comment. */
function headerOffset(text: string, contentStart: number): number {
  const end = text[contentStart - 1] === '\n' ? contentStart - 1 : contentStart
  const start = text.lastIndexOf('\n', end - 1) + 1
  const header = /(?<=^|[ \t])[|>][-+0-9]*[ \t]*(?:#.*)?\r?$/.exec(text.slice(start, end))
  return header === null ? contentStart : start + header.index
}

/** Index of the event that follows the value at an index. */
export function afterNode(events: readonly Event[], index: number): number {
  let next = index
  let open = 0
  do {
    const type = events[next]?.type
    if (type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING) open++
    else if (type === EVENT_ID.POP) open--
    next++
  } while (open > 0)
  return next
}
