import type { ObjectKey } from '../core/key.ts'

/** Enough for everything that comes between two looks; who is further behind compares all. */
const KEPT = 10_000

/** Which objects changed, in order, as far back as it is kept. */
export class ChangeJournal {
  #keys: ObjectKey[] = []
  /** How many changes came before those that are kept. */
  #dropped = 0

  note(key: ObjectKey): void {
    this.#keys.push(key)
    // Half is dropped at once, so that a change costs the same whatever is kept.
    if (this.#keys.length < 2 * KEPT) return
    this.#keys = this.#keys.slice(KEPT)
    this.#dropped += KEPT
  }

  /** How many changes there were. */
  get position(): number {
    return this.#dropped + this.#keys.length
  }

  /** What changed after a position; undefined where that is no longer known. */
  since(position: number): readonly ObjectKey[] | undefined {
    return position < this.#dropped ? undefined : this.#keys.slice(position - this.#dropped)
  }
}
