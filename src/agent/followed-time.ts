/**
 * How long the whole cluster has been followed, in milliseconds. Each kind is watched by itself: while one cannot be, what
 * seems to be missing may be there and cannot be seen, so that time does not count.
 */
export class FollowedTime {
  readonly #elapsed: () => number
  #cutSince: number | undefined
  #cut = 0
  #last = 0

  /** `elapsed`: milliseconds since some moment, by a clock that nobody sets. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }

  /** `isCut`: whether something cannot be followed, until this is asked again. */
  read(isCut: boolean): number {
    const now = this.#elapsed()
    if (this.#cutSince !== undefined) this.#cut += now - this.#cutSince
    this.#cutSince = isCut ? now : undefined
    this.#last = now - this.#cut
    return this.#last
  }

  /** What was read last. */
  get last(): number {
    return this.#last
  }
}
