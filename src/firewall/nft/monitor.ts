import type { Executor, Netns } from './executor.ts'
import { TABLE } from './names.ts'

/** Process ids of palisade's own commits that are remembered; one is forgotten when so many are younger. */
const REMEMBERED = 64

/**
 * Listens to what is committed to the table of one namespace. What `nft monitor` prints is used as a
 * bell alone, since it leaves parts out: that something changed, and by whom.
 */
export class Monitor {
  readonly #rings: (by: string | undefined) => void
  readonly #process: { readonly stop: () => void }
  readonly #own = new Set<number>()
  /** Commits that came in while one of palisade's own was under way; its process is known afterwards. */
  #undecided: { readonly pid: number; readonly by: string }[] | undefined
  #isTouched = false
  #isStopped = false
  isEnded = false

  /** `rings` is called with the process that changed the table; undefined: changes may have been missed. */
  constructor(executor: Executor, netns: Netns, rings: (by: string | undefined) => void) {
    this.#rings = rings
    this.#process = executor.follow(
      netns,
      ['nft', 'monitor'],
      (line) => {
        this.#line(line)
      },
      () => {
        this.isEnded = true
        if (!this.#isStopped) rings(undefined)
      },
    )
  }

  /** A commit of palisade's own begins. */
  begin(): void {
    this.#undecided ??= []
  }

  /** It is done, by this process. */
  done(pid: number | undefined): void {
    if (pid !== undefined) this.#own.add(pid)
    for (const old of [...this.#own].slice(0, -REMEMBERED)) this.#own.delete(old)
    const undecided = this.#undecided ?? []
    this.#undecided = undefined
    for (const { pid: other, by } of undecided) if (!this.#own.has(other)) this.#rings(by)
  }

  stop(): void {
    this.#isStopped = true
    this.#process.stop()
  }

  #line(line: string): void {
    // Its socket overflowed, and what it did not get may be of this table.
    if (line.startsWith('# ERROR: ')) {
      this.#rings(undefined)
      return
    }
    const generation = /^# new generation \d+ by process (\d+) \((.*)\)$/.exec(line)
    if (generation === null) {
      this.#isTouched ||= line.includes(` ${TABLE}`)
      return
    }
    const isTouched = this.#isTouched
    this.#isTouched = false
    if (!isTouched) return
    const pid = Number(generation[1])
    const by = `process ${pid} (${generation[2] ?? ''})`
    if (this.#undecided !== undefined) this.#undecided.push({ pid, by })
    else if (!this.#own.has(pid)) this.#rings(by)
  }
}
