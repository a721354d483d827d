import type { ReachabilityCheck } from '../../api/types.gen.ts'
import { TRAFFIC, type Traffic } from '../../net/traffic.ts'

/** What of the traffic asked about is not as promised. */
export function brokenPart({ spec }: ReachabilityCheck, asked: Traffic, passing: Traffic): Traffic {
  return spec.expect === 'Denied' ? TRAFFIC.intersection(passing, asked) : TRAFFIC.difference(asked, passing)
}
