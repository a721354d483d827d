import { API_GROUP, API_VERSION, DEFAULT_NAMESPACE } from '../api/objects.ts'
import { parseKey, type ObjectKey } from '../core/key.ts'
import type { UnknownRecord } from '../core/record.ts'
import type { Timers } from '../source/timers.ts'
import type { Connection } from './connection.ts'
import { KubeError } from './kube-error.ts'
import { microTime } from './lease.ts'
import type { Resource } from './resource.ts'

const EVENTS: Resource = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  isNamespaced: true,
}

/** Something that happened to an object, for `kubectl describe`. */
export interface ObjectEvent {
  readonly key: ObjectKey
  readonly uid: string
  readonly type: 'Normal' | 'Warning'
  /** One word in capitals and small letters, as the reasons of conditions. */
  readonly reason: string
  /** What was being done, in one word. */
  readonly action: string
  readonly note: string
}

export interface EventRecorderOptions {
  readonly connection: Connection
  /** The part of palisade that speaks: `controller` or `agent`. */
  readonly component: string
  /** Which one of them, at most 128 characters. */
  readonly instance: string
  readonly timers: Timers
  /** Told why an event could not be recorded, as a sentence. */
  readonly onFailure: (sentence: string) => void
}

/** The API takes no longer a note. */
const NOTE_BYTES = 1024

/** The same is not said again of the same object within this time. */
const REPEAT_MS = 10 * 60_000

/** Events that wait to be sent; those beyond are dropped: they are for people, who read the conditions as well. */
const WAITING = 1000

/** Writes Events, one after the other, each once; what cannot be written is told and dropped. */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #said = new Map<string, number>()
  readonly #waiting: ObjectEvent[] = []
  #sending: Promise<void> | undefined

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  record(event: ObjectEvent): void {
    if (this.#isRepeated(event) || this.#waiting.length >= WAITING) return
    this.#waiting.push(event)
    this.#sending ??= this.#sendAll()
  }

  /** Resolves once all is written or dropped. */
  async flush(): Promise<void> {
    await this.#sending
  }

  #isRepeated({ uid, reason, note }: ObjectEvent): boolean {
    const now = this.#options.timers.now()
    // In the order of their times: what is first is oldest.
    for (const [old, time] of this.#said) {
      if (now - time < REPEAT_MS && this.#said.size <= WAITING) break
      this.#said.delete(old)
    }
    const what = JSON.stringify([uid, reason, note])
    if (this.#said.has(what)) return true
    this.#said.set(what, now)
    return false
  }

  async #sendAll(): Promise<void> {
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      try {
        const namespace = namespaceOf(event)
        const body = this.#bodyOf(event, namespace)
        await this.#options.connection.request({ verb: 'create', resource: EVENTS, namespace, body })
      } catch (error) {
        if (!(error instanceof KubeError)) throw error
        this.#options.onFailure(error.message)
      }
    }
    this.#sending = undefined
  }

  #bodyOf(event: ObjectEvent, namespace: string): UnknownRecord {
    const { component, instance, timers } = this.#options
    const { kind, namespace: own, name } = parseKey(event.key)
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      // Names of this API must not have a dot before what the server adds.
      metadata: { generateName: `${name.replaceAll('.', '-')}-`, namespace },
      eventTime: microTime(timers.now()),
      type: event.type,
      reason: event.reason,
      action: event.action,
      note: shortened(event.note),
      reportingController: `${API_GROUP}/${component}`,
      reportingInstance: instance,
      regarding: {
        apiVersion: API_VERSION,
        kind,
        name,
        uid: event.uid,
        ...(own !== '' && { namespace: own }),
      },
    }
  }
}

/** The API keeps events of what is cluster-scoped in the namespace `default`. */
function namespaceOf({ key }: ObjectEvent): string {
  const { namespace } = parseKey(key)
  return namespace === '' ? DEFAULT_NAMESPACE : namespace
}

/** Within the bytes that the API takes, without half a character at the end. */
function shortened(note: string): string {
  if (Buffer.byteLength(note) <= NOTE_BYTES) return note
  const ellipsis = '…'
  const bytes = Buffer.from(note).subarray(0, NOTE_BYTES - Buffer.byteLength(ellipsis))
  return `${new TextDecoder().decode(bytes, { stream: true })}${ellipsis}`
}
