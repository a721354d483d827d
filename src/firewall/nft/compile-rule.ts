import type { EffectiveRule } from '../../api/types.gen.ts'
import { ICMP, parseProtocol, type Protocol } from '../../net/protocol.ts'
import { elementText } from './element.ts'
import { comment } from './names.ts'
import type { RemoteSets } from './remote-sets.ts'

export type Direction = 'Ingress' | 'Egress'

/** Looks up the sets of the group or list that a rule names; undefined where it stands for nothing. */
export type FindRemote = (remote: EffectiveRule['remote']) => RemoteSets | undefined

/**
 * One rule as nft rules, in the words in which nft lists them: one for each family, port range and
 * source port range. Never a set written into a rule: the kernel's work for those grows with the
 * square of their number.
 */
export function compileRule(
  rule: EffectiveRule,
  direction: Direction,
  findRemote: FindRemote,
): readonly string[] {
  const tail = sentence('counter', verdict(rule.action, direction), comment(rule.sources.join(' ')))
  const transports = transportMatches(rule)
  const lines: string[] = []
  for (const { address, family } of addressMatches(rule, direction, findRemote)) {
    for (const transport of transports) {
      lines.push(sentence(address, transport, family, tail))
    }
  }
  return lines
}

/** Joined at once: a table has a hundred thousand of these, and each is compared, kept and sent as a whole. */
const sentence = (...words: readonly string[]): string => words.filter((word) => word !== '').join(' ')

/** Allowed egress still has to pass the ingress of the other end; what is allowed there is committed. */
export function verdict(action: EffectiveRule['action'], direction: Direction): string {
  if (action === 'Drop') return 'goto revoke'
  return direction === 'Egress' ? 'goto leave' : 'goto commit'
}

/** An address match implies the family; without one, the family comes last, where nft keeps it as written. */
interface AddressMatch {
  readonly address: string
  readonly family: string
}

const FAMILY = { IPv4: 'meta nfproto 2', IPv6: 'meta nfproto 10' } as const
const ANYWHERE: ReadonlyMap<string, keyof typeof FAMILY> = new Map([
  ['0.0.0.0/0', 'IPv4'],
  ['::/0', 'IPv6'],
])

function addressMatches(
  { remote, etherType }: EffectiveRule,
  direction: Direction,
  findRemote: FindRemote,
): readonly AddressMatch[] {
  const side = direction === 'Ingress' ? 'saddr' : 'daddr'
  if (remote.securityGroup !== undefined || remote.addressGroup !== undefined) {
    return setMatches(findRemote(remote), side, etherType)
  }
  const { cidr } = remote
  if (cidr === undefined) return [{ address: '', family: etherType === undefined ? '' : FAMILY[etherType] }]
  const anywhere = ANYWHERE.get(cidr)
  if (anywhere !== undefined) return [{ address: '', family: FAMILY[anywhere] }]
  return [{ address: `${cidr.includes(':') ? 'ip6' : 'ip'} ${side} ${elementText(cidr)}`, family: '' }]
}

function setMatches(
  sets: RemoteSets | undefined,
  side: string,
  etherType: EffectiveRule['etherType'],
): readonly AddressMatch[] {
  const matches: AddressMatch[] = []
  if (sets?.[4] !== undefined && etherType !== 'IPv6') {
    matches.push({ address: `ip ${side} @${sets[4].name}`, family: '' })
  }
  if (sets?.[6] !== undefined && etherType !== 'IPv4') {
    matches.push({ address: `ip6 ${side} @${sets[6].name}`, family: '' })
  }
  return matches
}

function transportMatches({ protocol: called, ports, sourcePorts, icmp }: EffectiveRule): readonly string[] {
  const protocol = parseProtocol(called)
  if (protocol === undefined) throw new Error(`${called} is no protocol`)
  if (icmp !== undefined) {
    const name = protocol === ICMP ? 'icmp' : 'icmpv6'
    return [`${name} type ${icmp.type}${icmp.code === undefined ? '' : ` ${name} code ${icmp.code}`}`]
  }
  if (ports === undefined && sourcePorts === undefined) {
    return [protocol === 'All' ? '' : `meta l4proto ${protocol}`]
  }
  const protocolWord = portWord(protocol)
  const destinations = (ports ?? []).map((range) => `${protocolWord} dport ${range}`)
  const sources = (sourcePorts ?? []).map((range) => `${protocolWord} sport ${range}`)
  if (ports === undefined) return sources
  if (sourcePorts === undefined) return destinations
  return sources.flatMap((source) => destinations.map((destination) => `${source} ${destination}`))
}

const PORT_WORDS: ReadonlyMap<Protocol, string> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [132, 'sctp'],
  [136, 'udplite'],
])

function portWord(protocol: Protocol): string {
  const found = PORT_WORDS.get(protocol)
  if (found === undefined) throw new Error(`protocol ${protocol} has no ports`)
  return found
}
