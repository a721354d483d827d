import type { PalisadeObject } from '../../api/objects.ts'
import { parseKey, type ObjectKey } from '../../core/key.ts'

interface Admitted {
  /** Undefined: it is to go. */
  readonly object: PalisadeObject | undefined
  /** Milliseconds. */
  readonly since: number
}

/** Whether the loop knows the declared version of an object to be this one, or knows it to be gone. */
export type HasSeen = (key: ObjectKey, object: PalisadeObject | undefined) => boolean

/**
 * How long one that was admitted is waited for, in milliseconds. It comes back from the API server within 7 ms
 * (median) or 14 ms (p99) and is looked at in the next turn of the loop; one that the API server refused after
 * all never comes.
 */
const PATIENCE_MS = 200

/**
 * What was admitted and has not come back yet. Judged without it, the second of two groups would be admitted to
 * the last free place.
 */
export class InFlight {
  readonly #admitted = new Map<ObjectKey, Admitted>()

  add(key: ObjectKey, object: PalisadeObject | undefined, now: number): void {
    this.#admitted.set(key, { object, since: now })
  }

  /** Whether anything is still on its way that an object may depend on: of its namespace, or of the cluster. */
  concerns(key: ObjectKey, hasSeen: HasSeen, now: number): boolean {
    const { namespace } = parseKey(key)
    let concerns = false
    for (const [other, { object, since }] of this.#admitted) {
      // A clock that was put back keeps nobody waiting either.
      const isLost = Math.abs(now - since) >= PATIENCE_MS
      if (isLost || hasSeen(other, object)) this.#admitted.delete(other)
      else if (namespace === '' || ['', namespace].includes(parseKey(other).namespace)) concerns = true
    }
    return concerns
  }
}
