import { expect, test } from 'vitest'
import { BackOff } from '../../src/kube/back-off.ts'

test.each([
  ['no time', undefined, 250],
  ['less than is waited anyway', 100, 250],
  ['a few seconds', 4_000, 4_000],
  ['an hour', 3_600_000, 30_000],
  ['more than a timer can count', 2 ** 31, 30_000],
])('a server that asks for %s is asked again after half a minute at the latest', (_, asked, waited) => {
  expect(new BackOff(() => 1).next(asked)).toBe(waited)
})

test('waits twice as long each time, up to ten seconds, until something succeeds', () => {
  const backOff = new BackOff(() => 1)
  const waits = Array.from({ length: 8 }, () => backOff.next())
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  backOff.reset()
  expect(backOff.next()).toBe(250)
})
