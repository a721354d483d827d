import type { Timers } from './timers.ts'

/** One save is several events within a millisecond or two. */
const BEGIN_MS = 3

/** A bell that rings later than this has waited for something else than quiet, and the system may have lost events by then. */
const VALID_MS = 500

/**
 * Reads while it is waited for quiet, so that what was read is at hand when the bell rings. It says the same as
 * a reading that begins then: whatever happens after it has begun makes it void. While it keeps this process from
 * hearing of that, the bell does not ring (`Timers`).
 */
export class EarlyReading<T> {
  readonly #read: () => Promise<T>
  readonly #timers: Timers
  /** Undefined: none was begun, or it is void. */
  #reading: { readonly result: Promise<T>; readonly at: number } | undefined
  /** Something happened since the last reading was taken. */
  #isTouched = false
  #cancel: (() => void) | undefined

  constructor(read: () => Promise<T>, timers: Timers) {
    this.#read = read
    this.#timers = timers
  }

  /** Something happened. Only what is alone begins a reading: where more follows, it would be void each time. */
  touch(): void {
    this.#reading = undefined
    if (this.#isTouched) return
    this.#isTouched = true
    this.#cancel = this.#timers.after(BEGIN_MS, () => {
      const result = this.#read()
      // Whoever takes it hears of its failure.
      result.catch(() => undefined)
      this.#reading = { result, at: this.#timers.now() }
    })
  }

  /** Whether there is any that is not void, as far as has been told. */
  get isBegun(): boolean {
    return this.#reading !== undefined
  }

  /** What was read since anything happened; undefined where that has yet to be read. */
  take(): Promise<T> | undefined {
    const reading = this.#reading
    this.forget()
    if (reading === undefined) return undefined
    const age = this.#timers.now() - reading.at
    return age >= 0 && age <= VALID_MS ? reading.result : undefined
  }

  /** Nobody tells of what happens any more. */
  forget(): void {
    this.#cancel?.()
    this.#isTouched = false
    this.#reading = undefined
  }
}
