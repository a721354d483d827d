import type { Timers } from './timers.ts'

/** A save is often several writes, and a checkout thousands: this long without another is the end of it. */
const QUIET_MS = 20

/** Where the events never end the bell rings all the same. */
const LONGEST_MS = 500

/** Turns many events into few rings. */
export class Bell {
  readonly #ring: () => void
  readonly #timers: Timers
  readonly #quietMs: number
  #first: number | undefined
  #cancel: (() => void) | undefined
  #isClosed = false

  /** Rings when nothing has touched it for `quietMs`. */
  constructor(ring: () => void, timers: Timers, quietMs = QUIET_MS) {
    this.#ring = ring
    this.#timers = timers
    this.#quietMs = quietMs
  }

  /** Something happened: rings soon. */
  touch(): void {
    if (this.#isClosed) return
    const now = this.#timers.now()
    this.#first ??= now
    const left = this.#first + LONGEST_MS - now
    // Where events come faster than they are dealt with, each would put off a ring that is due.
    if (left <= 0 && this.#cancel !== undefined) return
    this.#cancel?.()
    const wait = Math.max(0, Math.min(this.#quietMs, left))
    this.#cancel = this.#timers.after(wait, () => {
      this.#first = undefined
      this.#cancel = undefined
      this.#ring()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
  }
}
