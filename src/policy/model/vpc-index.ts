import { keyOf, namespaceOf } from '../../api/objects.ts'
import type { DefaultGroup, Instance, SecurityGroup, VPC } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { MultiMap } from '../../core/multimap.ts'
import type { Moment } from '../../core/moment.ts'
import { isSameList } from '../../core/same-list.ts'
import { SmallSet, type ReadonlySmallSet } from '../../core/small-set.ts'
import { Table } from '../../core/table.ts'
import { Worklist, type Queueable } from '../../core/worklist.ts'
import type { Profile } from '../profile.ts'
import { remoteKeys } from '../references.ts'
import type { RuleSet } from '../ruleset.ts'
import { ClassIndex } from './classes.ts'
import { Compiler } from './compiler.ts'
import { defaultGroupKey, defaultGroupObject, homeGroup } from './default-groups.ts'
import { EndingGroups } from './ending-groups.ts'
import { MemberLists } from './members.ts'
import {
  newGroup,
  type CompiledGroup,
  type GroupNode,
  type InstanceClass,
  type InstanceNode,
  type MemberList,
  type Signature,
} from './nodes.ts'
import type { Outside } from './outside.ts'
import { SignatureIndex } from './signatures.ts'
import type { Touchable, TouchLog } from './touched.ts'

/**
 * The groups and instances in force in one VPC, and what follows from them. Nothing in one VPC
 * depends on another, so everything incremental happens in here.
 *
 * Changes only mark what they touch; `flush` computes each thing once, however many changes came.
 */
export class VpcIndex implements Queueable, Touchable {
  readonly key: ObjectKey
  readonly groups = new Table<ObjectKey, GroupNode>()
  readonly signatures = new SignatureIndex()
  readonly classes: ClassIndex
  readonly #remoteUsers = new MultiMap<ObjectKey, GroupNode>()
  readonly #homeless = new SmallSet<Signature>()
  readonly #members = new MemberLists()
  readonly #dirtySignatures = new Worklist<Signature>()
  readonly #dirtyClasses = new Worklist<InstanceClass>()
  readonly #dirtyMembers = new Worklist<GroupNode>()
  readonly #ending = new EndingGroups()
  readonly #outside: Outside
  readonly #touched: TouchLog
  readonly #stale: Worklist<VpcIndex>
  #dirty = false
  queued = false
  touchedIn = 0
  #staleDefaults = false
  #nextGroup = 0
  object: VPC
  profile: Profile

  /** `stale`: where it puts itself when there is something to compute. */
  constructor(object: VPC, profile: Profile, outside: Outside, touched: TouchLog, stale: Worklist<VpcIndex>) {
    this.key = keyOf(object)
    this.classes = new ClassIndex(namespaceOf(object))
    this.object = object
    this.profile = profile
    this.#outside = outside
    this.#touched = touched
    this.#stale = stale
    this.#becomeStale()
  }

  update(object: VPC, profile: Profile): void {
    this.object = object
    if (profile === this.profile) return
    this.profile = profile
    this.#becomeStale()
    this.#staleDefaults = true
    for (const group of this.groups.values()) this.#recompile(group)
    for (const instance of this.instances) {
      const { signature } = instance
      // What happens to its open connections is the profile's word.
      this.#touched.instance(instance)
      this.#dirtySignatures.add(signature)
      // Compiling groups anew does not reach the class without groups, whose implicit rule is the profile's too.
      if (signature.class !== undefined) this.#dirtyClasses.add(signature.class)
    }
  }

