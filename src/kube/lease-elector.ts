import type { Moment } from '../core/moment.ts'
import type { Timers } from '../source/timers.ts'
import type { Connection } from './connection.ts'
import { KubeError } from './kube-error.ts'
import { sleep } from './sleep.ts'
import { LEASES, heldLease, readLease, type Lease } from './lease.ts'

export interface LeaseTimes {
  /** How long a lease holds that is not renewed. */
  readonly durationMs: number
  /** The leader that could not renew for this long steps down; shorter, so that it stops before another starts. */
  readonly renewDeadlineMs: number
  /** Between two attempts, at renewing as at taking. */
  readonly retryMs: number
}

/** A leader that was killed is followed after at most 6 + 1.5 s, one that gave the lease back after 1.5 s. */
export const LEASE_TIMES: LeaseTimes = { durationMs: 6_000, renewDeadlineMs: 4_000, retryMs: 1_500 }

export interface LeaseElectorOptions {
  readonly connection: Connection
  readonly namespace: string
  readonly name: string
  /** Who this process is: no two may have the same. */
  readonly identity: string
  readonly timers: Timers
  readonly times?: LeaseTimes
  /** Whether the times that leaders before have shown are forgotten. */
  readonly trustClock?: boolean
  /** Told when this process begins to lead and when it ceases to. */
  readonly onChange: (isLeader: boolean) => void
  /** Told why an attempt failed, as a sentence, unless the one before failed for the same. */
  readonly onFailure?: (sentence: string) => void
}

/**
 * Lets one process at a time lead, by a Lease of the API server. Expiry is judged by how long the lease
 * has been seen unchanged, never by the times in it, so clocks may differ.
 */
export class LeaseElector {
  readonly #options: LeaseElectorOptions
  readonly #times: LeaseTimes
  readonly #stop = new AbortController()
  #lease: Lease | undefined
  /** What is known of the lease may be old. */
  #mustRead = true
  /** The version of the lease last seen, and when it was first seen. */
  #seenVersion: string | undefined
  #seenAt = 0
  /** Until when this process leads. */
  #leadsUntil = 0
  #cancelExpiry: () => void = () => undefined
  #wasLeader = false
  /** The latest time that any leader's clock has shown, this one's included; undefined where none has noted it. */
  #shown: Moment | undefined
  /** The same when the term began. */
  #latestTime: Moment | undefined
  #failure: string | undefined
  #running: Promise<void> | undefined

  constructor(options: LeaseElectorOptions) {
    this.#options = options
    this.#times = options.times ?? LEASE_TIMES
  }

  /** Asks the clock as well: a process that was paused has lost the lead before any timer says so. */
  get isLeader(): boolean {
    return this.#options.timers.now() < this.#leadsUntil
  }

  /** Who leads as last seen; '' for nobody, or when it is not known yet. */
  get holder(): string {
    return this.#lease?.holder ?? ''
  }

  /** The latest time that any leader's clock had shown when this one began to lead; undefined where none had noted it. */
  get latestTime(): Moment | undefined {
    return this.#latestTime
  }

  /** Why the last attempt failed, as a sentence; undefined when it did not. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Why nobody leads as far as this process can see; undefined while somebody does, or nothing has failed. */
  get obstacle(): string | undefined {
    return this.#isHeld || this.isLeader ? undefined : this.#failure
  }

  /** Whether anybody has the lease, and nobody may take it from them yet. */
  get #isHeld(): boolean {
    const lease = this.#lease
    if (lease === undefined || lease.holder === '') return false
    return this.#options.timers.now() - this.#seenAt < lease.durationMs
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Ends the lead, and gives the lease back so that another can take it at once. */
  async release(): Promise<void> {
    this.#stop.abort()
    await this.#running
    const mayHold = this.#lease?.holder === this.#options.identity
    this.#lead(0)
    if (!mayHold) return
    try {
      await this.#write('')
    } catch (error) {
      // It expires by itself.
      if (!(error instanceof KubeError)) throw error
      this.#failure = error.message
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await this.#attempt()
        this.#failure = undefined
      } catch (error) {
        if (!(error instanceof KubeError)) throw error
        // Somebody else was first, or it has gone: read it again next time.
        this.#mustRead = true
        if (error.code !== 409) this.#fail(error.message)
      }
      await sleep(this.#times.retryMs, this.#options.timers, signal)
    }
  }

  #fail(sentence: string): void {
    if (sentence === this.#failure) return
    this.#failure = sentence
    this.#options.onFailure?.(sentence)
  }

  async #attempt(): Promise<void> {
    const { identity, timers } = this.#options
    if (this.#mustRead || this.#lease?.holder !== identity) await this.#read()
    const lease = this.#lease
    if (lease?.holder !== identity && this.#isHeld) {
      this.#lead(0)
      return
    }
    if (lease?.holder !== identity) this.#inherit(lease)
    if (!this.isLeader) this.#latestTime = this.#shown
    const asked = timers.now()
    await this.#write(identity)
    this.#lead(asked + this.#times.renewDeadlineMs)
  }

  /** A leader that did not give the lease back may have looked at its clock for as long as it led. */
  #inherit(lease: Lease | undefined): void {
    const { trustClock = false } = this.#options
    const { latestTime, holder } = lease ?? { latestTime: undefined, holder: '' }
    if (trustClock || latestTime === undefined) return
    const latest = latestTime + (holder === '' ? 0 : this.#times.renewDeadlineMs)
    this.#shown = Math.max(latest, this.#shown ?? latest)
  }

  async #read(): Promise<void> {
    const { connection, namespace, name, timers } = this.#options
    try {
      const answer = await connection.request(
        { verb: 'get', resource: LEASES, namespace, name },
        this.#deadlineMs,
      )
      this.#notice(readLease(answer), timers.now())
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 404) throw error
      this.#lease = undefined
    }
  }

  async #write(holder: string): Promise<void> {
    const { connection, namespace, name, timers } = this.#options
    const before = this.#lease
    const now = timers.now()
    const latestTime = Math.max(now, this.#shown ?? now)
    const times = { durationMs: this.#times.durationMs, now, latestTime }
    const body = heldLease(before ?? { namespace, name }, holder, times)
    const answer = await connection.request(
      before === undefined
        ? { verb: 'create', resource: LEASES, namespace, body }
        : { verb: 'update', resource: LEASES, namespace, name, body },
      this.#deadlineMs,
    )
    this.#shown = latestTime
    this.#notice(readLease(answer), timers.now())
  }

  /** Short enough for a second attempt before the lead is lost. */
  get #deadlineMs(): number {
    return this.#times.renewDeadlineMs / 2
  }

  #notice(lease: Lease | undefined, now: number): void {
    this.#lease = lease
    this.#mustRead = false
    if (lease?.resourceVersion === this.#seenVersion) return
    this.#seenVersion = lease?.resourceVersion
    this.#seenAt = now
  }

  #lead(until: number): void {
    const { timers, onChange } = this.#options
    this.#cancelExpiry()
    this.#leadsUntil = until
    const { isLeader } = this
    if (isLeader) {
      this.#cancelExpiry = timers.after(until - timers.now(), () => {
        this.#lead(0)
      })
    }
    if (isLeader === this.#wasLeader) return
    this.#wasLeader = isLeader
    onChange(isLeader)
  }
}
