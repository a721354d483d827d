import { keyOf, type PalisadeObject } from '../api/objects.ts'
import { parseKey, type ObjectKey } from '../core/key.ts'
import { Model } from '../policy/model/model.ts'
import type { InstanceRuleset } from '../policy/ruleset.ts'
import type { AcceptedVersion } from '../store/store.ts'
import { nodeOf, RULE_KINDS, type AcceptedWorld, type Presence } from './accepted-world.ts'
import type { VersionsByKey } from './missing-referents.ts'
import { MissingWaits } from './missing-waits.ts'
import { succeeded } from './succeeded.ts'

type Keys = Pick<ReadonlySet<ObjectKey>, 'has' | 'size'>
const NONE: Keys = new Set()

/** The rules of one node's instances, computed from versions that the controller has accepted. It judges nothing. */
export class NodeModel {
  readonly model = new Model()
  readonly #node: string
  readonly #builtIn: ReadonlyMap<ObjectKey, AcceptedVersion>
  readonly #own = new Set<ObjectKey>()
  #versions = new Map<ObjectKey, AcceptedVersion>()
  /** Of which another version is in force than when somebody last asked. */
  #changed = new Set<ObjectKey>()
  readonly #reserved = new Set<ObjectKey>()
  /** That of the world that was last put into force. */
  #revision: number | undefined
  readonly #waits = new MissingWaits()

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

  /** Names that no default group takes. */
  get reserved(): ReadonlySet<ObjectKey> {
    return this.#reserved
  }

