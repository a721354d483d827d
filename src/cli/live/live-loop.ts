import type { Moment } from '../../core/moment.ts'
import { FirewallError } from '../../firewall/firewall.ts'
import type { Turn } from '../../controller/loop.ts'
import type { Timers } from '../../source/timers.ts'
import { StoreError } from '../../store/store.ts'

/** A refusal is tried again after this long, then after twice as long each time up to the longest. */
export const FIRST_RETRY_MS = 1000
export const LONGEST_RETRY_MS = 30_000

/**
 * While a rule is to close by itself the clock is looked at this often: one timer to its end would come late by
 * as much as the clock was set or the machine slept. Twice a second keeps the promise of one.
 */
export const CLOCK_CHECK_MS = 500

/** What of a turn says when the next one is due. */
export interface LiveTurn extends Pick<Turn, 'refusal' | 'unreported' | 'next'> {
  /** After how long, whatever the clock shows by then; absent: never for that. */
  readonly againMs?: number | undefined
}

/** Told what happens, in order. */
export interface LiveReport<T extends LiveTurn = Turn> {
  turned(turn: T): Promise<void>
  /** A turn did not succeed; the next one is due after so long, or at the next bell. */
  retrying(sentence: string, delayMs: number): void
}

export interface LiveLoopOptions<T extends LiveTurn> {
  readonly turn: () => Promise<T>
  readonly report: LiveReport<T>
  readonly timers: Timers
}

/**
 * Takes turns until it is told to stop: one at a time, one after each bell, one when time makes a difference,
 * and again and again, ever more slowly, while the firewall refuses or the state cannot be written.
 */
export class LiveLoop<T extends LiveTurn = Turn> {
  readonly #options: LiveLoopOptions<T>
  #isDue = false
  #isStopped = false
  /** When time alone will make a difference. */
  #next: Moment | undefined
  /** After how long it will, whatever the clock shows by then. */
  #againMs: number | undefined
  #wake: (() => void) | undefined

  constructor(options: LiveLoopOptions<T>) {
    this.#options = options
  }

  /** Something may have changed: a turn is due. However many bells ring during a turn, one more follows. */
  bell(): void {
    this.#isDue = true
    this.#wake?.()
  }

  /** The turn in hand is finished, and no other begins. */
  stop(): void {
    this.#isStopped = true
    this.#wake?.()
  }

  /** `ready` is called once, after the first turn that succeeded or the first failure was reported. */
  async run(ready: () => Promise<void>): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    let isFirst = true
    while (!this.#isStopped) {
      this.#isDue = false
      const failure = await this.#attempt()
      if (failure !== undefined) this.#options.report.retrying(failure, retryMs)
      if (isFirst) await ready()
      isFirst = false
      const forget = [this.#watchClock(failure !== undefined), this.#watchAgain()]
      await this.#wait(failure === undefined ? undefined : retryMs)
      for (const one of forget) one()
      retryMs = failure === undefined ? FIRST_RETRY_MS : Math.min(retryMs * 2, LONGEST_RETRY_MS)
    }
  }

  /** Why it has to be tried again, if so. */
  async #attempt(): Promise<string | undefined> {
    try {
      const turn = await this.#options.turn()
      this.#next = turn.next
      this.#againMs = turn.againMs
      await this.#options.report.turned(turn)
      return turn.refusal ?? turn.unreported
    } catch (error) {
      // It is tried again with the rest.
      this.#againMs = undefined
      if (error instanceof StoreError || error instanceof FirewallError) return error.message
      throw error
    }
  }

  /**
   * Wakes once the clock shows the moment; returns how to stop watching. A moment that has come was what the turn that
   * failed was about: it is tried again with the rest.
   */
  #watchClock(hasFailed: boolean): () => void {
    const { timers } = this.#options
    const next = this.#next
    if (next === undefined || (hasFailed && next <= timers.now())) return () => undefined
    let cancel = (): void => undefined
    const look = (): void => {
      const left = next - timers.now()
      if (left <= 0) this.bell()
      else cancel = timers.after(Math.min(left, CLOCK_CHECK_MS), look)
    }
    look()
    return () => {
      cancel()
    }
  }

  /** Wakes once so much time has passed; returns how to stop that. */
  #watchAgain(): () => void {
    if (this.#againMs === undefined) return () => undefined
    return this.#options.timers.after(this.#againMs, () => {
      this.bell()
    })
  }

  /** Until a turn is due, it is told to stop, or so much time has passed. */
  #wait(milliseconds: number | undefined): Promise<void> {
    if (this.#isDue || this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel =
        milliseconds === undefined
          ? undefined
          : this.#options.timers.after(milliseconds, () => {
              this.#wake?.()
            })
      this.#wake = () => {
        this.#wake = undefined
        cancel?.()
        resolve()
      }
    })
  }
}
