import type { ObjectKey } from '../core/key.ts'
import { runScript } from './entry.ts'
import type { Keeper } from './keeper.ts'
import {
  connectScript,
  instanceScript,
  internetScript,
  linkScript,
  noWayScript,
  routerScript,
  unlinkScript,
  wayScript,
} from './scripts.ts'
import type { LabNetwork, LabPort, Topology } from './topology.ts'

/** An instance that is built, and the process that holds its namespace. */
export interface BuiltPort {
  readonly pid: number
  readonly port: LabPort
  /** Whether packets get through to it, as far as rules let them. */
  readonly isConnected: boolean
}

/** A VPC that is built, and the processes that hold the namespaces of its router and its Internet. */
export interface BuiltNetwork {
  readonly name: string
  readonly router: number
  readonly internet: number
  readonly ports: Map<ObjectKey, BuiltPort>
}

/**
 * The namespaces and links of a lab, made equal to a topology in two steps: `build` before the rules
 * of new ports are in force, with those ports down, and `connect` after.
 */
export class Networks {
  readonly #keeper: Keeper
  readonly #built = new Map<ObjectKey, BuiltNetwork>()

  constructor(keeper: Keeper) {
    this.#keeper = keeper
  }

  get built(): ReadonlyMap<ObjectKey, BuiltNetwork> {
    return this.#built
  }

  /** The process that holds a router by the name that attachments give it. */
  router(name: string): number | undefined {
    return [...this.#built.values()].find((network) => network.name === name)?.router
  }

  /** Builds what is new or has other addresses. */
  async build(topology: Topology): Promise<void> {
    for (const network of topology.values()) {
      const built = this.#built.get(network.vpc) ?? (await this.#buildNetwork(network))
      for (const port of network.ports) await this.#buildPort(built, port)
    }
  }

  /** Takes down what is gone, and lets packets through to everything else. */
  async connect(topology: Topology): Promise<void> {
    for (const [key, network] of this.#built) {
      const wanted = topology.get(key)
      if (wanted === undefined) this.#endNetwork(key, network)
      else await prune(network, new Set(wanted.ports.map(({ instance }) => instance)))
    }
    for (const { router, internet, ports } of this.#built.values()) {
      for (const [key, built] of ports) {
        if (built.isConnected) continue
        await runScript(router, connectScript(built.port))
        await runScript(internet, wayScript(built.port))
        ports.set(key, { ...built, isConnected: true })
      }
    }
  }

  async #buildNetwork({ vpc, router: name }: LabNetwork): Promise<BuiltNetwork> {
    const router = await this.#keeper.create()
    const internet = await this.#keeper.create()
    await runScript(router, routerScript(internet))
    await runScript(internet, internetScript())
    const built: BuiltNetwork = { name, router, internet, ports: new Map() }
    this.#built.set(vpc, built)
    return built
  }

  async #buildPort({ router, internet, ports }: BuiltNetwork, port: LabPort): Promise<void> {
    const known = ports.get(port.instance)
    if (known !== undefined) {
      if (JSON.stringify(known.port) === JSON.stringify(port)) return
      await runScript(internet, noWayScript(known.port))
      await runScript(known.pid, instanceScript(port))
      ports.set(port.instance, { pid: known.pid, port, isConnected: false })
      return
    }
    const pid = await this.#keeper.create()
    await runScript(router, linkScript(port, pid))
    await runScript(pid, instanceScript(port))
    ports.set(port.instance, { pid, port, isConnected: false })
  }

  #endNetwork(key: ObjectKey, { router, internet, ports }: BuiltNetwork): void {
    for (const pid of [router, internet, ...[...ports.values()].map((port) => port.pid)]) end(pid)
    this.#built.delete(key)
  }
}

async function prune(
  { router, internet, ports }: BuiltNetwork,
  wanted: ReadonlySet<ObjectKey>,
): Promise<void> {
  for (const [key, { pid, port }] of ports) {
    if (wanted.has(key)) continue
    await runScript(internet, noWayScript(port))
    await runScript(router, unlinkScript(port))
    end(pid)
    ports.delete(key)
  }
}

/** The namespace goes with the last process in it. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It has ended before.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
