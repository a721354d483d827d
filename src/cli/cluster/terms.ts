/**
 * The times during which this process leads, one after the other: a new one begins only when what was begun in
 * the one before has ended.
 */
export class Terms {
  readonly #lead: (signal: AbortSignal) => Promise<void>
  #ending = new AbortController()
  #last: Promise<void> = Promise.resolve()
  readonly #failed: Promise<never>
  #fail: (error: unknown) => void = () => undefined

  /** `lead` is to resolve soon after its signal is aborted. */
  constructor(lead: (signal: AbortSignal) => Promise<void>) {
    this.#lead = lead
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.#failed.catch(() => undefined)
  }

  begin(): void {
    const ending = new AbortController()
    this.#ending = ending
    this.#last = this.#last
      .then(async () => {
        if (!ending.signal.aborted) await this.#lead(ending.signal)
      })
      .catch(this.#fail)
  }

  end(): void {
    this.#ending.abort()
  }

  /** Resolves when nothing of an ended term goes on. */
  settled(): Promise<void> {
    return this.#last
  }

  /** Rejects when leading failed for a reason that trying again does not mend. */
  get failed(): Promise<never> {
    return this.#failed
  }
}
