import type { ObjectKey } from '../core/key.ts'
import type { Drift, Firewall, RuleSetHits } from '../firewall/firewall.ts'
import type { Ruleset, RulesetChange } from '../policy/ruleset.ts'
import { entering } from './entry.ts'
import { systemPath } from './environment.ts'
import { Keeper } from './keeper.ts'
import { Networks, type BuiltNetwork } from './networks.ts'
import type { Topology } from './topology.ts'

/** Declared VPCs as network namespaces, without root. */
export class Lab {
  readonly #keeper: Keeper
  readonly #networks: Networks

  private constructor(keeper: Keeper) {
    this.#keeper = keeper
    this.#networks = new Networks(keeper)
  }

  /** An empty lab. `lost` is called when somebody ends its processes. Rejects with LabError. */
  static async open(lost: () => void): Promise<Lab> {
    return new Lab(await Keeper.open(lost))
  }

  get built(): ReadonlyMap<ObjectKey, BuiltNetwork> {
    return this.#networks.built
  }

  /** What enters a router by the name that attachments give it, as words before a command. */
  entering(router: string): readonly string[] | undefined {
    const pid = this.#networks.router(router)
    if (pid === undefined) return undefined
    return [...entering(pid, 'ByItself'), 'env', `PATH=${systemPath(process.env['PATH'])}`]
  }

  /** The file that is a router's namespace; undefined when there is no such router. */
  namespaceFile(router: string): string | undefined {
    const pid = this.#networks.router(router)
    return pid === undefined ? undefined : `/proc/${String(pid)}/ns/net`
  }

  /** Builds what a topology has and takes down what it has not; for what changes no rule. */
  async follow(topology: Topology): Promise<void> {
    await this.#networks.build(topology)
    await this.#networks.connect(topology)
  }

  /**
   * A firewall that builds the namespaces before `inner` is told of their rules, and lets packets in
   * after it has taken them: an instance is never reachable without its rules.
   */
  firewall(inner: Firewall, topology: () => Topology): Firewall {
    return new LabFirewall(inner, this.#networks, topology)
  }

  /** Everything in it ends. */
  close(): Promise<void> {
    return this.#keeper.close()
  }
}

class LabFirewall implements Firewall {
  readonly name = 'lab'
  readonly #inner: Firewall
  readonly #networks: Networks
  readonly #topology: () => Topology

  constructor(inner: Firewall, networks: Networks, topology: () => Topology) {
    this.#inner = inner
    this.#networks = networks
    this.#topology = topology
  }

  read(): Promise<Ruleset> {
    return this.#inner.read()
  }

  async apply(change: RulesetChange): Promise<void> {
    const topology = this.#topology()
    await this.#networks.build(topology)
    await this.#inner.apply(change)
    await this.#networks.connect(topology)
  }

  repair(): Promise<readonly Drift[]> {
    return this.#inner.repair()
  }

  watch(bell: () => void): () => void {
    return this.#inner.watch(bell)
  }

  counters(): Promise<readonly RuleSetHits[]> {
    return this.#inner.counters()
  }
}
