import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { objectKey, type ObjectKey } from '../../src/core/key.ts'
import type { Firewall } from '../../src/firewall/firewall.ts'
import { memoryFirewall } from '../../src/firewall/memory.ts'
import { systemExecutor } from '../../src/firewall/nft/executor.ts'
import { knownTablesInMemory } from '../../src/firewall/nft/known-tables.ts'
import { nftFirewall } from '../../src/firewall/nft/nft.ts'
import { entering, labEnvironment } from '../../src/lab/entry.ts'
import { Lab } from '../../src/lab/lab.ts'
import type { ProbeOutcome, ProbeProtocol } from '../../src/lab/probe/probe.ts'
import { Prober } from '../../src/lab/probe/prober.ts'
import type { Topology } from '../../src/lab/topology.ts'
import type { Model } from '../../src/policy/model/model.ts'
import { diffRulesets } from '../../src/policy/ruleset-change.ts'
import type { InstanceRuleset, Ruleset } from '../../src/policy/ruleset.ts'

const run = promisify(execFile)

/** A packet to be sent by somebody of a field; an echo request where there is no port. */
export interface Shot {
  /** Key of an instance, or `internet`. */
  readonly by: string
  readonly protocol: ProbeProtocol
  readonly from: string
  readonly to: string
  readonly port?: number
  readonly sourcePort?: number
}

/** Everything that a model asks of a firewall. */
export function rulesetOf(model: Model): Ruleset {
  const instances = new Map<ObjectKey, InstanceRuleset>()
  const remotes = new Map<ObjectKey, readonly string[]>()
  const noteRemote = (key: ObjectKey): void => {
    const prefixes = model.remote(key)
    if (prefixes !== undefined) remotes.set(key, prefixes)
  }
  for (const vpc of model.vpcs()) {
    for (const { key } of vpc.instances) {
      const ruleset = model.instanceRuleset(key)
      if (ruleset !== undefined) instances.set(key, ruleset)
    }
    for (const { key } of vpc.groups.values()) noteRemote(key)
  }
  for (const { kind, metadata } of model.objects()) {
    if (kind === 'AddressGroup') noteRemote(objectKey(kind, metadata.namespace ?? 'default', metadata.name))
  }
  return { instances, remotes }
}

/** One network with real rules and real packets, for as long as a test lasts. */
export class Field {
  readonly lab: Lab
  readonly firewall: Firewall
  readonly #program: string
  readonly #vpc: ObjectKey
  readonly #probers = new Map<string, Prober>()
  #programmed: Ruleset = { instances: new Map(), remotes: new Map() }

  private constructor(lab: Lab, program: string, vpc: ObjectKey, packedFrom: number | undefined) {
    this.lab = lab
    this.#program = program
    this.#vpc = vpc
    this.firewall = nftFirewall({
      record: memoryFirewall(),
      tables: knownTablesInMemory(),
      executor: systemExecutor({
        enter: (router) => (router === undefined ? undefined : lab.entering(router)),
      }),
      now: () => new Date(),
      ...(packedFrom !== undefined && { packedFrom }),
    })
  }

  /**
   * `program` is the prober's; the topology has one network, which stays as it is. From `packedFrom` rules on
   * a list is packed into a set, as only long ones are elsewhere.
   */
  static async open(topology: Topology, program: string, packedFrom?: number): Promise<Field> {
    const [vpc] = topology.keys()
    if (vpc === undefined) throw new Error('a field needs a network')
    const lab = await Lab.open(() => undefined)
    try {
      await lab.follow(topology)
    } catch (error) {
      await lab.close()
      throw error
    }
    return new Field(lab, program, vpc, packedFrom)
  }

  async close(): Promise<void> {
    for (const prober of this.#probers.values()) prober.close()
    await this.lab.close()
  }

  /** Brings the kernel to what a model asks for. */
  async enforce(model: Model): Promise<void> {
    const desired = rulesetOf(model)
    await this.firewall.apply(diffRulesets(this.#programmed, desired))
    this.#programmed = desired
  }

  /** Sends all at once, and says what came of each. */
  async send(shots: readonly Shot[], waitMs: number): Promise<readonly ProbeOutcome[]> {
    const outcomes: ProbeOutcome[] = []
    const senders = new Set(shots.map(({ by }) => by))
    const sendAll = async (by: string): Promise<void> => {
      const own = [...shots.entries()].filter(([, shot]) => shot.by === by)
      const requests = own.map(([, { protocol, from, to, port = 0, sourcePort = 0 }]) => {
        return { protocol, from, to, port, sourcePort }
      })
      const found = await this.#prober(by).send({ requests, waitMs })
      for (const [at, [index]] of own.entries()) outcomes[index] = found[at] ?? 'Silent'
    }
    await Promise.all([...senders].map(sendAll))
    return outcomes
  }

  /** Runs a shell script as somebody: a key, `internet` or `router`. */
  async sh(who: string, script: string): Promise<string> {
    const [program, ...words] = entering(this.#pid(who), 'WithLab')
    const { stdout } = await run(program, [...words, 'sh', '-ec', script], {
      env: labEnvironment(process.env),
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout
  }

  #pid(who: string): number {
    const network = this.lab.built.get(this.#vpc)
    if (who === 'router' || who === 'internet') return network?.[who] ?? 0
    const pid = network?.ports.get(who)?.pid
    if (pid === undefined) throw new Error(`there is no ${who}`)
    return pid
  }

  #prober(by: string): Prober {
    const prober = this.#probers.get(by) ?? new Prober(this.#pid(by), this.#program)
    this.#probers.set(by, prober)
    return prober
  }
}
