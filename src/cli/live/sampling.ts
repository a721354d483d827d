import type { HitSampler } from '../../controller/hit-sampler.ts'
import type { Timers } from '../../source/timers.ts'

/** Takes samples until it is told to stop; what it returns then waits for the one in hand. */
export function keepSampling(sampler: Pick<HitSampler, 'sample'>, timers: Timers): () => Promise<void> {
  let isStopped = false
  let cancel = (): void => undefined
  let inHand: Promise<void> = Promise.resolve()
  const take = (): void => {
    inHand = sampler.sample().then((dueMs) => {
      if (!isStopped) cancel = timers.after(dueMs, take)
    })
  }
  take()
  return () => {
    isStopped = true
    cancel()
    return inHand
  }
}
