import { EVENT_ID, getScalarValue, type Event } from 'js-yaml'
import type { FieldPath } from '../core/field-path.ts'
import { ABSENT, afterNode, offsetOf } from './events.ts'
import { parseText } from './syntax.ts'

/** Where one value of a document is written. */
interface Place {
  /** Of its key, where it has one. */
  readonly key: number
  /** ABSENT for a value that is not written. */
  readonly value: number
  /** By key or index; an alias has none, since what it stands for is written elsewhere. */
  readonly children: ReadonlyMap<string | number, Place>
}

const NO_CHILDREN: ReadonlyMap<string | number, Place> = new Map()

/**
 * Where the values of a text are written. Most documents are never asked for a position, so the text
 * is parsed a second time when the first question comes.
 */
export class Positions {
  readonly #text: string
  readonly #depth: number
  #documents: readonly Place[] | undefined

  constructor(text: string, depth: number) {
    this.#text = text
    this.#depth = depth
  }

  /** Offset of the value at a path in one of the documents, or of what is nearest to it. */
  offset(document: number, path: FieldPath): number {
    this.#documents ??= readPlaces(this.#text, this.#depth)
    let place = this.#documents[document]
    if (place === undefined) return 0
    let found = place.value
    for (const step of path) {
      const child: Place | undefined = place.children.get(step)
      if (child === undefined) return place.key === ABSENT ? Math.max(0, found) : place.key
      if (child.value !== ABSENT) found = child.value
      else if (child.key !== ABSENT) found = child.key
      place = child
    }
    return Math.max(0, found)
  }
}

function readPlaces(text: string, depth: number): Place[] {
  const parsed = parseText(text, depth)
  const events = parsed.ok ? parsed.events : []
  const places: Place[] = []
  for (let index = 0; index < events.length;) {
    const reader = new PlaceReader(text, events, index + 1)
    places.push(reader.read(ABSENT))
    index = reader.next + 1
  }
  return places
}

class PlaceReader {
  /** Index of the event to read. */
  next: number
  readonly #text: string
  readonly #events: readonly Event[]

  constructor(text: string, events: readonly Event[], next: number) {
    this.#text = text
    this.#events = events
    this.next = next
  }

  read(key: number): Place {
    const event = this.#events[this.next++]
    const value = offsetOf(this.#text, event)
    switch (event?.type) {
      case EVENT_ID.SEQUENCE:
        return { key, value, children: this.#items() }
      case EVENT_ID.MAPPING: {
        // The parser has the anchor of the first key at the start of the mapping.
        const first = this.#text[value] === '&' ? offsetOf(this.#text, this.#events[this.next]) : value
        return { key, value: first, children: this.#fields() }
      }
      default:
        return { key, value, children: NO_CHILDREN }
    }
  }

  #items(): ReadonlyMap<number, Place> {
    const items = new Map<number, Place>()
    while (!this.#atEnd()) items.set(items.size, this.read(ABSENT))
    return items
  }

  #fields(): ReadonlyMap<string, Place> {
    const fields = new Map<string, Place>()
    while (!this.#atEnd()) {
      const event = this.#events[this.next]
      const offset = offsetOf(this.#text, event)
      this.next = afterNode(this.#events, this.next)
      const place = this.read(offset)
      if (event?.type === EVENT_ID.SCALAR) fields.set(getScalarValue(this.#text, event), place)
    }
    return fields
  }

  #atEnd(): boolean {
    if (this.#events[this.next]?.type !== EVENT_ID.POP) return false
    this.next++
    return true
  }
}
