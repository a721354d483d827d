import type { EffectiveRule } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset, RuleSet } from '../../policy/ruleset.ts'
import type { Faults } from '../firewall.ts'
import type { Executor, Netns } from './executor.ts'
import { placeOf } from './names-in-use.ts'

/**
 * Linux compares the checksum of UDP-Lite as though it were one of UDP (nf_conntrack_proto_udp.c, udplite_error): what
 * comes in counts as invalid, unless a network card or nobody compares it.
 */
const PROTOCOL = 'UDP-Lite'
const SETTING = 'net.netfilter.nf_conntrack_checksum'

/** Instances with rules that the kernel lets nothing pass by, whatever the table says. Looks at each rule set once: thousands of instances share a few. */
export class InvalidProtocols {
  readonly #executor: Executor
  readonly #netns: Netns
  readonly #known = new WeakMap<RuleSet, EffectiveRule | 'None'>()

  constructor(executor: Executor, netns: Netns) {
    this.#executor = executor
    this.#netns = netns
  }

  /** Whether it takes a look at the kernel to know that the rules of an instance have an effect. */
  mayConcern(instance: InstanceRuleset): boolean {
    return this.#ruleOf(instance) !== 'None'
  }

  /** Instances with a rule that has no effect, with the reason. */
  async among(instances: Iterable<InstanceRuleset>): Promise<Faults> {
    const faults = new Map<ObjectKey, string>()
    let isCompared: boolean | undefined
    for (const instance of instances) {
      const rule = this.#ruleOf(instance)
      if (rule === 'None') continue
      isCompared ??= await this.#isCompared()
      if (!isCompared) break
      faults.set(
        instance.instance,
        `rule ${rule.sources[0] ?? ''} allows ${PROTOCOL}, whose checksums the kernel takes for wrong, so that none of it would pass: let it compare none (sysctl -w ${SETTING}=0 in ${placeOf(this.#netns)}), or leave the rule out`,
      )
    }
    return faults
  }

  /** Who allows every protocol does not ask for this one. An instance that is the node itself would be open if it were refused. */
  #ruleOf({ attachment, ruleSet }: InstanceRuleset): EffectiveRule | 'None' {
    if (attachment?.host === true) return 'None'
    const isConcerned = ({ action, protocol }: EffectiveRule): boolean =>
      action === 'Allow' && protocol === PROTOCOL
    const known =
      this.#known.get(ruleSet) ??
      ruleSet.ingress.find(isConcerned) ??
      ruleSet.egress.find(isConcerned) ??
      'None'
    this.#known.set(ruleSet, known)
    return known
  }

  async #isCompared(): Promise<boolean> {
    const file = `/proc/sys/${SETTING.replaceAll('.', '/')}`
    const { stdout } = await this.#executor.run(this.#netns, ['cat', file])
    // Before conntrack is loaded there is no setting, and then it is 1.
    return stdout.trim() !== '0'
  }
}
