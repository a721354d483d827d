import type { PalisadeObject } from '../../api/objects.ts'
import type { AcceptanceResult, FormerVersion } from './decision.ts'
import type { Entry } from './entry.ts'

/** Collects what a change leads to until somebody drains it. */
export class Outcome {
  #enforced: FormerVersion[] = []
  #changed: Entry[] = []
  #judged: Entry[] = []

  judged(entry: Entry): void {
    if (entry.isJudged) return
    entry.isJudged = true
    this.#judged.push(entry)
  }

  /** `before`: what was in force; of several changes to one object the first says it. */
  enforced(entry: Entry, before: PalisadeObject | undefined): void {
    if (entry.isChanged) return
    entry.isChanged = true
    this.#enforced.push({ key: entry.key, before })
    this.#changed.push(entry)
  }

  /** What a restart puts back is no change. */
  forgetEnforced(): void {
    for (const entry of this.#changed) entry.isChanged = false
    this.#changed = []
    this.#enforced = []
  }

  drain(): Pick<AcceptanceResult, 'enforced' | 'judged'> {
    const judged = this.#judged.map(({ key }) => key)
    for (const entry of this.#judged) entry.isJudged = false
    const enforced = this.#enforced
    this.forgetEnforced()
    this.#judged = []
    return { enforced, judged }
  }
}