  putGroup(key: ObjectKey, object: SecurityGroup, generated = false): void {
    this.#becomeStale()
    const known = this.groups.get(key)
    const group = known ?? newGroup(this.#nextGroup++, key, object)
    group.object = object
    group.generated = generated
    const selector = object.spec.instanceSelector
    this.#mark(this.signatures.setSelector(group, selector && this.#outside.compileSelector(selector)))
    this.#setRemotes(group, remoteKeys(object))
    this.#ending.put(group)
    this.#recompile(group)
    if (known !== undefined) return
    this.groups.add(group)
    this.#existenceChanged(group)
  }

  removeGroup(key: ObjectKey): void {
    const group = this.groups.get(key)
    if (group === undefined) return
    this.#becomeStale()
    this.groups.delete(group)
    this.#mark(this.signatures.setSelector(group, undefined))
    this.#mark(group.signatures)
    this.#setRemotes(group, [])
    this.#ending.remove(group)
    this.#dirtyMembers.delete(group)
    this.#existenceChanged(group)
  }

  /** `last`: what stood for the instance until now. */
  putInstance(
    key: ObjectKey,
    object: Instance,
    last: InstanceNode | undefined,
    addresses?: readonly string[],
  ): InstanceNode {
    const node = this.signatures.join(object, key, addresses)
    if (last !== undefined) this.#leave(last)
    this.#instancesChanged(node.signature)
    this.#touched.instance(node)
    return node
  }

  removeInstance(node: InstanceNode): void {
    this.#leave(node)
    this.#touched.instance(node)
  }

  /**
   * A group that may have the name of a default group came to another VPC or left it, or its name was declared or is so
   * no longer.
   */
  reconsiderDefaults(): void {
    this.#becomeStale()
  }

  /** Time went on: what ended on the way is compiled anew. */
  advance(from: Moment, to: Moment): void {
    for (const group of this.#ending.between(from, to)) this.#recompile(group)
  }

  /** Groups with rules that end. */
  endingGroups(): Iterable<GroupNode> {
    return this.#ending.all()
  }

  /** Something that rules name as a remote came or went. */
  remoteExistenceChanged(key: ObjectKey): void {
    for (const group of this.#remoteUsers.get(key)) this.#recompile(group)
  }

  /** Those in force, in no particular order: a new list each time. */
  get instances(): readonly InstanceNode[] {
    return [...this.signatures.instances()]
  }

  /** Computes what the changes since the last call have made necessary; `shared` knows what other VPCs have compiled. */
  flush(shared?: Compiler): void {
    if (!this.#dirty) return
    const compiler = shared ?? new Compiler(this.#outside.now())
    this.#dirty = false
    this.#placeSignatures()
    // One default group may give a home to somebody for whom another was made.
    while (this.#syncDefaultGroups()) this.#placeSignatures()
    this.#compileClasses(compiler)
    this.#settleMembers()
    this.#dirty = false
  }

  members(group: GroupNode): MemberList {
    this.flush()
    return this.#members.of(group)
  }

  ruleSet(instance: InstanceNode): RuleSet {
    this.flush()
    const ruleSet = instance.signature.class?.ruleSet
    if (ruleSet === undefined) throw new Error(`${instance.key} has no rule set`)
    return ruleSet
  }

  compiled(group: GroupNode, shared?: Compiler): CompiledGroup {
    if (group.compiled !== undefined) return group.compiled
    const compiler = shared ?? new Compiler(this.#outside.now())
    const isThere = (remote: ObjectKey): boolean => this.#isThere(remote)
    group.compiled = compiler.group(group.object, this.profile, group.remotes, isThere)
    return group.compiled
  }

  /** Groups whose rules name this key as a remote, whether it is there or not. */
  groupsNaming(key: ObjectKey): ReadonlySmallSet<GroupNode> {
    return this.#remoteUsers.get(key)
  }

  #becomeStale(): void {
    this.#dirty = true
    this.#stale.add(this)
  }

  #mark(signatures: Iterable<Signature>): void {
    for (const signature of signatures) this.#dirtySignatures.add(signature)
  }

  #setRemotes(group: GroupNode, remotes: readonly ObjectKey[]): void {
    for (const key of group.remotes) this.#remoteUsers.delete(key, group)
    for (const key of remotes) this.#remoteUsers.add(key, group)
    group.remotes = remotes
  }

  #existenceChanged(group: GroupNode): void {
    const { key } = group
    this.#touched.group(group)
    this.#touched.vpc(this)
    this.#mark(this.signatures.naming(key))
    if (key === this.#homeKey()) this.#mark(this.#homeless)
    this.remoteExistenceChanged(key)
  }

  #recompile(group: GroupNode): void {
    this.#becomeStale()
    group.compiled = undefined
    for (const instanceClass of group.classes) this.#dirtyClasses.add(instanceClass)
    this.#touched.group(group)
  }

  #leave(node: InstanceNode): void {
    this.signatures.leave(node)
    this.#instancesChanged(node.signature)
  }

  #instancesChanged(signature: Signature): void {
    this.#becomeStale()
    this.#dirtySignatures.add(signature)
    signature.members = undefined
    for (const group of signature.groups) this.#dirtyMembers.add(group)
  }

  #placeSignatures(): void {
    for (const signature of this.#dirtySignatures.take()) {
      const groups = signature.instances.size > 0 ? this.#groupsOf(signature) : []
      if (signature.instances.size === 0) {
        this.#homeless.delete(signature)
        this.signatures.forget(signature)
      }
      this.#place(signature, groups)
    }
  }

