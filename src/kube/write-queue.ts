import { parseKey, type ObjectKey } from '../core/key.ts'
import { inParallel } from './in-parallel.ts'
import { KubeError } from './kube-error.ts'

export interface Write {
  readonly key: ObjectKey
  /** True when the server has carried anything out; false: there was nothing to ask for. */
  readonly run: () => Promise<boolean>
}

/** Above 32 writes at once only their latency grows; half of that leaves the server to others. */
const CONCURRENT_WRITES = 16

/** After so many failures, and nothing that succeeded, the next one would most likely fail too. */
const HOPELESS = CONCURRENT_WRITES

interface Task extends Write {
  /** What policies, quotas and rights are about: one kind in one namespace, written or removed. */
  readonly place: string
  /** What the rights of a role and most webhooks are about: one kind, written or removed. */
  readonly sort: string
}

interface Tally {
  failed: number
  hasSucceeded: boolean
}

const newTally = (): Tally => ({ failed: 0, hasSucceeded: false })

const isHopeless = ({ failed, hasSucceeded }: Tally): boolean => failed >= HOPELESS && !hasSucceeded

/**
 * Writes what can be written, whatever cannot. What failed the last time comes last, so that it does not hold up the
 * others for ever, and the longest ago of it first.
 */
export class WriteQueue {
  readonly #mayWrite: () => boolean
  /** What was put off since all around it failed, and then what failed, the longest ago first. */
  #failed = new Set<ObjectKey>()

  /** `mayWrite` is asked before each write: false once another process may be writing. */
  constructor(mayWrite: () => boolean) {
    this.#mayWrite = mayWrite
  }

  /** Each part begins when the one before has ended, and the removals keep no part from being written. Gives what failed. */
  async run(
    removals: readonly Write[],
    ...parts: readonly (readonly Write[])[]
  ): Promise<readonly KubeError[]> {
    const gone = removals.map((write) => taskOf(write, 'remove '))
    const coming = parts.map((part) => part.map((write) => taskOf(write, '')))
    const all = [gone, coming].flat(2)
    const late = this.#lateOf(all)
    const isFresh = ({ key }: Task): boolean => !this.#failed.has(key)
    const pass = new Pass(this.#mayWrite, this.#failed)
    // What fails moves in the order of failures, so who is fresh is asked before.
    const [first = [], ...others] = [gone, ...coming].map((part) => part.filter(isFresh))
    await pass.write(first)
    pass.hopeAgain()
    for (const part of [...others, late]) await pass.write(part)
    this.#remember(pass, all)
    return pass.failures
  }

  /**
   * One of each place first, and first of the places that have not failed for the longest: the many of one do not keep the
   * server from showing that it is well.
   */
  #lateOf(tasks: readonly Task[]): readonly Task[] {
    if (this.#failed.size === 0) return []
    const byKey = new Map(tasks.map((task) => [task.key, task]))
    const counts = new Map<string, number>()
    const newest = new Map<string, number>()
    const late: (readonly [rank: number, task: Task])[] = []
    for (const key of this.#failed) {
      const task = byKey.get(key)
      if (task === undefined) continue
      const rank = counts.get(task.place) ?? 0
      counts.set(task.place, rank + 1)
      newest.set(task.place, late.length)
      late.push([rank, task])
    }
    const ageOf = ({ place }: Task): number => newest.get(place) ?? 0
    return late.sort(([a, one], [b, other]) => a - b || ageOf(one) - ageOf(other)).map(([, task]) => task)
  }

  #remember({ tallies }: Pass, tasks: readonly Task[]): void {
    const present = new Set(tasks.map(({ key }) => key))
    const failed = [...this.#failed].filter((key) => present.has(key))
    const putOff = tasks.filter(({ key, place, sort }) => {
      return (
        !this.#failed.has(key) && [place, sort].some((name) => isHopeless(tallies.get(name) ?? newTally()))
      )
    })
    this.#failed = new Set([...putOff.map(({ key }) => key), ...failed])
  }
}

/** The first of some failures, and how many more there are. */
export function summaryOf([first, ...more]: readonly [KubeError, ...KubeError[]]): string {
  return more.length === 0 ? first.message : `${first.message} (and ${String(more.length)} more)`
}

/** One time through what is to be written. */
class Pass {
  readonly failures: KubeError[] = []
  /** By place and by sort. */
  readonly tallies = new Map<string, Tally>()
  readonly #mayWrite: () => boolean
  readonly #failed: Set<ObjectKey>
  /** Counts only what may be about all of them. */
  #all = newTally()

  constructor(mayWrite: () => boolean, failed: Set<ObjectKey>) {
    this.#mayWrite = mayWrite
    this.#failed = failed
  }

  hopeAgain(): void {
    this.#all = newTally()
  }

  async write(tasks: readonly Task[]): Promise<void> {
    if (isHopeless(this.#all)) return
    await inParallel(tasks, CONCURRENT_WRITES, (task) => this.#attempt(task))
  }

  async #attempt({ key, place, sort, run }: Task): Promise<'Continue' | 'Stop'> {
    if (!this.#mayWrite()) {
      this.failures.push(new KubeError(ENDED))
      return 'Stop'
    }
    const own = [place, sort].map((name) => this.#tallyOf(name))
    if (own.some(isHopeless)) return 'Continue'
    try {
      const hasWritten = await run()
      this.#failed.delete(key)
      for (const tally of [this.#all, ...own]) tally.hasSucceeded ||= hasWritten
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      this.failures.push(error)
      this.#failed.delete(key)
      this.#failed.add(key)
      for (const tally of own) tally.failed += 1
      if (error.isAboutAll) this.#all.failed += 1
    }
    return isHopeless(this.#all) ? 'Stop' : 'Continue'
  }

  #tallyOf(place: string): Tally {
    const known = this.tallies.get(place)
    if (known !== undefined) return known
    const tally = newTally()
    this.tallies.set(place, tally)
    return tally
  }
}

function taskOf(write: Write, verb: string): Task {
  const { kind, namespace } = parseKey(write.key)
  return { ...write, place: `${verb}${kind}/${namespace}`, sort: `${verb}${kind}` }
}

const ENDED = 'nothing is written any more: this controller does not lead, or is ending'
