import type { EffectiveRule } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import { FAMILIES, formatAddress, parseAddress, type Address, type Family } from '../../net/address.ts'
import { MAX_PORT, MIN_PORT, parsePorts } from '../../net/ports.ts'
import { containsAddress, lastAddress, parsePrefix, type Prefix } from '../../net/prefix.ts'
import { ICMP, ICMPV6, parseProtocol } from '../../net/protocol.ts'
import type { InstanceRuleset } from '../../policy/ruleset.ts'
import { remotePrefixes, type PrefixesOf } from '../../policy/verdict.ts'
import { STRANGERS } from '../scripts.ts'
import type { Probe, ProbeEnd, ProbeProtocol } from './probe.ts'

/** One VPC as far as packets tell. */
export interface ProbedNetwork {
  readonly instances: readonly InstanceRuleset[]
  readonly prefixesOf: PrefixesOf
  /** Addresses of the router, which neither an instance nor the outside has. */
  readonly gateways: ReadonlySet<string>
}

/** Of a group's or a list's prefixes the edges of so many are tried, and so many instances as peers. */
const MOST_PREFIXES = 16
const MOST_PEERS = 16

/** A port that is tried where a rule names none; rules seldom speak of it. */
const UNNAMED_PORT = 47_011

/** Ports that some rule names and that are tried where a rule names none. */
const MOST_NAMED_PORTS = 3

/** Addresses that no packet of a connection has, or that stay on their link. */
const UNROUTED: readonly string[] = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'],
  ...['::/96', 'fe80::/10', 'ff00::/8'],
]

/**
 * Probes at the boundaries of every rule of every instance, each once: peers at both sides of each edge
 * of its remote, ports at both sides of each edge of its ranges.
 */
export function coveringProbes(network: ProbedNetwork): readonly Probe[] {
  const probes = new Map<string, Probe>()
  const vocabulary = vocabularyOf(network)
  const holders = { IPv4: holdersOf(network, 'IPv4'), IPv6: holdersOf(network, 'IPv6') }
  for (const instance of network.instances) {
    for (const direction of ['ingress', 'egress'] as const) {
      for (const rule of instance.ruleSet[direction]) {
        for (const probe of probesOf(rule, direction, instance, { ...network, vocabulary, holders })) {
          probes.set(JSON.stringify(probe), probe)
        }
      }
    }
  }
  return [...probes.values()]
}

/** What is the same for every rule of a network. */
interface Surroundings extends ProbedNetwork {
  readonly vocabulary: Vocabulary
  readonly holders: Readonly<Record<Family, Holders>>
}

/** Who has which address of one family; of each instance the first one is tried as a peer. */
interface Holders {
  readonly firsts: readonly (readonly [text: string, address: Address])[]
  readonly owners: ReadonlyMap<string, ObjectKey>
}

function* probesOf(
  rule: EffectiveRule,
  direction: 'ingress' | 'egress',
  { instance, addresses }: InstanceRuleset,
  network: Surroundings,
): Generator<Probe> {
  for (const own of oneOfEachFamily(addresses)) {
    const self: ProbeEnd = { instance, address: formatAddress(own) }
    for (const peer of peersOf(rule, own, network)) {
      if (peer.instance === instance) continue
      const ends = direction === 'ingress' ? { from: peer, to: self } : { from: self, to: peer }
      for (const payload of payloadsOf(rule, own.family, network.vocabulary)) yield { ...ends, ...payload }
    }
  }
}

/** An address of each family is enough: rules do not tell an instance's own addresses apart. */
function oneOfEachFamily(addresses: readonly string[]): readonly Address[] {
  const read = addresses.flatMap((text) => parseAddress(text) ?? [])
  return FAMILIES.flatMap((family) => read.find((one) => one.family === family) ?? [])
}

function peersOf(rule: EffectiveRule, own: Address, network: Surroundings): readonly ProbeEnd[] {
  const { family } = own
  const holders = network.holders[family]
  const prefixes = remotePrefixes(rule.remote, network.prefixesOf)?.filter((one) => one.family === family)
  const edges = (prefixes ?? []).slice(0, MOST_PREFIXES).flatMap(edgesOf)
  const texts = new Set([...edges.map(formatAddress), STRANGERS[family]])
  for (const [text, address] of holders.firsts.slice(0, MOST_PEERS)) {
    const isIn = prefixes?.some((prefix) => containsAddress(prefix, address)) ?? true
    if (isIn) texts.add(text)
  }
  return [...texts]
    .filter((text) => isRoutable(text) && !network.gateways.has(text))
    .map((address) => ({ instance: holders.owners.get(address), address }))
}

