/** The first wait, in milliseconds; each further one is twice as long. */
const FIRST_MS = 250

/** The longest wait: also how late a server that has come back may be noticed. */
const LONGEST_MS = 10_000

/** The longest that a server may ask for: some name an hour while they are mended, and are back after seconds. */
const LONGEST_ASKED_MS = 30_000

/** How long to wait before the next attempt at something that fails. */
export class BackOff {
  readonly #random: () => number
  #failures = 0

  /** `random` gives numbers from 0 to 1, so that many clients of one server do not come back at once. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** Milliseconds, at least as many as the server asks for, within reason. */
  next(retryAfter = 0): number {
    const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures)
    // 2 ** 6 × 250 ms is beyond the longest wait already.
    this.#failures = Math.min(this.#failures + 1, 6)
    return Math.max(Math.min(retryAfter, LONGEST_ASKED_MS), full * (0.5 + this.#random() / 2))
  }

  reset(): void {
    this.#failures = 0
  }
}
