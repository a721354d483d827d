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
  /** From two to FEW as a list, more as a set. A list is never changed but replaced: one that grows takes room for 16 more. */
  #more: readonly V[] | Set<V> | undefined

  get size(): number {
    const more = this.#more
    if (more === undefined) return this.#one === undefined ? 0 : 1
    return more instanceof Set ? more.size : more.length
  }

  has(value: V): boolean {
    const more = this.#more
    if (more === undefined) return this.#one === value
    return more instanceof Set ? more.has(value) : more.includes(value)
  }

  add(value: V): void {
    const more = this.#more
    if (more instanceof Set) more.add(value)
    else if (more !== undefined) this.#more = withOne(more, value)
    else if (this.#one === undefined) this.#one = value
    else if (this.#one !== value) {
      this.#more = [this.#one, value]
      this.#one = undefined
    }
  }

  delete(value: V): void {
    const more = this.#more
    if (more instanceof Set) more.delete(value)
    else if (more !== undefined) {
      const rest = more.filter((other) => other !== value)
      this.#more = rest.length > 1 ? rest : undefined
      this.#one = rest.length > 1 ? undefined : rest[0]
    } else if (this.#one === value) this.#one = undefined
  }

  [Symbol.iterator](): Iterator<V> {
    if (this.#more !== undefined) return this.#more.values()
    return this.#one === undefined ? NO_VALUES : new OneValue(this.#one)
  }
}

/** No method of its own: a class with private methods costs each of its objects another word. */
function withOne<V>(few: readonly V[], value: V): readonly V[] | Set<V> {
  if (few.includes(value)) return few
  return few.length < FEW ? few.concat([value]) : new Set([...few, value])
}