function holdersOf({ instances }: ProbedNetwork, family: Family): Holders {
  const firsts: (readonly [string, Address])[] = []
  const owners = new Map<string, ObjectKey>()
  for (const { instance, addresses } of instances) {
    const own = addresses.flatMap((text) => parseAddress(text) ?? []).filter((one) => one.family === family)
    for (const address of own) owners.set(formatAddress(address), instance)
    const [first] = own
    if (first !== undefined) firsts.push([formatAddress(first), first])
  }
  return { firsts, owners }
}

/** The first and the last address, and their neighbours outside. */
function edgesOf(prefix: Prefix): readonly Address[] {
  const { family, first } = prefix
  const last = lastAddress(prefix)
  const top = family === 'IPv4' ? (1n << 32n) - 1n : (1n << 128n) - 1n
  return [...new Set([first - 1n, first, last, last + 1n])]
    .filter((value) => value >= 0n && value <= top)
    .map((value) => ({ family, value }))
}

function isRoutable(text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && !UNROUTED_PREFIXES.some((prefix) => containsAddress(prefix, address))
}

const UNROUTED_PREFIXES: readonly Prefix[] = UNROUTED.flatMap((text) => {
  const result = parsePrefix(text)
  return result.ok ? [result.prefix] : []
})

type Payload = Pick<Probe, 'protocol' | 'port' | 'sourcePort'>

/** Ports that stand for all where a rule names none. */
interface Vocabulary {
  readonly TCP: readonly number[]
  readonly UDP: readonly number[]
}

function vocabularyOf({ instances }: ProbedNetwork): Vocabulary {
  const named = { TCP: new Set<number>(), UDP: new Set<number>() }
  for (const { ruleSet } of instances) {
    for (const { protocol, ports } of [...ruleSet.ingress, ...ruleSet.egress]) {
      if (protocol !== 'TCP' && protocol !== 'UDP') continue
      for (const { first } of rangesOf(ports)) named[protocol].add(first)
    }
  }
  const some = (ports: ReadonlySet<number>): readonly number[] => [
    ...[...ports].sort((a, b) => a - b).slice(0, MOST_NAMED_PORTS),
    UNNAMED_PORT,
  ]
  return { TCP: some(named.TCP), UDP: some(named.UDP) }
}

function payloadsOf(rule: EffectiveRule, family: Family, vocabulary: Vocabulary): readonly Payload[] {
  const protocol = parseProtocol(rule.protocol)
  const echo: Payload = { protocol: family === 'IPv4' ? 'ICMP' : 'ICMPv6' }
  if (protocol === 'All') {
    return [...portPayloads('TCP', vocabulary.TCP, []), ...portPayloads('UDP', vocabulary.UDP, []), echo]
  }
  if (protocol === ICMP || protocol === ICMPV6) return [echo]
  if (rule.protocol !== 'TCP' && rule.protocol !== 'UDP') return []
  const ports = rule.ports === undefined ? vocabulary[rule.protocol] : portEdges(rule.ports)
  return portPayloads(rule.protocol, ports, portEdges(rule.sourcePorts ?? []))
}

function portPayloads(
  protocol: ProbeProtocol,
  ports: readonly number[],
  sourcePorts: readonly number[],
): readonly Payload[] {
  if (sourcePorts.length === 0) return ports.map((port) => ({ protocol, port }))
  return ports.flatMap((port) => sourcePorts.map((sourcePort) => ({ protocol, port, sourcePort })))
}

/** Both sides of each end of each range. */
function portEdges(texts: readonly string[]): readonly number[] {
  const ends = rangesOf(texts).flatMap(({ first, last }) => [first - 1, first, last, last + 1])
  return [...new Set(ends)].filter((port) => port >= MIN_PORT && port <= MAX_PORT)
}

function rangesOf(
  texts: readonly string[] = [],
): readonly { readonly first: number; readonly last: number }[] {
  const result = parsePorts(texts)
  if (!result.ok) throw new Error(`ports ${texts.join(',')} cannot be read`)
  return result.ranges
}
