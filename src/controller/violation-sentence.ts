import type { ReachabilityCheck } from '../api/types.gen.ts'
import { parseKey } from '../core/key.ts'
import { formatAddress } from '../net/address.ts'
import { formatProtocol } from '../net/protocol.ts'
import type { Endpoint } from '../policy/assurance/ends.ts'
import type { Packet, Violation } from '../policy/assurance/evaluate.ts'

/** The counter-example and the rule that decides it, without the full stop. */
export function violationSentence(
  { spec }: ReachabilityCheck,
  { from, to, traffic, rule }: Violation,
): string {
  const verb = spec.expect === 'Denied' ? 'can reach' : 'cannot reach'
  const by =
    rule === undefined
      ? ''
      : `: ${spec.expect === 'Denied' ? 'allowed' : 'denied'} by ${rule.sources.join(', ')}`
  return `${endText(from)} ${verb} ${endText(to)} on ${trafficText(traffic)}${by}`
}

function endText({ address, instance }: Endpoint): string {
  const text = formatAddress(address)
  return instance === undefined ? text : `${parseKey(instance.key).name} (${text})`
}

function trafficText({ protocol, port, icmp }: Packet): string {
  const name = formatProtocol(protocol)
  if (port !== undefined) return `${name} ${String(port)}`
  return icmp === undefined ? name : `${name} type ${String(icmp.type)} code ${String(icmp.code)}`
}
