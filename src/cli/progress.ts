import { count } from './output/count.ts'
import type { Io } from './io.ts'

/** Shorter work needs no bar. */
const QUIET_MS = 1000

/** More often than this nobody can look. */
const REDRAW_MS = 100

const BAR_WIDTH = 30

/** One line at the bottom of a terminal that says how far loading is; nothing anywhere else. */
export class Progress {
  readonly #io: Pick<Io, 'stderr' | 'now'>
  #started: number | undefined
  #drawn = 0
  #isShown = false
  #read = 0

  constructor(io: Pick<Io, 'stderr' | 'now'>) {
    this.#io = io
  }

  /** One more file was read; how many there are is not known yet. */
  fileRead(): void {
    this.#read += 1
    this.#draw(() => `reading: ${count(this.#read, 'file')}`)
  }

  validated(done: number, total: number): void {
    this.#draw(() => {
      const filled = Math.floor((BAR_WIDTH * done) / total)
      return `validating: [${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${done}/${count(total, 'file')}`
    })
    if (done >= total) this.clear()
  }

  /** Takes the line away, and starts anew. */
  clear(): void {
    if (this.#isShown) this.#io.stderr.write('\r\x1b[K')
    this.#isShown = false
    this.#started = undefined
    this.#read = 0
  }

  #draw(text: () => string): void {
    if (!this.#io.stderr.isTerminal) return
    const now = this.#io.now().getTime()
    this.#started ??= now
    if (now - this.#started < QUIET_MS || now - this.#drawn < REDRAW_MS) return
    this.#drawn = now
    this.#isShown = true
    this.#io.stderr.write(`\r\x1b[K${text()}`)
  }
}
