import type { PalisadeObject } from '../../src/api/objects.ts'
import type { Instance, ProfileRule, Rule, VPC } from '../../src/api/types.gen.ts'
import { formatAddress, parseAddress, type Address } from '../../src/net/address.ts'
import { lastAddress, parsePrefix } from '../../src/net/prefix.ts'
import { familyOf, protocolNumber, type Direction, type Packet } from './packet.ts'

/** What a packet carries besides addresses. */
type Payload = Omit<Packet, 'from' | 'to'>

/** The edges of everything that the rules of some objects tell apart. */
export interface Boundaries {
  readonly addresses: readonly string[]
  readonly payloads: readonly Payload[]
}

/**
 * Every address and every payload at which some rule of a VPC may begin or end to match: each end of each
 * prefix and range with its neighbours outside, each member's address, each protocol and one that nobody names.
 */
export function boundariesOf(vpc: VPC, all: readonly PalisadeObject[]): Boundaries {
  const objects = all.filter((object) => mayConcern(object, vpc))
  const rules = objects.flatMap(rulesOf)
  const cidrs = [
    ...rules.flatMap(({ remote }) => remote?.cidr ?? []),
    ...objects.flatMap((object) => (object.kind === 'AddressGroup' ? object.spec.cidrs : [])),
  ]
  const owned = objects.flatMap((object) => (object.kind === 'Instance' ? (object.spec.addresses ?? []) : []))
  const addresses = new Set([...STRANGERS, ...owned, ...cidrs.flatMap(edges)])
  return { addresses: [...addresses], payloads: payloadsOf(rules) }
}

/** Packets that come to or leave an instance; one with no address of a family has a stranger's there. */
export function* packetsAt(
  { spec }: Instance,
  direction: Direction,
  { addresses, payloads }: Boundaries,
): Generator<Packet> {
  for (const peer of addresses) {
    const family = familyOf(peer)
    const own = spec.addresses?.find((address) => familyOf(address) === family) ?? NOBODY[family]
    const ends = direction === 'Ingress' ? { from: peer, to: own } : { from: own, to: peer }
    for (const payload of payloads) yield { ...ends, ...payload }
  }
}

const STRANGERS = ['203.0.113.7', '2001:db8:ffff::7']
const NOBODY = { IPv4: '10.0.0.250', IPv6: 'fd00::fa' } as const

function mayConcern(object: PalisadeObject, vpc: VPC): boolean {
  switch (object.kind) {
    case 'CloudProfile':
      return object.metadata.name === (vpc.spec.profileRef?.name ?? 'standard')
    case 'SecurityGroup':
    case 'Instance':
      return object.spec.vpcRef.name === vpc.metadata.name
    case 'AddressGroup':
    case 'VPC':
      return true
    case 'ReachabilityCheck':
      return false
  }
}

function rulesOf(object: PalisadeObject): readonly (Rule | ProfileRule)[] {
  if (object.kind === 'SecurityGroup') return [...(object.spec.ingress ?? []), ...(object.spec.egress ?? [])]
  if (object.kind !== 'CloudProfile') return []
  const { initialRules = {}, templates = [], defaultGroups = [] } = object.spec
  const holders = [initialRules, ...templates, ...defaultGroups]
  return holders.flatMap(({ ingress = [], egress = [] }) => [...ingress, ...egress])
}

function edges(cidr: string): string[] {
  const result = parsePrefix(cidr)
  if (!result.ok) throw new Error(`${cidr} is no prefix`)
  const { family, first } = result.prefix
  const last = lastAddress(result.prefix)
  const top = (1n << (family === 'IPv4' ? 32n : 128n)) - 1n
  return [first - 1n, first, last, last + 1n]
    .filter((value) => value >= 0n && value <= top)
    .flatMap((value) => spelt({ family, value }))
}

/** Nothing for what has no spelling (IPv4-mapped IPv6 addresses, which are no IPv6 packets on the wire). */
function spelt(address: Address): string[] {
  const text = formatAddress(address)
  return parseAddress(text) === undefined ? [] : [text]
}

const WITH_PORTS: readonly number[] = [6, 17, 33, 132, 136]
const UNNAMED_PROTOCOL = 254

function payloadsOf(rules: readonly (Rule | ProfileRule)[]): Payload[] {
  const numbers = rules.flatMap(({ protocol }) => protocolNumber(protocol ?? 'All') ?? [])
  const protocols = [...new Set([0, 6, UNNAMED_PROTOCOL, ...numbers])]
  return protocols.flatMap((protocol): Payload[] => {
    const own = rules.filter((rule) => protocolNumber(rule.protocol ?? 'All') === protocol)
    if (WITH_PORTS.includes(protocol)) {
      const ports = portEdges(own.flatMap((rule) => rule.ports ?? []))
      const sourcePorts = portEdges(own.flatMap((rule) => rule.sourcePorts ?? []))
      return ports.flatMap((port) => sourcePorts.map((sourcePort) => ({ protocol, port, sourcePort })))
    }
    if (protocol !== 1 && protocol !== 58) return [{ protocol }]
    const messages = own.flatMap(({ icmp }) => (icmp === undefined ? [] : [icmp]))
    const types = new Set([3, ...messages.map(({ type }) => type)])
    const codes = new Set([7, ...messages.flatMap(({ code }) => code ?? [])])
    return [...types].flatMap((type) => [...codes].map((code) => ({ protocol, icmp: { type, code } })))
  })
}

/** Port 0 is in no range that a rule can write, and in "all". */
function portEdges(items: readonly (number | string)[]): number[] {
  const ends = items.flatMap((item) => {
    const [first = 0, last = first] = String(item).split('-').map(Number)
    return [first - 1, first, last, last + 1]
  })
  return [...new Set([0, ...ends])].filter((port) => port <= 65_535)
}
