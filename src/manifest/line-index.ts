/**
 * One line in so many is remembered: a file of 16 MiB can have as many lines, which as an array would
 * take 128 MB, while the rest of the way is found by counting in a microsecond.
 */
const STEP = 128

/**
 * Turns offsets into a text into lines and columns, both counted from 1, columns in UTF-16 units as
 * editors do. The text is looked at no further than the largest offset that was asked for.
 */
export class LineIndex {
  readonly #text: string
  /** Where the lines 1, 1 + STEP, 1 + 2 * STEP, ... begin. */
  readonly #starts = [0]

  constructor(text: string) {
    this.#text = text
  }

  at(offset: number): { readonly line: number; readonly column: number } {
    this.#extend(offset)
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    let line = low * STEP + 1
    let start = this.#starts[low] ?? 0
    for (let next = this.#after(start); next <= offset; next = this.#after(start)) {
      start = next
      line++
    }
    return { line, column: offset - start + 1 }
  }

  #extend(offset: number): void {
    let start = this.#starts.at(-1) ?? 0
    while (start <= offset) {
      for (let lines = 0; lines < STEP; lines++) start = this.#after(start)
      if (start === Infinity) return
      this.#starts.push(start)
    }
  }

  /** Where the line after the one at an offset begins; Infinity after the last. */
  #after(start: number): number {
    const end = start === Infinity ? -1 : this.#text.indexOf('\n', start)
    return end === -1 ? Infinity : end + 1
  }
}
