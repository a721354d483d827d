import { ExpiryWatch } from '../controller/expiry-watch.ts'
import { ForwardClock } from '../controller/forward-clock.ts'
import { Programmed } from '../controller/desired.ts'
import { program } from '../controller/programming.ts'
import { programmedByFirewall } from '../controller/status/programmed-condition.ts'
import { Unprogrammed } from '../controller/unprogrammed.ts'
import type { PalisadeObject } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import type { Moment } from '../core/moment.ts'
import type { Drift, Firewall } from '../firewall/firewall.ts'
import type { RulesetChange } from '../policy/ruleset.ts'
import { StoreError } from '../store/store.ts'
import type { AcceptedWorld } from './accepted-world.ts'
import type { AgentMemory } from './agent-memory.ts'
import { FollowedTime } from './followed-time.ts'
import { NodeModel } from './node-model.ts'
import type { ProgrammedReport } from './programmed-report.ts'

/** Deletions that may be nobody's will, and why. */
export type Doubts = ReadonlyMap<ObjectKey, string>

/** What an agent knows of its cluster. */
export interface AgentCluster {
  /** Undefined until everything has been seen once. */
  read(): AcceptedWorld | undefined
  /** Whether some of it cannot be watched at the moment; absent: never. */
  readonly isCut?: () => boolean
  /** Which of these deletions must not be followed, each with a sentence: its type is being removed, or nobody can say. */
  doubtsOf(deleted: readonly ObjectKey[]): Promise<Doubts>
  /** Undefined: nobody enforces that instance any more. */
  report(reports: ReadonlyMap<ObjectKey, ProgrammedReport | undefined>): void
}

export interface AgentLoopOptions {
  readonly node: string
  readonly cluster: AgentCluster
  readonly builtIn: readonly PalisadeObject[]
  readonly memory: AgentMemory
  readonly firewall: Firewall
  readonly now: () => Date
  /** Milliseconds since some moment, by a clock that nobody sets: to wait by. */
  readonly elapsed: () => number
  /** Whether the clock is believed, even where it has shown a later time. */
  readonly trustClock?: boolean
}

/** What one turn did. */
export interface AgentTurn {
  /** What was programmed, or was to be. */
  readonly change: RulesetChange
  /** Why it was not programmed, as a sentence. */
  readonly refusal: string | undefined
  readonly drift: readonly Drift[]
  /** Why something of the cluster is not followed yet, as sentences. */
  readonly waits: readonly string[]
  /** Why it has to be tried again although nothing rings. */
  readonly unreported: string | undefined
  /** When time alone will make a difference. */
  readonly next: Moment | undefined
  /** After how long something that is waited for is waited for no more, whatever the clock shows by then. */
  readonly againMs: number | undefined
  /** Instances of the node. */
  readonly instances: number
}

/** What came of putting a world into force. */
interface Followed {
  readonly waits: readonly string[]
  /** When to look again, by the clock that nobody sets. */
  readonly again?: number
  /** What it lacks and what stays in force all the same. */
  readonly doubts: Doubts
}

const NO_DOUBTS: Doubts = new Map()
const CUT =
  'objects are gone, and not every kind can be watched at the moment: what was in force of them stays'

/** A node may have been renamed, or the folder copied: what the memory says is no reason to take rules off the kernel. */
const anotherNode = (other: string, node: string): string =>
  `the state folder remembers the node ${other}, and this is ${node}: what is programmed stays until the cluster has been seen`

const LOST =
  'rules are programmed, and the state folder remembers none: they stay until the cluster has been seen'

const IDLE: AgentTurn = {
  change: { put: [], remove: [], putRemotes: new Map(), removeRemotes: [] },
  refusal: undefined,
  drift: [],
  waits: [],
  unreported: undefined,
  next: undefined,
  againMs: undefined,
  instances: 0,
}

/**
 * One turn of an agent: look at what is accepted, remember it, program it, say so. Without the cluster it goes
 * on with what it remembers: rules still close at their time, and what others change is put right.
 */
export class AgentLoop {
  readonly #options: AgentLoopOptions
  readonly #nodeModel: NodeModel
  readonly #programmed: Programmed
  readonly #clock: ForwardClock
  readonly #expiry: ExpiryWatch
  readonly #unprogrammed: Unprogrammed
  readonly #time: FollowedTime
  /** Why nothing is taken off until the cluster has been seen whole, as a sentence. */
  #stays: string | undefined
  #retracted: ReadonlySet<ObjectKey> = new Set()
  /** The world that was last put into force, and what came of it. */
  #followed: (Followed & { readonly world: AcceptedWorld }) | undefined

  private constructor(
    options: AgentLoopOptions,
    nodeModel: NodeModel,
    programmed: Programmed,
    clock: ForwardClock,
    stays: string | undefined,
  ) {
    this.#options = options
    this.#stays = stays
    this.#nodeModel = nodeModel
    this.#programmed = programmed
    this.#clock = clock
    this.#expiry = new ExpiryWatch(nodeModel.model)
    this.#unprogrammed = new Unprogrammed(nodeModel.model)
    this.#time = new FollowedTime(options.elapsed)
  }

