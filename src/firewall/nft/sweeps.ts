import type { InstanceRuleset } from '../../policy/ruleset.ts'
import type { AttachedInstances } from './attached-instances.ts'
import type { Executor, Netns } from './executor.ts'
import type { Prefixes } from './judge.ts'
import type { Layout } from './layout.ts'
import { Sweeper } from './sweep.ts'

export interface SweepsOptions {
  readonly executor: Executor
  /** Told in one sentence why a sweep failed. */
  readonly warn?: (sentence: string) => void
}

/** When the connections of each network namespace are swept. */
export class Sweeps {
  readonly #options: SweepsOptions
  readonly #sweepers = new Map<Netns, Sweeper>()
  /** Where the last sweep failed, and why. */
  readonly #failed = new Map<Netns, string>()

  constructor(options: SweepsOptions) {
    this.#options = options
  }

  /** The kernel holds the rules of these, or may. */
  remember(netns: Netns, instances: Iterable<InstanceRuleset>): void {
    this.#sweeperOf(netns).remember(instances)
  }

  /**
   * Sweeps where an action has put anything into force that open connections have to be judged by, and where the last
   * sweep failed: one that took too long has less to do.
   */
  async after<T>(
    attached: Pick<AttachedInstances, 'namespace' | 'isProgrammed'>,
    prefixes: Prefixes,
    action: () => Promise<T>,
  ): Promise<T> {
    const { netns, layout } = attached.namespace
    const { generation } = layout
    const before = [...layout.instances.values()]
    const result = await action().catch((error: unknown) => {
      this.remember(netns, before)
      throw error
    })
    if (layout.generation !== generation) {
      this.remember(netns, before)
      this.#failed.delete(netns)
      await this.#sweep(netns, layout, prefixes)
    } else if (this.#failed.has(netns) && attached.isProgrammed) await this.#sweep(netns, layout, prefixes)
    return result
  }

  /** A sweep that fails leaves open what the kernel cuts at the opener's next packet. */
  async #sweep(netns: Netns, layout: Layout, prefixes: Prefixes): Promise<void> {
    try {
      await this.#sweeperOf(netns).sweep(layout, prefixes)
      this.#failed.delete(netns)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      const isKnown = this.#failed.get(netns) === problem
      this.#failed.set(netns, problem)
      if (isKnown) return
      this.#options.warn?.(
        `connections that the rules no longer allow are cut only when their opener sends, since the sweep failed: ${problem}`,
      )
    }
  }

  #sweeperOf(netns: Netns): Sweeper {
    const known = this.#sweepers.get(netns)
    if (known !== undefined) return known
    const sweeper = new Sweeper(this.#options.executor, netns)
    this.#sweepers.set(netns, sweeper)
    return sweeper
  }
}
