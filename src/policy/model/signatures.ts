import type { Instance } from '../../api/types.gen.ts'
import { namespaceOf } from '../../api/objects.ts'
import { objectKey, type ObjectKey } from '../../core/key.ts'
import { LinkedList } from '../../core/linked-list.ts'
import { MultiMap } from '../../core/multimap.ts'
import { SmallSet, type ReadonlySmallSet } from '../../core/small-set.ts'
import type { Table } from '../../core/table.ts'
import { LabelIndex } from '../label-index.ts'
import type { LabelSet, SelectorEntry } from '../label-set.ts'
import type { CompiledSelector } from '../selector.ts'
import { addressesOf } from './members.ts'
import type { GroupNode, InstanceNode, Signature } from './nodes.ts'

/** Groups in force by their keys. */
type Groups = Pick<Table<ObjectKey, GroupNode>, 'get'>

/** Sorts the instances of one VPC by what decides their groups: their labels and the groups they name. */
export class SignatureIndex {
  /** A label set keeps the signature of the instances that name no groups, as most do. */
  readonly #labels = new LabelIndex<GroupNode, Signature>()
  /** Of instances that name some, by the names. Made when first needed, since in many VPCs none do. */
  #byNames: Map<LabelSet<GroupNode, Signature>, Map<string, Signature>> | undefined
  readonly #naming = new MultiMap<ObjectKey, Signature>()
  #nextId = 0

  /** Puts an instance where it belongs. */
  join(object: Instance, key: ObjectKey, addresses = addressesOf(object)): InstanceNode {
    const labelSet = this.#labels.acquire(object.metadata.labels ?? {})
    const signature = this.#signature(labelSet, namedGroups(object))
    const node: InstanceNode = {
      key,
      object,
      addresses,
      signature,
      previous: undefined,
      next: undefined,
      touchedIn: 0,
    }
    signature.instances.add(node)
    signature.addressCount += addresses.length
    return node
  }

  leave(node: InstanceNode): void {
    node.signature.instances.delete(node)
    node.signature.addressCount -= node.addresses.length
    this.#labels.release(node.signature.labelSet.labels)
  }

  /** Drops a signature that has no instances left. */
  forget(signature: Signature): void {
    for (const key of signature.named) this.#naming.delete(key, signature)
    if (signature.named.length === 0) {
      signature.labelSet.item = undefined
      return
    }
    const siblings = this.#byNames?.get(signature.labelSet)
    siblings?.delete(signature.named.join(','))
    if (siblings?.size === 0) this.#byNames?.delete(signature.labelSet)
  }

  /** Changes the selector of a group and returns the signatures that it selected or selects now. */
  setSelector(group: GroupNode, next: CompiledSelector | undefined): readonly Signature[] {
    const last = group.selector
    if (last?.identity === next?.identity) return []
    const before = last === undefined ? NO_SIGNATURES : this.selected(last)
    if (last !== undefined) this.#labels.unsubscribe(last, group)
    if (next !== undefined) this.#labels.subscribe(next, group)
    const after = next === undefined ? NO_SIGNATURES : this.selected(next)
    group.selector = next
    return before.length === 0 ? after : [...before, ...after]
  }

  /** What a selector matches, or would match. */
  selected(selector: CompiledSelector): readonly Signature[] {
    const found: Signature[] = []
    for (const labelSet of this.#labels.matching(selector)) {
      if (labelSet.item !== undefined) found.push(labelSet.item)
      for (const signature of this.#byNames?.get(labelSet)?.values() ?? []) found.push(signature)
    }
    return found
  }

  *instances(): Generator<InstanceNode> {
    for (const labelSet of this.#labels.all()) {
      yield* labelSet.item?.instances ?? []
      for (const { instances } of this.#byNames?.get(labelSet)?.values() ?? []) yield* instances
    }
  }

  /** Signatures whose instances name a group, whether it is there or not. */
  naming(key: ObjectKey): ReadonlySmallSet<Signature> {
    return this.#naming.get(key)
  }

  /** The groups among `groups` that an instance has or would have, in the order of their keys. */
  groupsFor(object: Instance, groups: Groups): GroupNode[] {
    return this.#groups(this.#labels.selecting(object.metadata.labels ?? {}), namedGroups(object), groups)
  }

  groupsOf(signature: Signature, groups: Groups): GroupNode[] {
    return this.#groups(signature.labelSet.selectors, signature.named, groups)
  }

  #groups(
    selectors: Iterable<SelectorEntry<GroupNode, Signature>>,
    named: readonly ObjectKey[],
    groups: Groups,
  ): GroupNode[] {
    const found = new SmallSet<GroupNode>()
    for (const key of named) {
      const group = groups.get(key)
      if (group !== undefined) found.add(group)
    }
    for (const { users } of selectors) for (const group of users) found.add(group)
    return inOrderOfKeys(found)
  }

  #signature(labelSet: LabelSet<GroupNode, Signature>, named: readonly ObjectKey[]): Signature {
    if (named.length === 0) {
      labelSet.item ??= this.#newSignature(labelSet, named)
      return labelSet.item
    }
    this.#byNames ??= new Map()
    let siblings = this.#byNames.get(labelSet)
    if (siblings === undefined) {
      siblings = new Map()
      this.#byNames.set(labelSet, siblings)
    }
    const identity = named.join(',')
    const known = siblings.get(identity)
    if (known !== undefined) return known
    const signature = this.#newSignature(labelSet, named)
    siblings.set(identity, signature)
    for (const key of named) this.#naming.add(key, signature)
    return signature
  }

  #newSignature(labelSet: LabelSet<GroupNode, Signature>, named: readonly ObjectKey[]): Signature {
    return {
      id: this.#nextId++,
      labelSet,
      named,
      instances: new LinkedList(),
      members: undefined,
      addressCount: 0,
      groups: NO_GROUPS,
      class: undefined,
      queued: false,
    }
  }
}

/** Two or three are put in order by hand, without what `sort` sets up for thousands. */
function inOrderOfKeys(groups: SmallSet<GroupNode>): GroupNode[] {
  if (groups.size > FEW) return [...groups].sort((a, b) => (a.key < b.key ? -1 : 1))
  let sorted: GroupNode[] = []
  for (const group of groups) {
    const after = sorted.findIndex(({ key }) => group.key < key)
    // Not in place: a list that grows takes room for 16 more, and these are kept.
    sorted = sorted.toSpliced(after === -1 ? sorted.length : after, 0, group)
  }
  return sorted
}

const FEW = 8
const NO_GROUPS: readonly GroupNode[] = []
const NO_SIGNATURES: readonly Signature[] = []
const NO_NAMES: readonly ObjectKey[] = []

/** Keys of the groups that an instance names, each once, in order. */
function namedGroups(object: Instance): readonly ObjectKey[] {
  const refs = object.spec.securityGroupRefs
  if (refs === undefined || refs.length === 0) return NO_NAMES
  const namespace = namespaceOf(object)
  return [...new Set(refs.map(({ name }) => objectKey('SecurityGroup', namespace, name)))].sort()
}
