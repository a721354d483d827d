import { effectiveRemotes } from '../../api/effective-remotes.ts'
import type { ObjectKey } from '../../core/key.ts'
import { MultiMap } from '../../core/multimap.ts'
import { SmallSet } from '../../core/small-set.ts'
import { Table } from '../../core/table.ts'
import type { Profile } from '../profile.ts'
import type { Compiler } from './compiler.ts'
import type { CompiledGroup, GroupNode, InstanceClass, InstanceNode, Signature } from './nodes.ts'

/** What compiling a class has led to. */
interface Compiled {
  readonly changed: boolean
  /** Those that came into or out of use. */
  readonly remotes: readonly ObjectKey[]
}

const NO_KEYS: readonly ObjectKey[] = []
const NO_GROUPS: readonly CompiledGroup[] = []
const UNCHANGED: Compiled = { changed: false, remotes: NO_KEYS }

/** The rule sets of one VPC, one for each distinct combination of groups. */
export class ClassIndex {
  readonly #namespace: string
  readonly #classes = new Table<string, InstanceClass>()
  readonly #remoteClasses = new MultiMap<ObjectKey, InstanceClass>()

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  /** Moves a signature to the class of its groups; the class may yet have to be compiled. */
  place(signature: Signature, groups: readonly GroupNode[]): InstanceClass {
    const isClosed = lacksGroup(signature, groups)
    const ids = groups.map(({ id }) => id).join(',')
    const key = isClosed ? `closed:${ids}` : ids
    let target = this.#classes.get(key)
    if (target === undefined) {
      target = {
        key,
        next: undefined,
        groups,
        isClosed,
        signatures: new SmallSet(),
        ruleSet: undefined,
        remotes: NO_KEYS,
        queued: false,
      }
      this.#classes.add(target)
      for (const group of groups) group.classes.add(target)
    }
    target.signatures.add(signature)
    signature.class = target
    return target
  }

  /** Takes a signature out of its class; returns the remotes that nothing uses any more. */
  displace(signature: Signature): readonly ObjectKey[] {
    const last = signature.class
    if (last === undefined) return []
    signature.class = undefined
    last.signatures.delete(signature)
    if (last.signatures.size > 0) return []
    this.#classes.delete(last)
    for (const group of last.groups) group.classes.delete(last)
    return this.#setRemotes(last, NO_KEYS)
  }

  /** Compiles a class. An unchanged result keeps the rule set's identity. */
  compile(
    target: InstanceClass,
    profile: Profile,
    compiler: Compiler,
    compiled: (group: GroupNode) => CompiledGroup,
  ): Compiled {
    const ruleSet = compiler.ruleSet(profile, target.isClosed ? NO_GROUPS : target.groups.map(compiled))
    if (target.ruleSet?.digest === ruleSet.digest) return UNCHANGED
    target.ruleSet = ruleSet
    return { changed: true, remotes: this.#setRemotes(target, effectiveRemotes(ruleSet, this.#namespace)) }
  }

  isRemote(key: ObjectKey): boolean {
    return this.#remoteClasses.has(key)
  }

  /** The instances whose rules name a remote. */
  *instancesUsing(key: ObjectKey): Generator<InstanceNode> {
    for (const { signatures } of this.#remoteClasses.get(key)) {
      for (const { instances } of signatures) yield* instances
    }
  }

  #setRemotes(target: InstanceClass, next: readonly ObjectKey[]): readonly ObjectKey[] {
    const before = target.remotes
    const fresh = next.filter((key) => !this.#remoteClasses.has(key))
    for (const key of next) this.#remoteClasses.add(key, target)
    target.remotes = next
    if (before.length === 0) return fresh
    const kept = new Set(next)
    for (const key of before) if (!kept.has(key)) this.#remoteClasses.delete(key, target)
    return [...fresh, ...before.filter((key) => !this.#remoteClasses.has(key))]
  }
}

/** Whether a group is named that is not there. Nobody knows what it closed, so nothing is opened without it. */
function lacksGroup({ named }: Signature, groups: readonly GroupNode[]): boolean {
  return named.some((name) => !groups.some(({ key }) => key === name))
}
