import type { EffectiveRule } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { InstanceRuleset, RuleSet } from '../../policy/ruleset.ts'
import type { Faults } from '../firewall.ts'
import type { Executor, Netns } from './executor.ts'

/**
 * Protocols with ports that not every kernel tracks (Linux has lost DCCP), and a setting that is there where it does.
 * Without it all that two ends say to each other by such a protocol is one connection: one port that is allowed would
 * open every other.
 */
const SETTINGS: ReadonlyMap<string, string> = new Map([
  ['DCCP', 'nf_conntrack_dccp_timeout_open'],
  ['SCTP', 'nf_conntrack_sctp_timeout_established'],
])

/** Looks at each rule set once: thousands of instances share a few. */
export class UntrackedPorts {
  readonly #executor: Executor
  readonly #netns: Netns
  readonly #known = new WeakMap<RuleSet, EffectiveRule | 'None'>()

  constructor(executor: Executor, netns: Netns) {
    this.#executor = executor
    this.#netns = netns
  }

  /** Whether it takes a look at the kernel to know that the rules of an instance can be kept. */
  mayConcern(instance: InstanceRuleset): boolean {
    return this.#ruleOf(instance) !== 'None'
  }

  /** Instances whose rules this kernel cannot keep, with the reason. */
  async among(instances: Iterable<InstanceRuleset>): Promise<Faults> {
    const tracked = new Map<string, boolean>()
    const faults = new Map<ObjectKey, string>()
    for (const instance of instances) {
      const rule = this.#ruleOf(instance)
      if (rule === 'None') continue
      const { protocol, sources } = rule
      const isTracked = tracked.get(protocol) ?? (await isTrackedIn(this.#executor, this.#netns, protocol))
      tracked.set(protocol, isTracked)
      if (isTracked) continue
      faults.set(
        instance.instance,
        `rule ${sources[0] ?? ''} names ports of ${protocol}, which this kernel does not tell apart in an open connection, so that one that is allowed would open all: leave the ports out, or use a kernel that tracks ${protocol}`,
      )
    }
    return faults
  }

  /** One of the rules that may be. Not of an instance that is the node itself: to refuse that would open it. */
  #ruleOf({ attachment, ruleSet }: InstanceRuleset): EffectiveRule | 'None' {
    if (attachment?.host === true) return 'None'
    const known =
      this.#known.get(ruleSet) ?? portedRule(ruleSet.ingress) ?? portedRule(ruleSet.egress) ?? 'None'
    this.#known.set(ruleSet, known)
    return known
  }
}

/** A rule that tells ports apart, where any is allowed. */
function portedRule(rules: readonly EffectiveRule[]): EffectiveRule | undefined {
  const isAllowed = (wanted: string): boolean =>
    rules.some(({ action, protocol }) => action === 'Allow' && (protocol === 'All' || protocol === wanted))
  return rules.find(
    ({ protocol, ports, sourcePorts }) =>
      SETTINGS.has(protocol) && (ports !== undefined || sourcePorts !== undefined) && isAllowed(protocol),
  )
}

async function isTrackedIn(executor: Executor, netns: Netns, protocol: string): Promise<boolean> {
  const file = `/proc/sys/net/netfilter/${SETTINGS.get(protocol) ?? ''}`
  return (await executor.run(netns, ['test', '-e', file])).status === 0
}
