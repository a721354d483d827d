import type { EffectiveRule, ReachabilityCheckSpec } from '../../api/types.gen.ts'
import { MAX_PORT, MIN_PORT, parsePorts } from '../../net/ports.ts'
import { hasPorts, ICMP, ICMPV6, parseProtocol } from '../../net/protocol.ts'
import type { Traffic } from './decide.ts'

/** IANA keeps 253 and 254 for experiments: no rule names one for another reason than to mean it. */
const UNNAMED_PROTOCOL = 253

/**
 * One connection for each way in which the rules could tell connections apart: between two neighbouring bounds
 * of all rules every packet is decided alike, so one of them stands for all, and none is left out.
 */
export function* trafficCells(
  { protocol: asked, ports: wanted }: Pick<ReachabilityCheckSpec, 'protocol' | 'ports'>,
  rules: readonly EffectiveRule[],
): Generator<Traffic> {
  for (const protocol of protocolsOf(asked ?? 'All', rules)) {
    if (protocol === ICMP || protocol === ICMPV6) yield* icmpCells(protocol, rules)
    else if (hasPorts(protocol)) yield* portCells(protocol, wanted, rules)
    else yield { protocol }
  }
}

function protocolsOf(asked: string | number, rules: readonly EffectiveRule[]): readonly number[] {
  const protocol = parseProtocol(asked)
  if (protocol === undefined) throw new Error(`${String(asked)} is no protocol`)
  if (protocol !== 'All') return [protocol]
  const named = rules.map((rule) => parseProtocol(rule.protocol)).filter((one) => typeof one === 'number')
  return [...new Set([...named, UNNAMED_PROTOCOL])]
}

function* portCells(
  protocol: number,
  wanted: ReachabilityCheckSpec['ports'],
  rules: readonly EffectiveRule[],
): Generator<Traffic> {
  const bounds = startsOf(rules.flatMap(({ ports }) => ports ?? []))
  const sources = [MIN_PORT, ...startsOf(rules.flatMap(({ sourcePorts }) => sourcePorts ?? []))]
  const asked = parsePorts(wanted === undefined || wanted.length === 0 ? [`${MIN_PORT}-${MAX_PORT}`] : wanted)
  if (!asked.ok) throw new Error('the ports of a check cannot be read')
  for (const { first, last } of asked.ranges) {
    for (const port of new Set([first, ...bounds.filter((bound) => first <= bound && bound <= last)])) {
      for (const sourcePort of new Set(sources)) yield { protocol, port, sourcePort }
    }
  }
}

/** Where something begins or has just ended. */
function startsOf(texts: readonly string[]): readonly number[] {
  const parsed = parsePorts([...new Set(texts)])
  if (!parsed.ok) throw new Error('the ports of a rule cannot be read')
  const single = [...new Set(texts)].flatMap((text) => {
    const one = parsePorts([text])
    return one.ok ? one.ranges : []
  })
  return [...new Set(single.flatMap(({ first, last }) => [first, last + 1]))].filter(
    (port) => port <= MAX_PORT,
  )
}

function* icmpCells(protocol: number, rules: readonly EffectiveRule[]): Generator<Traffic> {
  const types = distinct(rules.map(({ icmp }) => icmp?.type))
  const codes = distinct(rules.map(({ icmp }) => icmp?.code))
  for (const type of types) for (const code of codes) yield { protocol, icmp: { type, code } }
}

/** The numbers that are named, and one that is not. */
function distinct(numbers: readonly (number | undefined)[]): readonly number[] {
  const named = new Set(numbers.filter((number) => number !== undefined))
  const free = Array.from({ length: 256 }, (_, number) => number).find((number) => !named.has(number))
  return free === undefined ? [...named] : [...named, free]
}
