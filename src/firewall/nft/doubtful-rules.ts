import type { EffectiveRule } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset, RuleSet } from '../../policy/ruleset.ts'
import type { Faults } from '../firewall.ts'
import type { Executor, Netns } from './executor.ts'

/** Something that not every kernel can do for a rule. */
export interface RuleDoubt {
  /** One of the rules of a direction that need it. */
  readonly ruleOf: (rules: readonly EffectiveRule[]) => EffectiveRule | undefined
  /** Whether the kernel does it, for rules of a protocol. */
  readonly isKept: (executor: Executor, netns: Netns, protocol: string) => Promise<boolean>
  /** Why such a rule is refused where it does not. */
  readonly problem: (rule: EffectiveRule, netns: Netns) => string
}

/** Instances whose rules the kernel may not be able to keep. Looks at each rule set once: thousands of instances share a few. */
export class DoubtfulRules {
  readonly #executor: Executor
  readonly #netns: Netns
  readonly #doubt: RuleDoubt
  readonly #known = new WeakMap<RuleSet, EffectiveRule | 'None'>()

  constructor(executor: Executor, netns: Netns, doubt: RuleDoubt) {
    this.#executor = executor
    this.#netns = netns
    this.#doubt = doubt
  }

  /** Whether it takes a look at the kernel to know that the rules of an instance can be kept. */
  mayConcern(instance: InstanceRuleset): boolean {
    return this.#ruleOf(instance) !== 'None'
  }

  /** Instances whose rules this kernel cannot keep, with the reason. */
  async among(instances: Iterable<InstanceRuleset>): Promise<Faults> {
    const kept = new Map<string, boolean>()
    const faults = new Map<ObjectKey, string>()
    for (const instance of instances) {
      const rule = this.#ruleOf(instance)
      if (rule === 'None') continue
      const { protocol } = rule
      const isKept = kept.get(protocol) ?? (await this.#doubt.isKept(this.#executor, this.#netns, protocol))
      kept.set(protocol, isKept)
      if (!isKept) faults.set(instance.instance, this.#doubt.problem(rule, this.#netns))
    }
    return faults
  }

  /** One of the rules that may be. Not of an instance that is the node itself: to refuse that would open it. */
  #ruleOf({ attachment, ruleSet }: InstanceRuleset): EffectiveRule | 'None' {
    if (attachment?.host === true) return 'None'
    const { ruleOf } = this.#doubt
    const known = this.#known.get(ruleSet) ?? ruleOf(ruleSet.ingress) ?? ruleOf(ruleSet.egress) ?? 'None'
    this.#known.set(ruleSet, known)
    return known
  }
}