  /** What came into force and what ceased to be since this was last called, without what palisade brings itself. */
  drain(): ReadonlyMap<ObjectKey, AcceptedVersion | undefined> {
    const drained = new Map<ObjectKey, AcceptedVersion | undefined>()
    for (const key of this.#changed) {
      const version = this.#versions.get(key)
      drained.set(key, version === this.#builtIn.get(key) ? undefined : version)
    }
    this.#changed = new Set()
    return drained
  }

  version(key: ObjectKey): AcceptedVersion | undefined {
    return this.#versions.get(key)
  }

  /** What the cluster does not have any more, neither accepted nor declared. */
  deleted(world: AcceptedWorld): readonly ObjectKey[] {
    const keys = this.#changesSince(world) ?? this.#versions.keys()
    return [...keys].filter((key) => {
      const version = this.#versions.get(key)
      return (
        version !== undefined &&
        version !== this.#builtIn.get(key) &&
        !isStanding(version, world.present.get(key))
      )
    })
  }

  /**
   * Puts into force what was in force before, whatever is missing of it: that was waited for when it came into force.
   * Only what has no rules without what is missing is left out.
   */
  restore({ versions, reserved }: Pick<AcceptedWorld, 'versions' | 'reserved'>): void {
    const next = new Map(this.#builtIn)
    for (const kind of RULE_KINDS) {
      for (const [key, version] of versions) {
        if (version.object.kind !== kind) continue
        const { vital } = this.#waits.needsOf(version.object)
        if (vital === undefined || next.has(vital)) next.set(key, version)
      }
    }
    this.#reserve(reserved, { reserved })
    this.#put(next)
  }

  /**
   * Puts the world into force, but for namespaces of which not everything has been seen: what is in force there
   * stays. Gives a sentence for each of those, and when to look again although nothing changed. `now`: milliseconds since
   * some moment, by a clock that nobody sets. `doubtful`: what the world lacks and what stays in force all the same.
   */
  adopt(
    world: AcceptedWorld,
    now: number,
    doubtful: Keys = NONE,
  ): { readonly waits: readonly string[]; readonly again?: number } {
    const changed = this.#changesSince(world)
    if (changed !== undefined && this.#isPlain(changed, world)) {
      this.#step(changed, world)
      this.#revision = world.revision
      return { waits: [] }
    }
    const next = new Map([...this.#standing(world, doubtful), ...world.versions])
    for (const [key, version] of this.#builtIn) if (!next.has(key)) next.set(key, version)
    const { namespaces, waits, again } = this.#waits.review(next, now)
    if (namespaces.size > 0) this.#keep(next, namespaces)
    this.#reserve([...this.#reserved, ...world.reserved], world)
    this.#put(next)
    // What is doubtful is to be found again, though nothing changes in it any more.
    this.#revision = doubtful.size > 0 ? undefined : world.revision
    return { waits, ...(again !== undefined && { again }) }
  }

  /** What is to be programmed here of an instance; undefined for one of another node. */
  instanceRuleset(key: ObjectKey): InstanceRuleset | undefined {
    return this.#own.has(key) ? this.model.instanceRuleset(key) : undefined
  }

  remote(key: ObjectKey): readonly string[] | undefined {
    return this.model.remote(key)
  }

  /**
   * What is declared and not accepted keeps the version that was: nobody withdrew it. A namespace of which the world has no
   * versions has no instance of the node any more, unless it is one of those.
   */
  #standing(
    { versions, present, namespaces }: AcceptedWorld,
    doubtful: Keys,
  ): ReadonlyMap<ObjectKey, AcceptedVersion> {
    const standing = new Map<ObjectKey, AcceptedVersion>()
    const near = new Set<string>()
    for (const [key, version] of this.#versions) {
      const there = present.get(key)
      if (!doubtful.has(key) && !isStanding(version, there)) continue
      standing.set(key, there?.version ?? version)
      if (there?.version === undefined && this.#own.has(key)) near.add(parseKey(key).namespace)
    }
    for (const key of succeeded(standing, doubtful, versions)) standing.delete(key)
    if (namespaces === undefined) return standing
    for (const key of standing.keys()) {
      const { namespace } = parseKey(key)
      if (!namespaces.has(namespace) && !near.has(namespace)) standing.delete(key)
    }
    return standing
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

  #reserve(keys: Iterable<ObjectKey>, { reserved }: Pick<AcceptedWorld, 'reserved'>): void {
    for (const key of keys) {
      if (reserved.has(key) === this.#reserved.has(key)) continue
      if (reserved.has(key)) {
        this.#reserved.add(key)
        this.model.reserve(key)
      } else {
        this.#reserved.delete(key)
        this.model.unreserve(key)
      }
    }
  }

  /**
   * What may differ from the world in force; undefined: anything, since it is another reader's, or was not put into force
   * whole for want of something.
   */
  #changesSince({ revision, changed }: AcceptedWorld): ReadonlySet<ObjectKey> | undefined {
    const isNext = revision !== undefined && revision - 1 === this.#revision
    return isNext && !this.#waits.areAny ? changed : undefined
  }

  /**
   * Whether the changes can be put into force by themselves: nothing goes, and what comes finds all that it needs. A VPC or
   * a profile may change what others need: default groups follow from them.
   */
  #isPlain(changed: ReadonlySet<ObjectKey>, world: AcceptedWorld): boolean {
    const versions: VersionsByKey = {
      has: (key) => world.versions.has(key) || this.#versions.has(key),
      get: (key) => world.versions.get(key) ?? this.#versions.get(key),
    }
    for (const key of changed) {
      if (this.#builtIn.has(key)) return false
      const object = world.versions.get(key)?.object
      if (object === undefined) {
        const version = this.#versions.get(key)
        const there = world.present.get(key)
        // Accepted and not among the versions: it is of a namespace without instances of the node.
        if (version !== undefined && (there?.version !== undefined || !isStanding(version, there))) {
          return false
        }
      } else {
        if (object.kind === 'VPC' || object.kind === 'CloudProfile') return false
        if (!this.#waits.isComplete(key, object, versions)) return false
      }
    }
    return true
  }

  #step(changed: ReadonlySet<ObjectKey>, world: AcceptedWorld): void {
    this.#reserve(changed, world)
    const news = [...changed].flatMap((key) => {
      const version = world.versions.get(key)
      return version === undefined ? [] : [[key, version] as const]
    })
    this.#enforce(news)
    for (const [key, version] of news) this.#versions.set(key, version)
  }

  #put(next: Map<ObjectKey, AcceptedVersion>): void {
    const gone = [...this.#versions.keys()].filter((key) => !next.has(key))
    for (const kind of [...RULE_KINDS].reverse()) {
      for (const key of gone) if (parseKey(key).kind === kind) this.model.remove(key)
    }
    for (const key of gone) {
      this.#own.delete(key)
      this.#changed.add(key)
    }
    this.#enforce([...next].filter(([key, version]) => this.#versions.get(key) !== version))
    this.#versions = next
  }

  #enforce(news: readonly (readonly [ObjectKey, AcceptedVersion])[]): void {
    for (const kind of RULE_KINDS) {
      for (const [key, { object }] of news) {
        if (object.kind === kind && this.model.object(key) !== object) this.model.put(object)
      }
    }
    for (const [key, version] of news) {
      this.#changed.add(key)
      if (nodeOf(version) === this.#node) this.#own.add(key)
      else this.#own.delete(key)
    }
  }
}

/** Whether what is in force of an object is of the one that there is, or has a successor. What was made anew under its name is neither. */
function isStanding({ object }: AcceptedVersion, present: Presence | undefined): boolean {
  if (present === undefined) return false
  const { uid } = object.metadata
  return (
    present.version !== undefined || present.uid === undefined || uid === undefined || uid === present.uid
  )
}
