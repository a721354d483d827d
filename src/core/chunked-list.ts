/** 8 kB of references. */
const CHUNK = 1024

/**
 * Values in the order in which they came, for lists that may become long. An array that grows is copied again and again,
 * and leaves behind twice what it holds in the end; half a million keys did so with each cold start.
 */
export class ChunkedList<T> implements Iterable<T> {
  readonly #chunks: T[][] = []
  #last: T[] | undefined

  push(value: T): void {
    if (this.#last === undefined || this.#last.length === CHUNK) {
      this.#last = []
      this.#chunks.push(this.#last)
    }
    this.#last.push(value)
  }

  *[Symbol.iterator](): Generator<T> {
    for (const chunk of this.#chunks) for (const value of chunk) yield value
  }
}
