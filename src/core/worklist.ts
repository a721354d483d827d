/** Something that can be on one worklist. */
export interface Queueable {
  /** Whether it is on its list; for the list to say. */
  queued: boolean
}

/** So many are copied: a list that grows takes room for 16 more. */
const FEW = 4

/**
 * What has to be looked at again, each once, in the order in which it came. The flag does what a Set would do for
 * 150 bytes more; the model of 25,000 VPCs has 75,000 of these lists.
 */
export class Worklist<T extends Queueable> {
  #items: T[] | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  add(item: T): void {
    if (item.queued) return
    item.queued = true
    this.#size += 1
    if (this.#items === undefined) this.#items = [item]
    else if (this.#items.length < FEW) this.#items = this.#items.concat([item])
    else this.#items.push(item)
  }

  /** It stays among the items, where `take` passes over it. */
  delete(item: T): void {
    if (!item.queued) return
    item.queued = false
    this.#size -= 1
  }

  /** All of it, for the caller to keep; the list is empty from now on. */
  take(): T[] {
    const items = this.#items ?? []
    const taken = items.length === this.#size ? items : [...new Set(items)].filter(({ queued }) => queued)
    for (const item of taken) item.queued = false
    this.#items = undefined
    this.#size = 0
    return taken
  }
}
