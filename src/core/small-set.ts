/** What reading a set needs, whether it is small or not. */
export interface ReadonlySmallSet<V> extends Iterable<V> {
  readonly size: number
  has(value: V): boolean
}

const END: IteratorResult<never> = { done: true, value: undefined }

/** Shared: at its end from the start, it has nothing to remember. */
const NO_VALUES: Iterator<never> = { next: () => END }

class OneValue<V> implements Iterator<V> {
  #left: V | undefined

  constructor(value: V) {
    this.#left = value
  }

  next(): IteratorResult<V> {
    const value = this.#left
    if (value === undefined) return END
    this.#left = undefined
    return { done: false, value }
  }
}

/** How many values are held in a list; to look through so few is no slower than to hash. */
const FEW = 8

/**
 * A set that mostly holds one value or a few. A Set costs some 200 bytes however little it holds, and the
 * model of 100,000 instances has half a million sets of one and two.
 */
export class SmallSet<V extends object | string> implements ReadonlySmallSet<V> {
  #one: V | undefined
  /** From two to FEW. Never changed but replaced: a list that grows in place takes room for 16 more. */
  #few: readonly V[] | undefined
  #many: Set<V> | undefined

  get size(): number {
    return this.#many?.size ?? this.#few?.length ?? (this.#one === undefined ? 0 : 1)
  }

  has(value: V): boolean {
    return this.#many?.has(value) ?? this.#few?.includes(value) ?? this.#one === value
  }

  add(value: V): void {
    if (this.#many !== undefined) this.#many.add(value)
    else if (this.#few !== undefined) this.#addToFew(this.#few, value)
    else if (this.#one === undefined) this.#one = value
    else if (this.#one !== value) {
      this.#few = [this.#one, value]
      this.#one = undefined
    }
  }

  delete(value: V): void {
    if (this.#many !== undefined) this.#many.delete(value)
    else if (this.#few !== undefined) this.#deleteFromFew(this.#few, value)
    else if (this.#one === value) this.#one = undefined
  }

  [Symbol.iterator](): Iterator<V> {
    if (this.#many !== undefined) return this.#many.values()
    if (this.#few !== undefined) return this.#few.values()
    return this.#one === undefined ? NO_VALUES : new OneValue(this.#one)
  }

  #addToFew(few: readonly V[], value: V): void {
    if (few.includes(value)) return
    if (few.length < FEW) this.#few = few.concat([value])
    else {
      this.#many = new Set([...few, value])
      this.#few = undefined
    }
  }

  #deleteFromFew(few: readonly V[], value: V): void {
    const rest = few.filter((other) => other !== value)
    this.#few = rest.length > 1 ? rest : undefined
    this.#one = rest.length > 1 ? undefined : rest[0]
  }
}
