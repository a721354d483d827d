import { keyOf, type PalisadeObject } from '../api/objects.ts'
import { parseKey, type ObjectKey } from '../core/key.ts'
import type { Moment } from '../core/moment.ts'
import { Model } from '../policy/model/model.ts'
import type { InstanceRuleset } from '../policy/ruleset.ts'
import type { AcceptedVersion } from '../store/store.ts'
import { nodeOf, RULE_KINDS, type AcceptedWorld } from './accepted-world.ts'
import { missingReferent, missingSentence, needsOf, type Needs } from './missing-referents.ts'

/** How long something is waited for that may be missing for good. */
const WAIT_MS = 5_000

/** The rules of one node's instances, computed from versions that the controller has accepted. It judges nothing. */
export class NodeModel {
  readonly model = new Model()
  readonly #node: string
  readonly #builtIn: ReadonlyMap<ObjectKey, AcceptedVersion>
  readonly #own = new Set<ObjectKey>()
  #versions = new Map<ObjectKey, AcceptedVersion>()
  #accepted: ReadonlyMap<ObjectKey, AcceptedVersion> = new Map()
  #reserved: ReadonlySet<ObjectKey> = new Set()
  readonly #needs = new WeakMap<PalisadeObject, Needs>()
  /** Since when what is missing has been missing. */
  #missing = new Map<ObjectKey, Moment>()

  /** `builtIn`: what palisade brings itself, unless the cluster has its own of the name. */
  constructor(node: string, builtIn: readonly PalisadeObject[]) {
    this.#node = node
    this.#builtIn = new Map(builtIn.map((object) => [keyOf(object), { generation: 0, digest: '', object }]))
    this.#put(new Map(this.#builtIn))
  }

  /** The instances that are to be enforced here. */
  get own(): ReadonlySet<ObjectKey> {
    return this.#own
  }

  /** The version in force, without what palisade brings itself; the same map as long as nothing changes. */
  get versions(): ReadonlyMap<ObjectKey, AcceptedVersion> {
    return this.#accepted
  }

  version(key: ObjectKey): AcceptedVersion | undefined {
    return this.#versions.get(key)
  }

  /** What the cluster does not have any more, neither accepted nor declared. */
  deleted({ present }: AcceptedWorld): readonly ObjectKey[] {
    return [...this.#versions.keys()].filter((key) => !present.has(key) && !this.#builtIn.has(key))
  }

  /**
   * Puts the world into force, but for namespaces of which not everything has been seen: what is in force there
   * stays. Gives a sentence for each of those, and when to look again although nothing changed.
   */
  adopt(world: AcceptedWorld, now: Moment): { readonly waits: readonly string[]; readonly again?: Moment } {
    const next = new Map([...this.#builtIn, ...world.versions])
    // What is declared and not accepted keeps the version that was: nobody withdrew it.
    for (const [key, version] of this.#versions) {
      if (!next.has(key) && world.present.has(key)) next.set(key, version)
    }
    const { held, waits, again } = this.#incomplete(next, now)
    if (held.size > 0) this.#keep(next, held)
    this.#reserve(world.reserved)
    this.#put(next)
    return { waits, ...(again !== undefined && { again }) }
  }

  /** What is to be programmed here of an instance; undefined for one of another node. */
  instanceRuleset(key: ObjectKey): InstanceRuleset | undefined {
    return this.#own.has(key) ? this.model.instanceRuleset(key) : undefined
  }

  remote(key: ObjectKey): readonly string[] | undefined {
    return this.model.remote(key)
  }

  #incomplete(
    next: ReadonlyMap<ObjectKey, AcceptedVersion>,
    now: Moment,
  ): {
    readonly held: ReadonlySet<string>
    readonly waits: readonly string[]
    readonly again: Moment | undefined
  } {
    const held = new Map<string, string>()
    const missing = new Map<ObjectKey, Moment>()
    let again: Moment | undefined
    for (const [key, { object }] of next) {
      const found = missingReferent(key, this.#needsOf(object), next)
      if (found === undefined) continue
      const since = this.#missing.get(found.key) ?? now
      missing.set(found.key, since)
      if (!found.isVital && now - since >= WAIT_MS) continue
      if (!found.isVital) again = Math.min(again ?? Infinity, since + WAIT_MS)
      held.set(parseKey(key).namespace, missingSentence(found))
    }
    this.#missing = missing
    return { held: new Set(held.keys()), waits: [...held.values()], again }
  }

  /** What an object needs is looked up once, and each time whether it is there. */
  #needsOf(object: PalisadeObject): Needs {
    const needs = this.#needs.get(object) ?? needsOf(object)
    this.#needs.set(object, needs)
    return needs
  }

  /** Leaves these namespaces as they are. */
  #keep(next: Map<ObjectKey, AcceptedVersion>, namespaces: ReadonlySet<string>): void {
    const isHeld = (key: ObjectKey): boolean => namespaces.has(parseKey(key).namespace)
    for (const key of [...next.keys()]) if (isHeld(key)) next.delete(key)
    for (const [key, version] of this.#versions) if (isHeld(key)) next.set(key, version)
    // Profiles are outside of namespaces: those that are in use are kept as well.
    for (const [key, version] of this.#versions) {
      if (!next.has(key) && parseKey(key).namespace === '') next.set(key, version)
    }
  }

  #reserve(reserved: ReadonlySet<ObjectKey>): void {
    for (const key of this.#reserved) if (!reserved.has(key)) this.model.unreserve(key)
    for (const key of reserved) if (!this.#reserved.has(key)) this.model.reserve(key)
    this.#reserved = reserved
  }

  #put(next: Map<ObjectKey, AcceptedVersion>): void {
    const gone = [...this.#versions.keys()].filter((key) => !next.has(key))
    const news = [...next].filter(([key, { object }]) => this.model.object(key) !== object)
    for (const kind of [...RULE_KINDS].reverse()) {
      for (const key of gone) if (parseKey(key).kind === kind) this.model.remove(key)
    }
    for (const kind of RULE_KINDS) {
      for (const [key, { object }] of news) if (object.kind === kind) this.model.put(object, key)
    }
    for (const key of gone) this.#own.delete(key)
    for (const [key, version] of next) {
      if (nodeOf(version) === this.#node) this.#own.add(key)
      else this.#own.delete(key)
    }
    this.#versions = next
    const accepted = [...next].filter(([key, version]) => this.#builtIn.get(key) !== version)
    this.#accepted = new Map(accepted)
  }
}
