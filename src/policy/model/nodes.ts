import type { ImplicitActions, Instance, SecurityGroup } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { LinkedList, Listed } from '../../core/linked-list.ts'
import { SmallSet } from '../../core/small-set.ts'
import type { Tabled } from '../../core/table.ts'
import type { Queueable } from '../../core/worklist.ts'
import type { GroupRules } from '../group-rules.ts'
import type { LabelSet } from '../label-set.ts'
import type { RuleSet } from '../ruleset.ts'
import type { CompiledSelector } from '../selector.ts'
import type { Touchable } from './touched.ts'

/** A group in force. */
export interface GroupNode extends Queueable, Touchable, Tabled<ObjectKey, GroupNode> {
  /** Not reused when a group of the same name comes back. */
  readonly id: number
  readonly key: ObjectKey
  object: SecurityGroup
  /** Whether palisade made it, as the profile's default group. */
  generated: boolean
  selector: CompiledSelector | undefined
  /** Who its members are. */
  readonly signatures: SmallSet<Signature>
  /** The rule sets that it is part of. */
  readonly classes: SmallSet<InstanceClass>
  /** Keys that its rules name as remotes, whether they resolve or not. */
  remotes: readonly ObjectKey[]
  /** Undefined while it has to be compiled. */
  compiled: CompiledGroup | undefined
  members: MemberList | undefined
}

export interface CompiledGroup {
  readonly implicit: ImplicitActions
  readonly ingress: GroupRules
  readonly egress: GroupRules
}

/** Instances that cannot be told apart by groups: same labels, same groups named. */
export interface Signature extends Queueable {
  readonly id: number
  readonly labelSet: LabelSet<GroupNode, Signature>
  /** Keys of the groups that the instances name, in order. */
  readonly named: readonly ObjectKey[]
  readonly instances: LinkedList<InstanceNode>
  /** Its instances as members; undefined until somebody asks, and again once they change. */
  members: MemberList | undefined
  /** How many addresses they have together. */
  addressCount: number
  /** The groups in force, in the order of their keys. */
  groups: readonly GroupNode[]
  class: InstanceClass | undefined
}

/** Instances with the same groups: they share one compiled rule set. */
export interface InstanceClass extends Queueable, Tabled<string, InstanceClass> {
  /** The numbers of its groups, and whether it is closed. */
  readonly key: string
  readonly groups: readonly GroupNode[]
  /** Whether it denies everything, since a group that its instances name is not there. */
  readonly isClosed: boolean
  readonly signatures: SmallSet<Signature>
  /** Undefined until it is first compiled. */
  ruleSet: RuleSet | undefined
  /** Keys of the groups and lists that the rule set names as remotes. */
  remotes: readonly ObjectKey[]
}

export interface InstanceNode extends Touchable, Listed<InstanceNode> {
  readonly key: ObjectKey
  readonly object: Instance
  /** Canonical, in the order declared. */
  readonly addresses: readonly string[]
  readonly signature: Signature
}

/** The members of one or more groups with the same members, computed once. */
export interface MemberList {
  /** In the order of their keys. */
  readonly instances: readonly InstanceNode[]
  /** The addresses of all, as canonical prefixes in order. */
  readonly prefixes: readonly string[]
}

const NO_KEYS: readonly ObjectKey[] = []

/** A group of which nothing is known yet. */
export function newGroup(id: number, key: ObjectKey, object: SecurityGroup): GroupNode {
  return {
    id,
    key,
    object,
    generated: false,
    selector: undefined,
    signatures: new SmallSet(),
    classes: new SmallSet(),
    remotes: NO_KEYS,
    compiled: undefined,
    members: undefined,
    next: undefined,
    queued: false,
    touchedIn: 0,
  }
}
