import {
  EVENT_ID,
  getScalarValue,
  SCALAR_STYLE,
  type AliasEvent,
  type CollectionStyle,
  type Event,
  type MappingEvent,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml'
import { Anchors } from './anchors.ts'
import { refuseKeyPlace, refuseText } from './dialect.ts'
import { ABSENT, afterNode, isOmitted, offsetOf } from './events.ts'
import type { ManifestLimits } from './limits.ts'
import { refuseKey, refuseValue } from './plain-refusal.ts'
import { isPlainlyText, readPlain, type ScalarValue } from './plain-scalar.ts'
import { fieldName, type Problem, type Refusal } from './problem.ts'

/** One YAML document: its value, and what is wrong with how it is written. */
export interface Composed {
  /** Undefined for a document without content. Values that aliases repeat are shared; none is circular. */
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** There are more problems than the limit lets list. */
  readonly more: boolean
  readonly hasAliases: boolean
}

/** Builds the values of the documents of a text, one after the other, from the events of the parser. */
export function* composeDocuments(
  text: string,
  events: readonly Event[],
  limits: ManifestLimits,
): Generator<Composed> {
  let next = 0
  while (next < events.length) {
    // Around the value of a document stand an event that opens it and one that closes it.
    const composer = new Composer(text, events, limits, next + 1)
    const isEmpty = isOmitted(events[next + 1])
    const value = composer.node(0)
    const { problems, more, hasAliases } = composer
    yield { value: isEmpty ? undefined : value, problems, more, hasAliases }
    next = composer.next + 1
  }
}

class Composer {
  readonly problems: Problem[] = []
  more = false
  hasAliases = false
  /** Index of the event to read. */
  next: number
  readonly #text: string
  readonly #events: readonly Event[]
  readonly #limits: ManifestLimits
  readonly #anchors: Anchors
  readonly #path: (string | number)[] = []
  #nodes = 0
  #deepest = 0

  constructor(text: string, events: readonly Event[], limits: ManifestLimits, next: number) {
    this.#text = text
    this.#events = events
    this.#limits = limits
    this.#anchors = new Anchors(limits)
    this.next = next
  }

  /** The value that begins at the next event and lies within `depth` mappings and sequences. */
  node(depth: number): unknown {
    const event = this.#events[this.next++]
    this.#nodes++
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#scalar(event)
      case EVENT_ID.ALIAS:
        return this.#alias(event, depth)
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        this.#refuseTag(event)
        this.#reach(depth + 1, event)
        return event.anchorStart === ABSENT
          ? this.#collection(event, depth + 1)
          : this.#namedCollection(event, depth + 1)
      default:
        throw new Error('the YAML parser gave no value where one belongs')
    }
  }

  #collection(event: SequenceEvent | MappingEvent, depth: number): unknown {
    return event.type === EVENT_ID.SEQUENCE ? this.#sequence(depth) : this.#mapping(event.style, depth)
  }

  #namedCollection(event: SequenceEvent | MappingEvent, depth: number): unknown {
    const name = this.#text.slice(event.anchorStart, event.anchorEnd)
    this.#anchors.open(name)
    const nodesBefore = this.#nodes + this.#anchors.nodes - 1
    const deepestBefore = this.#deepest
    this.#deepest = depth
    const value = this.#collection(event, depth)
    const nodes = this.#nodes + this.#anchors.nodes - nodesBefore
    this.#anchors.define(name, { value, nodes, height: this.#deepest - depth + 1 })
    this.#deepest = Math.max(this.#deepest, deepestBefore)
    return value
  }

  #sequence(depth: number): unknown[] {
    const items: unknown[] = []
    while (!this.#atEnd()) {
      this.#path.push(items.length)
      items.push(this.node(depth))
      this.#path.pop()
    }
    return items
  }

  #mapping(style: CollectionStyle, depth: number): Record<string, unknown> {
    const value: Record<string, unknown> = {}
    const start = this.next
    while (!this.#atEnd()) {
      const keyEvent = this.#events[this.next]
      const key = this.#key(style, depth)
      this.#path.push(key ?? '?')
      if (key !== undefined && Object.hasOwn(value, key)) this.#duplicate(key, keyEvent, start)
      const item = this.node(depth)
      this.#path.pop()
      if (key === '__proto__') Object.defineProperty(value, key, { ...PLAIN_PROPERTY, value: item })
      else if (key !== undefined) value[key] = item
    }
    return value
  }

  /** True at the end of a sequence or mapping, which it leaves. */
  #atEnd(): boolean {
    if (this.#events[this.next]?.type !== EVENT_ID.POP) return false
    this.next++
    return true
  }

  /** The key at the next event, or undefined if it is no text. */
  #key(style: CollectionStyle, depth: number): string | undefined {
    const event = this.#events[this.next]
    if (event?.type !== EVENT_ID.SCALAR) {
      this.#report(NO_KEY, offsetOf(this.#text, event))
      this.node(depth)
      return undefined
    }
    this.next++
    this.#nodes++
    this.#refuseTag(event)
    const text = getScalarValue(this.#text, event)
    if (event.style !== SCALAR_STYLE.PLAIN) this.#judge(refuseText(this.#text, event, text), event)
    else if (!isPlainlyText(text)) this.#judge(refuseKey(text), event)
    this.#judge(refuseKeyPlace(this.#text, event, style), event)
    this.#name(event, text)
    return text
  }

  #scalar(event: ScalarEvent): ScalarValue {
    this.#refuseTag(event)
    const value = this.#scalarValue(event)
    this.#name(event, value)
    return value
  }

  #scalarValue(event: ScalarEvent): ScalarValue {
    const text = getScalarValue(this.#text, event)
    if (event.style !== SCALAR_STYLE.PLAIN) {
      this.#judge(refuseText(this.#text, event, text), event)
      return text
    }
    if (isPlainlyText(text)) return text
    this.#judge(refuseValue(text), event)
    return readPlain(text)
  }

  #name(event: ScalarEvent, value: ScalarValue): void {
    if (event.anchorStart === ABSENT) return
    this.#anchors.define(this.#text.slice(event.anchorStart, event.anchorEnd), { value, nodes: 1, height: 0 })
  }

  #alias(event: AliasEvent, depth: number): unknown {
    this.hasAliases = true
    const use = this.#anchors.use(this.#text.slice(event.anchorStart, event.anchorEnd))
    if (use.ok) {
      this.#reach(depth + use.anchor.height, event)
      return use.anchor.value
    }
    this.#judge(use.refusal, event)
    return null
  }

  #reach(depth: number, event: Event): void {
    if (depth <= this.#deepest) return
    if (depth > this.#limits.depth && this.#deepest <= this.#limits.depth) {
      this.#judge(tooDeep(this.#limits.depth), event)
    }
    this.#deepest = depth
  }

  #refuseTag(event: ScalarEvent | SequenceEvent | MappingEvent): void {
    if (event.tagStart === ABSENT) return
    const tag = this.#text.slice(event.tagStart, event.tagEnd)
    const message = `the tag ${tag} is not supported`
    this.#report(
      { code: 'UnsupportedYaml', message, hint: 'leave it out; put text in quotes' },
      event.tagStart,
    )
  }

  #duplicate(key: string, event: Event | undefined, start: number): void {
    if (this.#isFull()) return
    const message = `the key ${JSON.stringify(key)} is written twice`
    const hint = 'keep one of them; kubectl would take the later one without a word'
    const related = this.#offsetOfKey(key, start)
    this.#report({ code: 'DuplicateKey', message, hint }, offsetOf(this.#text, event), related)
  }

  #offsetOfKey(key: string, start: number): number {
    let index = start
    for (;;) {
      const event = this.#events[index]
      if (event?.type === EVENT_ID.SCALAR && getScalarValue(this.#text, event) === key) {
        return offsetOf(this.#text, event)
      }
      index = afterNode(this.#events, afterNode(this.#events, index))
    }
  }

  #judge(refusal: Refusal | undefined, event: Event): void {
    if (refusal === undefined) return
    const offset = offsetOf(this.#text, event)
    // A key that is not written has no place: that of the next value is the nearest.
    this.#report(refusal, offset === ABSENT ? offsetOf(this.#text, this.#events[this.next]) : offset)
  }

  #report(refusal: Refusal, offset: number, related?: number): void {
    if (this.#isFull()) return
    const path = [...this.#path]
    const message = `${fieldName(path)}: ${refusal.message}`
    this.problems.push({ ...refusal, message, offset, path, ...(related === undefined ? {} : { related }) })
  }

  #isFull(): boolean {
    this.more = this.problems.length >= this.#limits.findings
    return this.more
  }
}

const PLAIN_PROPERTY = { enumerable: true, writable: true, configurable: true }

const NO_KEY: Refusal = {
  code: 'UnsupportedYaml',
  message: 'a mapping, a sequence or an alias stands where a key belongs',
  hint: 'write the key as text',
}

const tooDeep = (limit: number): Refusal => ({
  code: 'TooDeep',
  message: `there are more than ${limit} mappings and sequences within each other`,
  hint: 'flatten the document',
})
