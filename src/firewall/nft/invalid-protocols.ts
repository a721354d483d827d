import type { RuleDoubt } from './doubtful-rules.ts'
import { placeOf } from './names-in-use.ts'

/**
 * Linux compares the checksum of UDP-Lite as though it were one of UDP (nf_conntrack_proto_udp.c, udplite_error): what
 * comes in counts as invalid, unless a network card or nobody compares it.
 */
const PROTOCOL = 'UDP-Lite'
const SETTING = 'net.netfilter.nf_conntrack_checksum'

/** Rules by which the kernel lets nothing pass, whatever the table says. Who allows every protocol does not ask for this one. */
export const INVALID_PROTOCOLS: RuleDoubt = {
  ruleOf: (rules) => rules.find(({ action, protocol }) => action === 'Allow' && protocol === PROTOCOL),
  isKept: async (executor, netns) => {
    const { stdout } = await executor.run(netns, ['cat', `/proc/sys/${SETTING.replaceAll('.', '/')}`])
    // Before conntrack is loaded there is no setting, and then it is 1.
    return stdout.trim() === '0'
  },
  problem: ({ sources }, netns) =>
    `rule ${sources[0] ?? ''} allows ${PROTOCOL}, whose checksums the kernel takes for wrong, so that none of it would pass: let it compare none (sysctl -w ${SETTING}=0 in ${placeOf(netns)}), or leave the rule out`,
}