  /** Starts from what is remembered. */
  static async open(options: AgentLoopOptions): Promise<AgentLoop> {
    const { node, builtIn, memory, firewall, now, trustClock = false } = options
    const { remembered, moment, other, isEmpty } = await memory.read()
    const nodeModel = new NodeModel(node, builtIn)
    const clock = new ForwardClock(now, trustClock ? undefined : moment)
    nodeModel.restore(remembered)
    const programmed = new Programmed(await firewall.read())
    const lost = isEmpty && programmed.instances.size > 0 ? LOST : undefined
    const stays = other === undefined ? lost : anotherNode(other, node)
    return new AgentLoop(options, nodeModel, programmed, clock, stays)
  }

  async turn(): Promise<AgentTurn> {
    const { cluster, memory } = this.#options
    const model = this.#nodeModel
    const world = cluster.read()
    if (world === undefined && this.#stays !== undefined) return { ...IDLE, refusal: this.#stays }
    const { waits, again, doubts } = await this.#follow(world)
    if (waits.length === 0) this.#stays = undefined
    const now = this.#clock.read()
    model.model.advance(now)
    // At once: what changed and what was touched is told once, and what follows may fail.
    const versions = model.drain()
    const touched = model.model.drain()
    this.#programmed.touch(touched.instances, touched.remotes)
    const { ended, next } = this.#expiry.review(now)
    try {
      await memory.write(versions, model.reserved, now, ended)
    } catch (error) {
      // A rule that has ended does not stay open for want of room on a disk. All else waits until it can be remembered.
      if (error instanceof StoreError && !memory.isDue) await this.#program()
      throw error
    }
    const { change, refusal, drift } = await this.#program()
    if (world !== undefined) cluster.report(this.#reports(world, doubts))
    return {
      change,
      refusal,
      drift,
      waits,
      unreported: [...doubts.values()][0],
      next,
      againMs: again === undefined ? undefined : Math.max(0, Math.ceil(again - this.#time.last)),
      instances: model.own.size,
    }
  }

  async #program(): Promise<Pick<AgentTurn, 'change' | 'refusal' | 'drift'>> {
    const whole = this.#programmed.change(this.#nodeModel)
    const change = this.#stays === undefined ? whole : { ...whole, remove: [], removeRemotes: [] }
    const { drift, refusal, faults } = await program(this.#options.firewall, change)
    this.#unprogrammed.note(change, refusal, faults)
    this.#programmed.settle(change, refusal, faults)
    if (this.#stays !== undefined) this.#programmed.touch(whole.remove, whole.removeRemotes)
    return { change, refusal, drift }
  }

  async #follow(world: AcceptedWorld | undefined): Promise<Followed> {
    if (world === undefined) return { waits: [], doubts: NO_DOUBTS }
    const isCut = this.#options.cluster.isCut?.() ?? false
    const now = this.#time.read(isCut)
    const last = this.#followed
    const isDone = last?.doubts.size === 0 && (last.again === undefined || now < last.again)
    if (isDone && last.world === world) return last
    const doubts = await this.#doubts(this.#nodeModel.deleted(world), isCut)
    const before = new Set(this.#nodeModel.own)
    const adopted = this.#nodeModel.adopt(world, now, doubts)
    this.#retracted = new Set(
      [...before, ...this.#retracted].filter((key) => {
        const { object } = this.#nodeModel.version(key) ?? world.present.get(key)?.version ?? {}
        return object?.kind === 'Instance' && object.spec.attachment === undefined
      }),
    )
    const waits = [...adopted.waits, ...(world.unreadable?.values() ?? [])]
    this.#followed = { ...adopted, waits, doubts, world }
    return this.#followed
  }

  /** After CRDs were installed again their objects are seen kind by kind: until all are, what is missing tells nothing. */
  #doubts(deleted: readonly ObjectKey[], isCut: boolean): Promise<Doubts> | Doubts {
    if (deleted.length === 0) return NO_DOUBTS
    if (isCut) return new Map(deleted.map((key) => [key, CUT]))
    return this.#options.cluster.doubtsOf(deleted)
  }

  #reports(world: AcceptedWorld, doubts: Doubts): ReadonlyMap<ObjectKey, ProgrammedReport | undefined> {
    const { node } = this.#options
    const reports = new Map<ObjectKey, ProgrammedReport | undefined>()
    for (const key of this.#retracted) reports.set(key, undefined)
    for (const key of this.#nodeModel.own) {
      const version = this.#nodeModel.version(key)
      const ruleset = this.#nodeModel.instanceRuleset(key)
      if (version === undefined || ruleset === undefined || !world.present.has(key)) continue
      // What has its name by now is another one.
      if (doubts.has(key)) continue
      const reason = this.#unprogrammed.of(key)
      const { generation } = version
      const { digest } = ruleset.ruleSet
      reports.set(key, {
        condition: programmedByFirewall(ruleset.attachment, reason, node),
        generation,
        programmed: reason === undefined ? { nodeName: node, generation, digest } : undefined,
      })
    }
    return reports
  }
}
