/** Time, passed in so that tests can own it. */
export interface Timers {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs once, unless the function that it returns is called before. */
  after(milliseconds: number, run: () => void): () => void
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds)
    return () => {
      clearTimeout(timer)
    }
  },
}

/** By another clock than the system's. */
export function timersBy(now: () => Date): Timers {
  return { ...systemTimers, now: () => now().getTime() }
}
