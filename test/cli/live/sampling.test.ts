import { expect, test } from 'vitest'
import { keepSampling } from '../../../src/cli/live/sampling.ts'

test('samples are taken when they are due, one at a time, until it is told to stop', async () => {
  const due: { after: number; run: () => void }[] = []
  let taken = 0
  let finish = (): void => undefined
  const sample = async (): Promise<number> => {
    taken += 1
    await new Promise<void>((resolve) => (finish = resolve))
    return 1000 * taken
  }
  const timers = {
    now: () => 0,
    after: (after: number, run: () => void) => {
      due.push({ after, run })
      return () => due.pop()
    },
  }
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const stop = keepSampling({ sample }, timers)
  expect([taken, due.length]).toEqual([1, 0])
  finish()
  await settled()
  expect(due.map(({ after }) => after)).toEqual([1000])
  due.pop()?.run()
  expect(taken).toBe(2)
  let isOver = false
  const stopped = stop().then(() => (isOver = true))
  await settled()
  expect(isOver).toBe(false)
  finish()
  await stopped
  expect(due).toEqual([])
})
