import type { Attachment, EffectiveRule } from '../api/types.gen.ts'
import type { ObjectKey } from '../core/key.ts'

/**
 * The rules of every instance that has the same profile and the same groups: compiled once, shared
 * by reference. Remotes are named, not resolved, so that one member more changes no rule set.
 */
export interface RuleSet {
  /** `sha256:...` over the rules as written. */
  readonly digest: string
  /** In the order of evaluation, down to the implicit rule. */
  readonly ingress: readonly EffectiveRule[]
  readonly egress: readonly EffectiveRule[]
}

/** What a firewall needs to know of one instance. */
export interface InstanceRuleset {
  readonly instance: ObjectKey
  readonly vpc: ObjectKey
  /** Canonical addresses. */
  readonly addresses: readonly string[]
  readonly mac?: string
  /** Absent: the rules are computed and not enforced. */
  readonly attachment?: Attachment
  /** Present where open connections stay when the rule that allowed them goes; absent: they are cut. */
  readonly established?: 'Keep'
  readonly ruleSet: RuleSet
}

/** Everything that is desired of a firewall, or that it has programmed. */
export interface Ruleset {
  readonly instances: ReadonlyMap<ObjectKey, InstanceRuleset>
  /**
   * What each SecurityGroup or AddressGroup that a rule names as its remote stands for: canonical
   * prefixes in order. Rule sets name it by its bare name, in the namespace of the instance.
   */
  readonly remotes: ReadonlyMap<ObjectKey, readonly string[]>
}

/** The difference between two rulesets; applied as one, in any order the firewall needs. */
export interface RulesetChange {
  readonly put: readonly InstanceRuleset[]
  readonly remove: readonly ObjectKey[]
  readonly putRemotes: ReadonlyMap<ObjectKey, readonly string[]>
  readonly removeRemotes: readonly ObjectKey[]
}