  #place(signature: Signature, groups: readonly GroupNode[]): void {
    const same = isSameList(signature.groups, groups)
    if (same && signature.class !== undefined && signature.instances.size > 0) return
    for (const group of signature.groups) group.signatures.delete(signature)
    for (const group of groups) group.signatures.add(signature)
    if (!same) {
      for (const group of signature.groups) this.#dirtyMembers.add(group)
      for (const group of groups) this.#dirtyMembers.add(group)
    }
    signature.groups = groups
    this.#remotesChanged(this.classes.displace(signature))
    if (signature.instances.size === 0) return
    this.#dirtyClasses.add(this.classes.place(signature, groups))
    for (const instance of signature.instances) this.#touched.instance(instance)
  }

  #groupsOf(signature: Signature): readonly GroupNode[] {
    const groups = this.signatures.groupsOf(signature, this.groups)
    // Who names a group that is not there has not been left without one by anybody's intent.
    if (groups.length > 0 || signature.named.length > 0) {
      this.#homeless.delete(signature)
      return groups
    }
    this.#homeless.add(signature)
    const key = this.#homeKey()
    const home = key === undefined ? undefined : this.groups.get(key)
    return home === undefined ? [] : [home]
  }

  /** The group that instances without groups join, once it is there. */
  #homeKey(): ObjectKey | undefined {
    const group = homeGroup(this.profile)
    return group && defaultGroupKey(this.object, group)
  }

  /**
   * Makes the profile's default groups where they are wanted and removes them where they are not.
   * Returns whether there was anything to do.
   */
  #syncDefaultGroups(): boolean {
    const wanted = new Set<ObjectKey>()
    let changed = false
    for (const group of this.profile.spec.defaultGroups ?? []) {
      const key = defaultGroupKey(this.object, group)
      if (!this.#isWanted(group, key)) continue
      wanted.add(key)
      const known = this.groups.get(key)
      if (known !== undefined && !(known.generated && this.#staleDefaults)) continue
      this.putGroup(key, defaultGroupObject(this.object, group), true)
      changed = true
    }
    this.#staleDefaults = false
    for (const group of this.groups.values()) {
      if (!group.generated || wanted.has(group.key)) continue
      this.removeGroup(group.key)
      changed = true
    }
    return changed
  }

  /**
   * A default group is there with its VPC, or once an instance joins it or a name calls for it. Where a group of
   * another VPC has its name it stays away: a name that stood for two groups would open one to the members of
   * the other.
   */
  #isWanted(group: DefaultGroup, key: ObjectKey): boolean {
    if (this.#outside.isOfOtherVpc(key, this.object.metadata.name)) return false
    // What somebody meant to put in its place is not accepted: to open what the default opens is no answer.
    if (group.editable === true && this.#outside.isReserved(key)) return false
    if (group.create === 'WithVPC') return true
    const joined = group === homeGroup(this.profile) && this.#homeless.size > 0
    const named = [...this.#remoteUsers.get(key)].some((user) => user.key !== key)
    return joined || named || this.signatures.naming(key).size > 0
  }

  #compileClasses(compiler: Compiler): void {
    const compiled = (group: GroupNode): CompiledGroup => this.compiled(group, compiler)
    for (const instanceClass of this.#dirtyClasses.take()) {
      if (instanceClass.signatures.size === 0) continue
      const { changed, remotes } = this.classes.compile(instanceClass, this.profile, compiler, compiled)
      this.#remotesChanged(remotes)
      if (!changed) continue
      for (const { instances } of instanceClass.signatures) {
        for (const instance of instances) this.#touched.instance(instance)
      }
    }
  }

  #settleMembers(): void {
    if (this.#dirtyMembers.size > 0) this.#members.forget()
    for (const group of this.#dirtyMembers.take()) {
      group.members = undefined
      this.#touched.group(group)
      if (this.classes.isRemote(group.key)) this.#touched.remote(group.key)
    }
  }

  #isThere(remote: ObjectKey): boolean {
    return this.groups.has(remote) || this.#outside.isAddressGroup(remote)
  }

  #remotesChanged(keys: readonly ObjectKey[]): void {
    for (const key of keys) this.#touched.remote(key)
  }
}
