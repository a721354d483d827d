import { describe, expect, test } from 'vitest'
import {
  CLOCK_CHECK_MS,
  FIRST_RETRY_MS,
  LiveLoop,
  LONGEST_RETRY_MS,
} from '../../../src/cli/live/live-loop.ts'
import type { Turn } from '../../../src/controller/loop.ts'
import type { Timers } from '../../../src/source/timers.ts'
import { StoreError } from '../../../src/store/store.ts'

const turnOf = (refusal?: string, next?: number): Turn => ({
  plan: { objects: [], instances: [], remotes: [] },
  change: { put: [], remove: [], putRemotes: new Map(), removeRemotes: [] },
  findings: [],
  declared: [],
  heldBack: [],
  isMisdirected: false,
  blocked: undefined,
  foreign: 0,
  refusal,
  drift: [],
  unreported: undefined,
  at: 0,
  next,
  isIdle: false,
  restsOn: () => undefined,
})

/** A loop whose turns the test answers one by one, and whose clock the test moves. */
class Bench {
  /** The time on the clock. */
  clock = 0
  readonly events: string[] = []
  readonly #answers: ((turn: Promise<Turn>) => void)[] = []
  #timer: { readonly ms: number; readonly run: () => void } | undefined
  readonly loop: LiveLoop
  readonly ended: Promise<void>

  constructor() {
    const timers: Timers = {
      now: () => this.clock,
      after: (ms, run) => {
        const timer = { ms, run }
        this.#timer = timer
        return () => {
          if (this.#timer === timer) this.#timer = undefined
        }
      },
    }
    this.loop = new LiveLoop({
      timers,
      turn: () => {
        this.events.push('turn')
        return new Promise<Turn>((resolve) => this.#answers.push(resolve))
      },
      report: {
        turned: () => {
          this.events.push('turned')
          return Promise.resolve()
        },
        retrying: (reason, ms) => this.events.push(`retry after ${ms}: ${reason}`),
      },
    })
    this.ended = this.loop.run(() => {
      this.events.push('ready')
      return Promise.resolve()
    })
  }

  /** Ends the turn in hand. */
  async answer(turn: Turn | Error): Promise<void> {
    const answer = this.#answers.shift()
    if (answer === undefined) throw new Error('no turn is in hand')
    answer(turn instanceof Error ? Promise.reject(turn) : Promise.resolve(turn))
    await settled()
  }

  /** The time that the loop waits for passes; returns how long that was. */
  async waitOut(): Promise<number> {
    const timer = this.#timer
    if (timer === undefined) throw new Error('nothing is waited for')
    this.#timer = undefined
    timer.run()
    await settled()
    return timer.ms
  }

  get turns(): number {
    return this.events.filter((event) => event === 'turn').length
  }

  get waits(): boolean {
    return this.#timer !== undefined
  }
}

/** Everything that follows from what has happened has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the live loop', () => {
  test('takes a turn at once, and is ready after it', async () => {
    const bench = new Bench()
    await bench.answer(turnOf())
    expect(bench.events).toEqual(['turn', 'turned', 'ready'])
  })

  test('rests until a bell rings', async () => {
    const bench = new Bench()
    await bench.answer(turnOf())
    expect(bench.turns).toBe(1)
    bench.loop.bell()
    await settled()
    expect(bench.turns).toBe(2)
  })

  test('takes exactly one turn more for any number of bells during a turn', async () => {
    const bench = new Bench()
    for (let ring = 0; ring < 1000; ring++) bench.loop.bell()
    await bench.answer(turnOf())
    expect(bench.turns).toBe(2)
    await bench.answer(turnOf())
    expect(bench.turns).toBe(2)
  })

  test('takes one turn at a time', async () => {
    const bench = new Bench()
    bench.loop.bell()
    await settled()
    expect(bench.turns).toBe(1)
  })

  test('tries again after 1 s, then ever more slowly up to 30 s, while the firewall refuses', async () => {
    const bench = new Bench()
    const waited: number[] = []
    for (let attempt = 0; attempt < 7; attempt++) {
      await bench.answer(turnOf('the kernel is busy'))
      waited.push(await bench.waitOut())
    }
    expect(waited).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect([FIRST_RETRY_MS, LONGEST_RETRY_MS]).toEqual([1000, 30_000])
    expect(bench.events).toContain('retry after 1000: the kernel is busy')
  })

  test('tries again when the state cannot be written', async () => {
    const bench = new Bench()
    await bench.answer(new StoreError('the disk is full'))
    expect(bench.events).toEqual(['turn', 'retry after 1000: the disk is full', 'ready'])
    expect(await bench.waitOut()).toBe(1000)
    expect(bench.turns).toBe(2)
  })

  test('waits as well where a moment has come and its turn fails', async () => {
    const bench = new Bench()
    await bench.answer(turnOf(undefined, 5000))
    bench.clock = 5000
    await bench.waitOut()
    await bench.answer(new StoreError('the disk is full'))
    expect(bench.turns).toBe(2)
    expect(await bench.waitOut()).toBe(1000)
    expect(bench.turns).toBe(3)
  })

  test('a success makes the next wait short again', async () => {
    const bench = new Bench()
    await bench.answer(turnOf('busy'))
    await bench.waitOut()
    await bench.answer(turnOf())
    bench.loop.bell()
    await settled()
    await bench.answer(turnOf('busy'))
    expect(await bench.waitOut()).toBe(1000)
  })

  test('takes a turn after the time that one has asked for, whatever the clock shows', async () => {
    const bench = new Bench()
    const waiting = { ...turnOf(), againMs: 5000 }
    await bench.answer(waiting)
    bench.clock = -3_600_000
    expect(await bench.waitOut()).toBe(5000)
    expect(bench.turns).toBe(2)
    await bench.answer(turnOf())
    expect(bench.waits).toBe(false)
  })

  test('looks at the clock twice a second while a rule is to close, and takes a turn when it has to', async () => {
    const bench = new Bench()
    await bench.answer(turnOf(undefined, 10_000))
    expect(await bench.waitOut()).toBe(CLOCK_CHECK_MS)
    expect(CLOCK_CHECK_MS).toBe(500)
    bench.clock = 9_900
    expect(await bench.waitOut()).toBe(500)
    expect(await bench.waitOut()).toBe(100)
    expect(bench.turns).toBe(1)
    bench.clock = 3_600_000
    await bench.waitOut()
    expect(bench.turns).toBe(2)
  })

  test('a bell cuts the wait short', async () => {
    const bench = new Bench()
    await bench.answer(turnOf('busy'))
    bench.loop.bell()
    await settled()
    expect(bench.turns).toBe(2)
    expect(bench.waits).toBe(false)
  })

  test('finishes the turn in hand when it is told to stop', async () => {
    const bench = new Bench()
    bench.loop.stop()
    bench.loop.bell()
    await bench.answer(turnOf())
    await bench.ended
    expect(bench.events).toEqual(['turn', 'turned', 'ready'])
  })

  test('ends at once when it is told to stop while it rests', async () => {
    const bench = new Bench()
    await bench.answer(turnOf())
    bench.loop.stop()
    await bench.ended
    expect(bench.turns).toBe(1)
  })

  test('leaves what is not expected to whoever started it', async () => {
    const bench = new Bench()
    const ended = expect(bench.ended).rejects.toThrow('a bug')
    await bench.answer(new Error('a bug'))
    await ended
  })
})
