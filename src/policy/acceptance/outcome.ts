import type { PalisadeObject } from '../../api/objects.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { AcceptanceResult } from './decision.ts'
import type { Entry } from './entry.ts'

/** Collects what a change leads to until somebody drains it. */
export class Outcome {
  #enforced = new Map<ObjectKey, PalisadeObject | undefined>()
  #judged: Entry[] = []

  judged(entry: Entry): void {
    if (entry.isJudged) return
    entry.isJudged = true
    this.#judged.push(entry)
  }

  /** `before`: what was in force; of several changes to one object the first says it. */
  enforced(entry: Entry, before: PalisadeObject | undefined): void {
    if (!this.#enforced.has(entry.key)) this.#enforced.set(entry.key, before)
  }

  /** What a restart puts back is no change. */
  forgetEnforced(): void {
    this.#enforced = new Map()
  }

  drain(): Pick<AcceptanceResult, 'enforced' | 'judged'> {
    const judged = this.#judged.map(({ key }) => key)
    for (const entry of this.#judged) entry.isJudged = false
    const drained = { enforced: this.#enforced, judged }
    this.#enforced = new Map()
    this.#judged = []
    return drained
  }
}
