import { INTEGERS, intervalAt, IntervalSet, type Interval } from '../../net/interval-set.ts'
import { formatPorts } from '../../net/ports.ts'
import { formatProtocol, hasPorts, ICMP, ICMPV6 } from '../../net/protocol.ts'
import { ALL_TRAFFIC, PAYLOADS, TRAFFIC, type Payloads, type Traffic } from '../../net/traffic.ts'

/**
 * Traffic in the words of a rule: `TCP 22,80-90`, `ICMP type 8`, `all traffic`, `all except TCP 22`.
 * Equal sets have equal texts. `absent` does not exist there, and is not said to be missing.
 */
export function trafficText(traffic: Traffic, absent: Traffic = TRAFFIC.empty): string {
  if (TRAFFIC.isEmpty(traffic)) return 'nothing'
  const missing = TRAFFIC.difference(TRAFFIC.difference(ALL_TRAFFIC, traffic), absent)
  if (TRAFFIC.isEmpty(missing)) return 'all traffic'
  const positive = phrases(traffic)
  const negative = phrases(missing)
  return negative.length < positive.length ? `all except ${negative.join(', ')}` : positive.join(', ')
}

function phrases(traffic: Traffic): readonly string[] {
  return traffic.flatMap(partsOf).flatMap(({ first, last, rest }) => {
    const name = protocolText(first, last)
    if (isWhole(first, rest)) return [name]
    const details = planeTexts(first, rest)
    return details.map((detail) => `${name} ${detail}`)
  })
}

/** Type 0 code 0 of ICMP looks like all of a neighbour that has neither types nor ports. */
function partsOf({ first, last, rest }: Traffic[number]): Traffic {
  const parts: Mutable<Traffic[number]>[] = []
  for (let protocol = first; protocol <= last; protocol += 1) {
    const open = parts.at(-1)
    if (open !== undefined && isWhole(open.first, rest) && isWhole(protocol, rest)) open.last = protocol
    else parts.push({ first: protocol, last: protocol, rest })
  }
  return parts
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

function protocolText(first: number, last: number): string {
  if (first !== last) return `protocols ${first}-${last}`
  const text = formatProtocol(first)
  return text === String(first) ? `protocol ${text}` : text
}

function isWhole(protocol: number, rest: Payloads): boolean {
  const whole = intervalAt(ALL_TRAFFIC, protocol)?.rest
  return whole !== undefined && PAYLOADS.equals(rest, whole)
}

/** One text for the destination ports, or ICMP types, that go with the same source ports, or codes. */
function planeTexts(protocol: number, rest: Payloads): readonly string[] {
  const alike: { readonly second: IntervalSet<number>; readonly firsts: Interval<number>[] }[] = []
  for (const { first, last, rest: second } of rest) {
    const known = alike.find((one) => one.second.equals(second))
    if (known === undefined) alike.push({ second, firsts: [{ first, last }] })
    else known.firsts.push({ first, last })
  }
  const wholePlane = intervalAt(ALL_TRAFFIC, protocol)?.rest[0]
  const isAll = (set: IntervalSet<number>): boolean => wholePlane?.rest.equals(set) === true
  const isEvery = (firsts: readonly Interval<number>[]): boolean =>
    firsts.length === 1 && firsts[0]?.first === wholePlane?.first && firsts[0]?.last === wholePlane?.last
  return alike.map(({ second, firsts }) => {
    const { intervals } = IntervalSet.of(INTEGERS, firsts)
    const own = isEvery(intervals) ? '' : formatPorts(intervals).join(',')
    const other = isAll(second) ? '' : formatPorts(second.intervals).join(',')
    if (protocol === ICMP || protocol === ICMPV6) {
      return [own && `type ${own}`, other && `code ${other}`].filter((text) => text !== '').join(' ')
    }
    if (!hasPorts(protocol)) return ''
    return [own, other && `from port ${other}`].filter((text) => text !== '').join(' ')
  })
}
