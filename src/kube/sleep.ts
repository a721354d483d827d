import type { Timers } from '../source/timers.ts'

/** Until the time has passed or the signal comes. */
export function sleep(milliseconds: number, timers: Timers, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      cancel()
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const cancel = timers.after(milliseconds, wake)
    signal.addEventListener('abort', wake)
    if (signal.aborted) wake()
  })
}
