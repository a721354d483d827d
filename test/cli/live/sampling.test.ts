import { expect, test } from 'vitest'
import { keepSampling } from '../../../src/cli/live/sampling.ts'

test('samples are taken when they are due, one at a time, until it is told to stop', async () => {
  const due: { after: number; run: () => void }[] = []
  let finish = (): void => undefined
  // A class, since what is kept in the object must still be found.
  class Sampler {
    taken = 0
    async sample(): Promise<number> {
      this.taken += 1
      await new Promise<void>((resolve) => (finish = resolve))
      return 1000 * this.taken
    }
  }
  const sampler = new Sampler()
  const timers = {
    now: () => 0,
    after: (after: number, run: () => void) => {
      due.push({ after, run })
      return () => due.pop()
    },
  }
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const stop = keepSampling(sampler, timers)
  expect([sampler.taken, due.length]).toEqual([1, 0])
  finish()
  await settled()
  expect(due.map(({ after }) => after)).toEqual([1000])
  due.pop()?.run()
  expect(sampler.taken).toBe(2)
  let isOver = false
  const stopped = stop().then(() => (isOver = true))
  await settled()
  expect(isOver).toBe(false)
  finish()
  await stopped
  expect(due).toEqual([])
})
