/** Time, passed in so that tests can own it. */
export interface Timers {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs once, when what the system had to tell by then is told, unless the function that it returns is called before. */
  after(milliseconds: number, run: () => void): () => void
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    let immediate: NodeJS.Immediate | undefined
    // A timer that is late comes before the events that made it late; an immediate comes after them.
    const timer = setTimeout(() => {
      immediate = setImmediate(run)
    }, milliseconds)
    return () => {
      clearTimeout(timer)
      clearImmediate(immediate)
    }
  },
}

/** By another clock than the system's. */
export function timersBy(now: () => Date): Timers {
  return { ...systemTimers, now: () => now().getTime() }
}
