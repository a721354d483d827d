import type { PalisadeObject } from '../../api/objects.ts'
import { ChunkedList } from '../../core/chunked-list.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { AcceptanceResult } from './decision.ts'
import type { Entry } from './entry.ts'

/** Collects what a change leads to until somebody drains it. */
export class Outcome {
  /** Number of the change; what entries have of an earlier one counts no more, so nobody has to go through them. */
  #change = 1
  #enforced = new ChunkedList<ObjectKey>()
  #before = new Map<ObjectKey, PalisadeObject>()
  #judged = new ChunkedList<ObjectKey>()

  judged(entry: Entry): void {
    if (entry.judgedIn === this.#change) return
    entry.judgedIn = this.#change
    this.#judged.push(entry.key)
  }

  /** `before`: what was in force; of several changes to one object the first says it. */
  enforced(entry: Entry, before: PalisadeObject | undefined): void {
    if (entry.enforcedIn === this.#change) return
    entry.enforcedIn = this.#change
    this.#enforced.push(entry.key)
    if (before !== undefined) this.#before.set(entry.key, before)
  }

  drain(): Pick<AcceptanceResult, 'enforced' | 'before' | 'judged'> {
    const outcome = { enforced: this.#enforced, before: this.#before, judged: this.#judged }
    this.#change += 1
    this.#enforced = new ChunkedList()
    this.#before = new Map()
    this.#judged = new ChunkedList()
    return outcome
  }
}
