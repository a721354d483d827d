import type { ObjectKey } from '../core/key.ts'
import type { UnknownRecord } from '../core/record.ts'
import { BackOff } from '../kube/back-off.ts'
import type { ClusterWriter } from '../kube/cluster-writer.ts'
import { KubeError } from '../kube/kube-error.ts'
import type { ServerObject } from '../kube/server-object.ts'
import { summaryOf, WriteQueue } from '../kube/write-queue.ts'
import type { Timers } from '../source/timers.ts'
import { isReportedBy, statusOfReport, type ProgrammedReport } from './programmed-report.ts'

/** The owner of what agents write, as `kubectl get --show-managed-fields` shows it. */
const MANAGER = 'palisade-agent'

export interface ProgrammedReporterOptions {
  readonly writer: Pick<ClusterWriter, 'applyStatus'>
  readonly node: string
  /** The instance as the server has it; undefined where it has none. */
  readonly objectOf: (key: ObjectKey) => ServerObject | undefined
  readonly timers: Timers
  readonly random: () => number
  /** Told why a report could not be written, as a sentence. */
  readonly onFailure: (sentence: string, delayMs: number) => void
}

/**
 * Writes what the firewall holds into the status of the node's instances, only where the server has it
 * otherwise. Beside the loop: rules are programmed and closed while the server is away.
 */
export class ProgrammedReporter {
  readonly #options: ProgrammedReporterOptions
  readonly #backOff: BackOff
  readonly #queue: WriteQueue
  #reports: ReadonlyMap<ObjectKey, ProgrammedReport | undefined> = new Map()
  /** What was written last, of which version; until another version is seen it is not written again. */
  readonly #written = new Map<ObjectKey, string>()
  #isDue = false
  #isClosed = false
  #running: Promise<void> | undefined
  #cancel: (() => void) | undefined

  constructor(options: ProgrammedReporterOptions) {
    this.#options = options
    this.#backOff = new BackOff(options.random)
    this.#queue = new WriteQueue(() => !this.#isClosed)
  }

  /** Says how things are now, of all of the node's instances; undefined: nobody enforces that one any more. */
  put(reports: ReadonlyMap<ObjectKey, ProgrammedReport | undefined>): void {
    this.#reports = reports
    for (const key of this.#written.keys()) if (!reports.has(key)) this.#written.delete(key)
    // While the server is away the next attempt is due anyway.
    if (this.#cancel === undefined) this.#run()
  }

  /** Finishes what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel?.()
    await this.#running
  }

  #run(): void {
    this.#isDue = true
    this.#running ??= this.#work()
  }

  async #work(): Promise<void> {
    while (this.#isDue && !this.#isClosed) {
      this.#isDue = false
      const failures = await this.#pass()
      if (failures.length > 0) this.#retry(failures)
      else this.#backOff.reset()
    }
    this.#running = undefined
  }

  async #pass(): Promise<readonly KubeError[]> {
    const due = [...this.#reports].flatMap(([key, report]) => {
      const object = this.#options.objectOf(key)
      const status = object && this.#statusOf(report, object)
      if (object === undefined || status === undefined) return []
      return [{ key, run: () => this.#write(key, object, status) }]
    })
    return this.#queue.run([], due)
  }

  #statusOf(report: ProgrammedReport | undefined, object: ServerObject): UnknownRecord | undefined {
    const { node, timers } = this.#options
    if (report !== undefined) return statusOfReport(report, object, timers.now())
    return isReportedBy(object, node) ? {} : undefined
  }

  async #write(key: ObjectKey, { metadata }: ServerObject, status: UnknownRecord): Promise<boolean> {
    const mark = JSON.stringify([metadata.uid, metadata.resourceVersion])
    if (this.#written.get(key) === mark) return false
    try {
      await this.#options.writer.applyStatus(key, status, MANAGER)
    } catch (error) {
      // It has been deleted in the meantime.
      if (error instanceof KubeError && error.code === 404) return false
      throw error
    }
    this.#written.set(key, mark)
    return true
  }

  #retry(failures: readonly KubeError[]): void {
    const [first, ...others] = failures
    if (first === undefined || this.#isClosed) return
    const delay = this.#backOff.next(Math.max(...failures.map(({ retryAfter = 0 }) => retryAfter)))
    this.#options.onFailure(summaryOf([first, ...others]), delay)
    this.#isDue = false
    this.#cancel = this.#options.timers.after(delay, () => {
      this.#cancel = undefined
      this.#run()
    })
  }
}
