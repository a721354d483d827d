import { setTimeout as sleep } from 'node:timers/promises'

/** Something that is killed now and then, and started again by somebody else a while later. */
export class Mortal {
  readonly #kill: () => Promise<void>
  readonly #start: () => Promise<void>
  #revival: Promise<void> | undefined

  constructor(kill: () => Promise<void>, start: () => Promise<void>) {
    this.#kill = kill
    this.#start = start
  }

  /** Does not wait for its return. Killed again while it is away, it comes back no later. */
  kill(awayMs: number): void {
    this.#revival ??= this.#dieFor(awayMs).finally(() => {
      this.#revival = undefined
    })
  }

  /** Settled once it is there. */
  async alive(): Promise<void> {
    await this.#revival
  }

  async #dieFor(awayMs: number): Promise<void> {
    await this.#kill()
    await sleep(awayMs)
    await this.#start()
  }
}
