import { beforeEach, describe, expect, test } from 'vitest'
import { EarlyReading } from '../../src/source/early-reading.ts'
import { ManualTimers } from './manual-timers.ts'

describe('an early reading', () => {
  let timers: ManualTimers
  /** When each reading began. */
  let begun: number[]
  let early: EarlyReading<number>
  beforeEach(() => {
    timers = new ManualTimers()
    begun = []
    early = new EarlyReading(() => {
      begun.push(timers.now())
      return Promise.resolve(timers.now())
    }, timers)
  })

  test('begins 3 ms after something happened, and is there when it is asked for', async () => {
    early.touch()
    timers.pass(20)
    expect(await early.take()).toBe(3)
    expect(begun).toEqual([3])
  })

  test('is not there where nothing happened, nor a second time', () => {
    expect(early.take()).toBeUndefined()
    early.touch()
    timers.pass(20)
    expect(early.take()).toBeDefined()
    expect(early.take()).toBeUndefined()
  })

  test('says nothing of what happened after it had begun', () => {
    early.touch()
    timers.pass(4)
    early.touch()
    timers.pass(20)
    expect(early.take()).toBeUndefined()
  })

  test('is begun once, however much happens until it is asked for', () => {
    for (let step = 0; step < 100; step++) {
      early.touch()
      timers.pass(2)
    }
    expect(begun).toEqual([3])
    expect(early.take()).toBeUndefined()
    early.touch()
    timers.pass(20)
    expect(begun).toEqual([3, 203])
  })

  test('is not begun any more once it is asked for', () => {
    early.touch()
    expect(early.take()).toBeUndefined()
    timers.pass(20)
    expect(begun).toEqual([])
  })

  test('is void after 500 ms: events may have been lost', () => {
    early.touch()
    timers.pass(504)
    expect(early.take()).toBeUndefined()
  })

  test('that fails says so to whom asks for it, and to nobody else', async () => {
    const failing = new EarlyReading<number>(() => Promise.reject(new Error('no memory')), timers)
    failing.touch()
    timers.pass(20)
    await expect(failing.take()).rejects.toThrow('no memory')
  })
})
