import { DEFAULT_NAMESPACE, keyOf, namespaceOf, type PalisadeObject } from '../../api/objects.ts'
import type {
  AddressGroup,
  CloudProfile,
  DefaultGroup,
  Instance,
  ReachabilityCheck,
  SecurityGroup,
  VPC,
} from '../../api/types.gen.ts'
import { parseKey, type ObjectKey } from '../../core/key.ts'
import type { Moment } from '../../core/moment.ts'
import { MultiMap } from '../../core/multimap.ts'
import type { ReadonlySmallSet } from '../../core/small-set.ts'
import { Worklist } from '../../core/worklist.ts'
import { canonicalPrefixes } from '../../net/canonical-prefixes.ts'
import { Profile } from '../profile.ts'
import { DEFAULT_PROFILE } from '../references.ts'
import type { InstanceRuleset } from '../ruleset.ts'
import { SelectorCompiler } from '../selector.ts'
import { Compiler } from './compiler.ts'
import { defaultGroupName } from './default-groups.ts'
import type { GroupNode, InstanceNode } from './nodes.ts'
import type { Outside } from './outside.ts'
import { OwnSlots, type Slot, type Slots } from './slots.ts'
import { TouchLog, type Touched } from './touched.ts'
import { VpcIndex } from './vpc-index.ts'
import { VpcsByName } from './vpcs-by-name.ts'

interface AddressGroupEntry {
  readonly object: AddressGroup
  readonly prefixes: readonly string[]
}

/**
 * The objects in force, and everything that follows from them: who is a member of what, and the
 * rules of every instance.
 *
 * It takes changes (`put`, `remove`) and says what they touched; a cold start is the same code on an
 * empty model. What it answers depends on the objects alone, never on the order in which they came.
 * Objects come after what they refer to: an instance or group whose VPC is not in force is a bug of
 * the caller, since acceptance guards it.
 */
