import type { EffectiveRule } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { parseAddress } from '../../net/address.ts'
import { parseProtocol } from '../../net/protocol.ts'
import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { decidingRule, type Attempt, type PrefixesOf } from '../../policy/verdict.ts'
import type { Probe } from './probe.ts'

/** What one end's rules say of a probe. */
export interface EndVerdict {
  readonly instance: ObjectKey
  readonly direction: 'Ingress' | 'Egress'
  readonly rule: EffectiveRule
}

/** The verdicts of the ends that are instances: egress of the one, ingress of the other. */
export function verdictsOf(
  probe: Probe,
  instances: ReadonlyMap<ObjectKey, InstanceRuleset>,
  prefixesOf: PrefixesOf,
): readonly EndVerdict[] {
  const attempt = attemptOf(probe)
  const ends = [
    ['Egress', probe.from.instance],
    ['Ingress', probe.to.instance],
  ] as const
  return ends.flatMap(([direction, key]) => {
    const instance = key === undefined ? undefined : instances.get(key)
    if (instance === undefined) return []
    const { ingress, egress } = instance.ruleSet
    const rules = direction === 'Ingress' ? ingress : egress
    return [
      { instance: instance.instance, direction, rule: decidingRule(rules, direction, attempt, prefixesOf) },
    ]
  })
}

/** A packet passes when every end that has a say allows it (design, section 3). */
export function isAllowed(verdicts: readonly EndVerdict[]): boolean {
  return verdicts.every(({ rule }) => rule.action === 'Allow')
}

/** Echo requests (RFC 792, RFC 4443). */
const ECHO = { ICMP: { type: 8, code: 0 }, ICMPv6: { type: 128, code: 0 } } as const

function attemptOf({ from, to, protocol, port, sourcePort }: Probe): Attempt {
  const ends = { from: parseAddress(from.address), to: parseAddress(to.address) }
  const number = parseProtocol(protocol)
  if (ends.from === undefined || ends.to === undefined || typeof number !== 'number') {
    throw new Error(`${from.address} to ${to.address} over ${protocol} is no probe`)
  }
  return {
    from: ends.from,
    to: ends.to,
    protocol: number,
    ...(port !== undefined && { port }),
    ...(sourcePort !== undefined && { sourcePort }),
    ...((protocol === 'ICMP' || protocol === 'ICMPv6') && { icmp: ECHO[protocol] }),
  }
}
