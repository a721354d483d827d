import { setImmediate } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { Bell } from '../../src/source/bell.ts'
import { systemTimers } from '../../src/source/timers.ts'
import { ManualTimers } from './manual-timers.ts'

describe('a bell', () => {
  let timers: ManualTimers
  let rings: number[]
  let bell: Bell
  beforeEach(() => {
    timers = new ManualTimers()
    rings = []
    bell = new Bell(() => rings.push(timers.now()), timers)
  })

  test('rings 20 ms after it was touched', () => {
    bell.touch()
    timers.pass(19)
    expect(rings).toEqual([])
    timers.pass(1)
    expect(rings).toEqual([20])
  })

  test('waits for the end of many touches and rings once', () => {
    for (let touches = 0; touches < 10; touches++) {
      bell.touch()
      timers.pass(10)
    }
    timers.pass(100)
    expect(rings).toEqual([110])
  })

  test('rings after 500 ms of touches that do not end', () => {
    for (let touches = 0; touches < 120; touches++) {
      bell.touch()
      timers.pass(10)
    }
    expect(rings).toEqual([500, 1000])
  })

  test('rings again when it is touched again', () => {
    bell.touch()
    timers.pass(1000)
    bell.touch()
    timers.pass(1000)
    expect(rings).toEqual([20, 1020])
  })

  test('rings in time though this process does nothing but touch it', async () => {
    const busy = new Bell(() => rings.push(0), systemTimers)
    for (const end = performance.now() + 800; performance.now() < end;) {
      const until = performance.now() + 5
      while (performance.now() < until);
      busy.touch()
      await setImmediate()
    }
    busy.close()
    expect(rings.length).toBeGreaterThan(0)
  })

  test('that is closed does not ring', () => {
    bell.touch()
    bell.close()
    bell.touch()
    timers.pass(1000)
    expect(rings).toEqual([])
  })
})
