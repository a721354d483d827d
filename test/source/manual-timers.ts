import type { Timers } from '../../src/source/timers.ts'

/** Time that passes when the test says so, from 0. */
export class ManualTimers implements Timers {
  #now = 0
  #waiting: { readonly at: number; readonly run: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(milliseconds: number, run: () => void): () => void {
    const entry = { at: this.#now + milliseconds, run }
    this.#waiting.push(entry)
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry)
    }
  }

  /** Runs what falls due, in its order and at its time. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (;;) {
      const [next] = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#waiting = this.#waiting.filter((entry) => entry !== next)
      this.#now = next.at
      next.run()
    }
    this.#now = end
  }
}