export class Model {
  readonly #slots: Slots
  readonly #profiles = new Map<string, Profile>()
  readonly #addressGroups = new Map<ObjectKey, AddressGroupEntry>()
  readonly #checks = new Map<ObjectKey, ReachabilityCheck>()
  readonly #vpcs = new Map<ObjectKey, VpcIndex>()
  readonly #vpcsByProfile = new MultiMap<string, VpcIndex>()
  readonly #vpcsByName = new VpcsByName()
  readonly #touched = new TouchLog()
  readonly #reserved = new Set<ObjectKey>()
  readonly #stale = new Worklist<VpcIndex>()
  readonly #selectors = new SelectorCompiler()
  readonly #outside: Outside = {
    isAddressGroup: (key) => this.#addressGroups.has(key),
    isOfOtherVpc: (key, vpcName) => this.#isOfOtherVpc(key, vpcName),
    isReserved: (key) => this.#reserved.has(key),
    compileSelector: (selector) => this.#selectors.compile(selector),
    now: () => this.#now,
  }
  #now: Moment = -Infinity

  constructor(slots: Slots = new OwnSlots()) {
    this.#slots = slots
  }

  /** `slot`: the object's own; `addresses`: an instance's, in canonical text. The caller may have them at hand. */
  put(
    object: PalisadeObject,
    slot: Slot = this.#slots.obtain(keyOf(object)),
    addresses?: readonly string[],
  ): void {
    const { key } = slot
    switch (object.kind) {
      case 'CloudProfile':
        this.#putProfile(object)
        break
      case 'AddressGroup':
        this.#putAddressGroup(key, object)
        break
      case 'VPC':
        this.#putVpc(slot, object)
        break
      case 'SecurityGroup':
        this.#enterVpc(slot, object).putGroup(key, object)
        this.#vpcsByName.generating(object.metadata)?.reconsiderDefaults()
        break
      case 'Instance':
        slot.node = this.#enterVpc(slot, object).putInstance(key, object, slot.node, addresses)
        break
      case 'ReachabilityCheck':
        // Nothing follows from a promise.
        this.#checks.set(key, object)
    }
    slot.enforced = object
  }

  remove(key: ObjectKey): void {
    const slot = this.#slots.get(key)
    const object = slot?.enforced
    if (slot === undefined || object === undefined) return
    const { vpc, node } = slot
    slot.enforced = undefined
    slot.vpc = undefined
    slot.node = undefined
    this.#slots.vacate?.(slot)
    switch (object.kind) {
      case 'CloudProfile':
        this.#profiles.delete(object.metadata.name)
        return
      case 'AddressGroup':
        this.#addressGroups.delete(key)
        this.#addressGroupChanged(key, true)
        return
      case 'VPC':
        this.#removeVpc(key)
        return
      case 'SecurityGroup':
        vpc?.removeGroup(key)
        this.#vpcsByName.generating(object.metadata)?.reconsiderDefaults()
        return
      case 'Instance':
        if (node !== undefined) vpc?.removeInstance(node)
        return
      case 'ReachabilityCheck':
        this.#checks.delete(key)
    }
  }

  /**
   * Moves on to a moment: rules that end until then contribute nothing any more. Time does not go back, so that
   * what has closed does not open again.
   */
  advance(now: Moment): void {
    if (!(now > this.#now)) return
    for (const vpc of this.#vpcs.values()) vpc.advance(this.#now, now)
    this.#now = now
  }

  /** The moment that rules are computed for. */
  get now(): Moment {
    return this.#now
  }

  /** Groups in force with rules that end, whether or not they have ended. */
  *endingGroups(): Generator<GroupNode> {
    for (const vpc of this.#vpcs.values()) yield* vpc.endingGroups()
  }

  /** Keeps a name for a group that is declared and not yet accepted: no default group takes it. */
  reserve(key: ObjectKey): void {
    this.#reserved.add(key)
    this.#vpcsByName.generating(parseKey(key))?.reconsiderDefaults()
  }

  unreserve(key: ObjectKey): void {
    if (this.#reserved.delete(key)) this.#vpcsByName.generating(parseKey(key))?.reconsiderDefaults()
  }

  isReserved(key: ObjectKey): boolean {
    return this.#reserved.has(key)
  }

  /** What has been touched since the last call. Everything that it names is computed. */
  drain(): Touched {
    const compiler = new Compiler(this.#now)
    for (const vpc of this.#stale.take()) vpc.flush(compiler)
    this.#selectors.forget()
    return this.#touched.drain()
  }

  /** Whether what an object needs to be put here is in force. */
  canHold(object: PalisadeObject): boolean {
    if (object.kind === 'VPC') return this.profile(object.spec.profileRef?.name) !== undefined
    if (object.kind === 'SecurityGroup' || object.kind === 'Instance') return this.vpcOf(object) !== undefined
    return true
  }

  /** The version in force; what palisade generates is none of anybody's. */
  object(key: ObjectKey): PalisadeObject | undefined {
    return this.#slots.get(key)?.enforced
  }

  *objects(): Generator<PalisadeObject> {
    for (const { enforced } of this.#slots.values()) if (enforced !== undefined) yield enforced
  }

  checks(): IterableIterator<ReachabilityCheck> {
    return this.#checks.values()
  }

  profile(name: string | undefined): Profile | undefined {
    return this.#profiles.get(name ?? DEFAULT_PROFILE)
  }

  vpc(key: ObjectKey): VpcIndex | undefined {
    return this.#vpcs.get(key)
  }

  vpcs(): IterableIterator<VpcIndex> {
    return this.#vpcs.values()
  }

  /** The VPCs in force in a namespace. */
  vpcsOf(namespace: string = DEFAULT_NAMESPACE): Iterable<VpcIndex> {
    return this.#vpcsByName.of(namespace)
  }

  /** The VPC that an object in force or about to be belongs to. */
  vpcOf(object: SecurityGroup | Instance): VpcIndex | undefined {
    return this.#vpcsByName.get(namespaceOf(object), object.spec.vpcRef.name)
  }

  /** VPCs that a profile's change touches. */
  vpcsWithProfile(name: string): ReadonlySmallSet<VpcIndex> {
    return this.#vpcsByProfile.get(name)
  }

  /** A group in force, generated ones included. */
  group(key: ObjectKey): { readonly vpc: VpcIndex; readonly node: GroupNode } | undefined {
    const vpc = this.#slots.get(key)?.vpc ?? this.#vpcsByName.generating(parseKey(key))
    const node = vpc?.groups.get(key)
    return vpc && node && { vpc, node }
  }

  /** The VPC whose profile gives it a default group of this name, whether that group is there or not. */
  defaultGroup(key: ObjectKey): { readonly vpc: VpcIndex; readonly group: DefaultGroup } | undefined {
    const { namespace, name } = parseKey(key)
    const vpc = this.#vpcsByName.generating({ namespace, name })
    const group = vpc?.profile.spec.defaultGroups?.find(
      (one) => defaultGroupName(vpc.object.metadata.name, one) === name,
    )
    return vpc && group && { vpc, group }
  }

  instance(key: ObjectKey): { readonly vpc: VpcIndex; readonly node: InstanceNode } | undefined {
    const { vpc, node } = this.#slots.get(key) ?? NOWHERE
    return vpc && node && { vpc, node }
  }

  /** What a firewall needs to know of an instance in force. */
  instanceRuleset(key: ObjectKey): InstanceRuleset | undefined {
    const found = this.instance(key)
    if (found === undefined) return undefined
    const { vpc, node } = found
    const { addresses } = node
    const { mac, attachment } = node.object.spec
    const ruleSet = vpc.ruleSet(node)
    const keeps = vpc.profile.spec.established === 'Keep'
    // To spread nothing three times takes longer than all else that is done here.
    if (mac === undefined && attachment === undefined && !keeps) {
      return { instance: key, vpc: vpc.key, addresses, ruleSet }
    }
    return {
      instance: key,
      vpc: vpc.key,
      addresses,
      ...(mac !== undefined && { mac: mac.toLowerCase() }),
      ...(attachment !== undefined && { attachment }),
      ...(keeps && { established: 'Keep' }),
      ruleSet,
    }
  }

  /** What a group or list stands for as a remote, if any rule in force names it. */
  remote(key: ObjectKey): readonly string[] | undefined {
    for (const vpc of this.#vpcsNaming(key)) if (vpc.classes.isRemote(key)) return this.prefixes(key)
    return undefined
  }

  /** What a group or list in force stands for: canonical prefixes in order. */
  prefixes(key: ObjectKey): readonly string[] | undefined {
    const list = this.#addressGroups.get(key)
    if (list !== undefined) return list.prefixes
    const found = this.group(key)
    return found?.vpc.members(found.node).prefixes
  }

  /** Keys of the instances whose rules name a group or list as their remote. */
  *instancesUsing(key: ObjectKey): Generator<ObjectKey> {
    for (const vpc of this.#vpcsNaming(key)) {
      for (const instance of vpc.classes.instancesUsing(key)) yield instance.key
    }
  }

  /** VPCs whose rules can name this remote: a group's own, for a list every one of the namespace. */
  #vpcsNaming(key: ObjectKey): Iterable<VpcIndex> {
    if (parseKey(key).kind === 'AddressGroup') return this.vpcsOf(parseKey(key).namespace)
    const found = this.group(key)
    return found === undefined ? [] : [found.vpc]
  }

  #isOfOtherVpc(key: ObjectKey, vpcName: string): boolean {
    const vpc = this.#slots.get(key)?.vpc
    return vpc !== undefined && vpc.object.metadata.name !== vpcName
  }

  #needProfile(vpc: VPC): Profile {
    const profile = this.profile(vpc.spec.profileRef?.name)
    if (profile === undefined) throw new Error(`the profile of ${keyOf(vpc)} is not in force`)
    return profile
  }

  #putProfile(object: CloudProfile): void {
    const profile = new Profile(object)
    this.#profiles.set(profile.name, profile)
    for (const vpc of this.#vpcsByProfile.get(profile.name)) {
      vpc.update(vpc.object, profile)
      this.#touched.vpc(vpc)
    }
  }

  #putVpc(slot: Slot, object: VPC): void {
    const { key } = slot
    const profile = this.#needProfile(object)
    const known = this.#vpcs.get(key)
    if (known !== undefined) {
      this.#vpcsByProfile.delete(known.profile.name, known)
      known.update(object, profile)
      this.#vpcsByProfile.add(profile.name, known)
      this.#touched.vpc(known)
    } else {
      const vpc = new VpcIndex(object, profile, this.#outside, this.#touched, this.#stale)
      this.#vpcs.set(key, vpc)
      slot.vpc = vpc
      this.#vpcsByProfile.add(profile.name, vpc)
      this.#vpcsByName.add(vpc)
      this.#touched.vpc(vpc)
    }
  }

  #removeVpc(key: ObjectKey): void {
    const vpc = this.#vpcs.get(key)
    if (vpc === undefined) return
    // Its last instances may have left a moment ago: what their rules named as remotes has to be touched.
    vpc.flush()
    this.#stale.delete(vpc)
    this.#vpcs.delete(key)
    this.#vpcsByProfile.delete(vpc.profile.name, vpc)
    this.#vpcsByName.delete(vpc)
    for (const group of vpc.groups.values()) this.#touched.group(group)
    this.#touched.vpc(vpc)
  }

  #putAddressGroup(key: ObjectKey, object: AddressGroup): void {
    const known = this.#addressGroups.has(key)
    this.#addressGroups.set(key, { object, prefixes: canonicalPrefixes(object.spec.cidrs) })
    this.#addressGroupChanged(key, !known)
  }

  #addressGroupChanged(key: ObjectKey, existence: boolean): void {
    this.#touched.remote(key)
    if (!existence) return
    for (const vpc of this.vpcsOf(parseKey(key).namespace)) vpc.remoteExistenceChanged(key)
  }

  /** vpcRef is immutable; an object that was deleted and declared anew may still be in another VPC. */
  #enterVpc(slot: Slot, object: SecurityGroup | Instance): VpcIndex {
    const vpc = this.vpcOf(object)
    if (vpc === undefined) throw new Error(`the VPC of ${keyOf(object)} is not in force`)
    const { key, vpc: last, node } = slot
    if (last === vpc) return vpc
    last?.removeGroup(key)
    if (node !== undefined) last?.removeInstance(node)
    slot.vpc = vpc
    slot.node = undefined
    return vpc
  }
}

const NOWHERE = { vpc: undefined, node: undefined }
