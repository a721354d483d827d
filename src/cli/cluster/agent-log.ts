import type { AgentTurn } from '../../agent/agent-loop.ts'
import type { LiveReport } from '../live/live-loop.ts'
import type { Log } from '../live/log.ts'

/** What an agent tells: each change, and each reason to wait once. */
export class AgentLog implements LiveReport<AgentTurn> {
  readonly #log: Log
  #told = new Set<string>()

  constructor(log: Log) {
    this.#log = log
  }

  turned({ change, drift, waits, refusal, instances }: AgentTurn): Promise<void> {
    for (const { place, parts, by } of drift) {
      this.#log.warn({ place, parts, by }, 'another program changed the rules, repaired')
    }
    for (const reason of waits) if (!this.#told.has(reason)) this.#log.warn({ reason }, 'waiting')
    this.#told = new Set(waits)
    const { put, remove, putRemotes, removeRemotes } = change
    const remotes = putRemotes.size + removeRemotes.length
    const fields = { instances, put: put.length, removed: remove.length, remotes }
    if (put.length + remove.length + remotes === 0) this.#log.debug(fields, 'turn done')
    else if (refusal === undefined) this.#log.info(fields, 'programmed')
    return Promise.resolve()
  }

  retrying(reason: string, delayMs: number): void {
    this.#log.warn({ reason, delayMs }, 'turn failed, trying again')
  }

  /** The status of an instance could not be written. */
  unreported(reason: string, delayMs: number): void {
    this.#log.warn({ reason, delayMs }, 'status not written, trying again')
  }

  /** Tells when the cluster is out of sight, and when it is seen again. */
  connection(failures: readonly string[]): void {
    const [reason] = failures
    if (reason === this.#reason) return
    this.#reason = reason
    if (reason === undefined) this.#log.info({}, 'the cluster is seen again')
    else this.#log.warn({ reason }, 'the cluster is not seen, what is in force stays')
  }

  #reason: string | undefined
}
