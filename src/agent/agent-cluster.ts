import { isKind, type Kind } from '../api/objects.ts'
import { kindOfKey, type ObjectKey } from '../core/key.ts'
import { ChangeFeed } from '../kube/change-feed.ts'
import { ClusterObjects } from '../kube/cluster-objects.ts'
import { ClusterWriter } from '../kube/cluster-writer.ts'
import type { Connection } from '../kube/connection.ts'
import { isTypeRemoved } from '../kube/crd-removal.ts'
import { KubeError } from '../kube/kube-error.ts'
import { qualifiedName, resourceOf } from '../kube/resource.ts'
import type { Timers } from '../source/timers.ts'
import { AcceptedReader, RULE_KINDS, type AcceptedWorld, type Validate } from './accepted-world.ts'
import type { AgentCluster, Doubts } from './agent-loop.ts'
import { ProgrammedReporter } from './programmed-reporter.ts'
import type { ProgrammedReport } from './programmed-report.ts'

export interface WatchedClusterOptions {
  readonly connection: Connection
  readonly node: string
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined
  readonly validate: Validate
  readonly timers: Timers
  readonly random: () => number
  /** Rings when the cluster may have changed. */
  readonly bell: () => void
  /** Told why a report could not be written, as a sentence. */
  readonly onReportFailure: (sentence: string, delayMs: number) => void
}

/** The cluster of an agent: every kind from which rules follow, watched by itself. */
export class WatchedCluster implements AgentCluster {
  readonly #connection: Connection
  readonly #objects: ClusterObjects
  readonly #feed: ChangeFeed
  readonly #reader: AcceptedReader
  readonly #reporter: ProgrammedReporter

  constructor(options: WatchedClusterOptions) {
    const { connection, node, namespace, validate, timers, random, bell } = options
    const namespaces = namespace === undefined ? [] : [namespace]
    this.#connection = connection
    this.#objects = new ClusterObjects({ connection, kinds: RULE_KINDS, namespaces, timers, random })
    this.#objects.onChange(bell)
    this.#feed = new ChangeFeed(this.#objects)
    this.#reader = new AcceptedReader(node, validate)
    this.#reporter = new ProgrammedReporter({
      writer: new ClusterWriter(connection),
      node,
      objectOf: (key) => this.#objects.get(key),
      timers,
      random,
      onFailure: options.onReportFailure,
    })
  }

  start(): void {
    this.#objects.start()
  }

  /** Why the cluster cannot be followed at the moment, as sentences. */
  failures(): readonly string[] {
    return this.#objects.failures()
  }

  read(): AcceptedWorld | undefined {
    return this.#objects.isSynced ? this.#reader.read(this.#feed.drain()) : undefined
  }

  readonly isCut = (): boolean => this.#objects.health.disconnectedSince !== undefined

  async doubtsOf(deleted: readonly ObjectKey[]): Promise<Doubts> {
    const kinds = [...new Set(deleted.map(kindOfKey))].filter(isKind)
    // At once, since rules that end in the meantime wait for it.
    const sentences = await Promise.all(kinds.map(async (kind) => [kind, await this.#doubtOf(kind)] as const))
    const byKind = new Map<string, string | undefined>(sentences)
    return new Map(
      deleted.flatMap((key) => {
        const sentence = byKind.get(kindOfKey(key))
        return sentence === undefined ? [] : [[key, sentence] as const]
      }),
    )
  }

  /** Why deletions of a kind must not be followed, as a sentence. */
  async #doubtOf(kind: Kind): Promise<string | undefined> {
    try {
      if (!(await isTypeRemoved(this.#connection, resourceOf(kind)))) return undefined
      return `the CRD ${qualifiedName(resourceOf(kind))} is being removed: what was in force of it stays`
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      return `objects were deleted, and whether their CRD is being removed cannot be told, so what was in force of them stays: ${error.message}`
    }
  }

  report(reports: ReadonlyMap<ObjectKey, ProgrammedReport | undefined>): void {
    this.#reporter.put(reports)
  }

  async close(): Promise<void> {
    await this.#reporter.close()
    await this.#objects.close()
  }
}
