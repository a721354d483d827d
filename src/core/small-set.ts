/** What reading a set needs, whether it is small or not. */
export interface ReadonlySmallSet<V> extends Iterable<V> {
  readonly size: number
  has(value: V): boolean
}

/**
 * A set that mostly holds one value. A Set costs some 200 bytes however little it holds, and the
 * model of 100,000 instances has half a million sets of one.
 */
export class SmallSet<V extends object | string> implements ReadonlySmallSet<V> {
  #one: V | undefined
  #many: Set<V> | undefined

  get size(): number {
    return this.#many?.size ?? (this.#one === undefined ? 0 : 1)
  }

  has(value: V): boolean {
    return this.#many?.has(value) ?? this.#one === value
  }

  add(value: V): void {
    if (this.#many !== undefined) this.#many.add(value)
    else if (this.#one === undefined) this.#one = value
    else if (this.#one !== value) {
      this.#many = new Set([this.#one, value])
      this.#one = undefined
    }
  }

  delete(value: V): void {
    if (this.#many !== undefined) this.#many.delete(value)
    else if (this.#one === value) this.#one = undefined
  }

  [Symbol.iterator](): Iterator<V> {
    if (this.#many !== undefined) return this.#many.values()
    return (this.#one === undefined ? [] : [this.#one]).values()
  }
}
