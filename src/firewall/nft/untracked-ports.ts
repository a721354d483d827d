import type { EffectiveRule } from '../../api/types.gen.ts'
import type { RuleDoubt } from './doubtful-rules.ts'

/**
 * Protocols with ports that not every kernel tracks (Linux has lost DCCP), and a setting that is there where it does.
 * Without it all that two ends say to each other by such a protocol is one connection: one port that is allowed would
 * open every other.
 */
const SETTINGS: ReadonlyMap<string, string> = new Map([
  ['DCCP', 'nf_conntrack_dccp_timeout_open'],
  ['SCTP', 'nf_conntrack_sctp_timeout_established'],
])

/** Rules that tell ports apart which the kernel does not. */
export const UNTRACKED_PORTS: RuleDoubt = {
  ruleOf: portedRule,
  isKept: async (executor, netns, protocol) => {
    const file = `/proc/sys/net/netfilter/${SETTINGS.get(protocol) ?? ''}`
    return (await executor.run(netns, ['test', '-e', file])).status === 0
  },
  problem: ({ protocol, sources }) =>
    `rule ${sources[0] ?? ''} names ports of ${protocol}, which this kernel does not tell apart in an open connection, so that one that is allowed would open all: leave the ports out, or use a kernel that tracks ${protocol}`,
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
