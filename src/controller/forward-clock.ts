import type { Diagnostic } from '../core/diagnostic.ts'
import { formatMoment, type Moment } from '../core/moment.ts'
import type { ControllerCode } from './codes.ts'

/** A clock that is set right from time to time goes back by less than this; more is worth a word. */
const CLOCK_TOLERANCE_MS = 60_000

/**
 * The time that decides what has expired: the highest ever seen. Where the clock of the machine goes
 * back, this one stands still, so that nothing that has closed opens again.
 */
export class ForwardClock {
  readonly #now: () => Date
  #highest: Moment

  /** `highest` is what was remembered of earlier runs. */
  constructor(now: () => Date, highest: Moment = -Infinity) {
    this.#now = now
    this.#highest = highest
  }

  /** The moment of now, never before one that it gave. */
  read(): Moment {
    this.#highest = Math.max(this.#highest, this.#now().getTime())
    return this.#highest
  }

  /** What is to be said of a clock that is behind. */
  findings(): readonly Diagnostic[] {
    const now = this.#now().getTime()
    if (this.#highest - now <= CLOCK_TOLERANCE_MS) return []
    return [
      {
        code: 'ClockWentBack' satisfies ControllerCode,
        severity: 'warning',
        message: `the clock is behind ${formatMoment(this.#highest)}, which it has shown before: rules that had expired by then stay closed`,
        hint: 'set the clock right; if the later time was the wrong one, say --trust-clock once',
      },
    ]
  }
}
