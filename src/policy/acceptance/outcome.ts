import type { PalisadeObject } from '../../api/objects.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { AcceptanceResult } from './decision.ts'

/** Collects what a change leads to until somebody drains it. */
export class Outcome {
  #enforced = new Map<ObjectKey, PalisadeObject | undefined>()
  #judged = new Set<ObjectKey>()

  judged(key: ObjectKey): void {
    this.#judged.add(key)
  }

  /** `before`: what was in force; of several changes to one object the first says it. */
  enforced(key: ObjectKey, before: PalisadeObject | undefined): void {
    if (!this.#enforced.has(key)) this.#enforced.set(key, before)
  }

  /** What a restart puts back is no change. */
  forgetEnforced(): void {
    this.#enforced = new Map()
  }

  drain(): Pick<AcceptanceResult, 'enforced' | 'judged'> {
    const drained = { enforced: this.#enforced, judged: this.#judged }
    this.#enforced = new Map()
    this.#judged = new Set()
    return drained
  }
}
