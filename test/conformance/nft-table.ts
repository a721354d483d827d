import { isList, isRecord } from '../../src/core/record.ts'
import { isInPrefix } from '../reference/packet.ts'

/** One packet of a new connection on its way through a router. */
export interface RoutedPacket {
  /** Interfaces; '' for the router itself. */
  readonly in: string
  readonly out: string
  readonly mac: string
  readonly from: string
  readonly to: string
  readonly protocol: number
  readonly sourcePort?: number
  readonly port?: number
  readonly icmp?: { readonly type: number; readonly code: number }
}

/** With the connection that it is the first of, whose mark rules set and ask for. */
interface PacketOnItsWay extends RoutedPacket {
  readonly connection: { mark: number }
}

type Verdict = 'accept' | 'drop'
/** `continue`: the chain ended without a verdict; a chain that was jumped to may also return. */
type Outcome = Verdict | 'continue'

interface BaseChain {
  readonly name: string
  readonly hook: string
  readonly priority: number
  readonly policy: Outcome
}

/**
 * What `nft -n -j list table` says, carried out on single packets: an implementation of nftables that
 * has nothing in common with the code that writes the rules, nor with the kernel. It knows the expressions
 * that palisade uses and throws at any other.
 */
export class NftTable {
  readonly #bases: BaseChain[] = []
  readonly #rules = new Map<string, unknown[]>()
  readonly #sets = new Map<string, unknown[]>()

  constructor(listing: string) {
    const parsed: unknown = JSON.parse(listing)
    for (const item of list(field(parsed, 'nftables'))) {
      if (!isRecord(item)) continue
      const { chain, rule, set, map } = item
      if (chain !== undefined) this.#addChain(chain)
      if (rule !== undefined) this.#rules.get(text(field(rule, 'chain')))?.push(field(rule, 'expr'))
      const elements = set ?? map
      if (elements !== undefined) {
        const own = isRecord(elements) ? elements['elem'] : undefined
        this.#sets.set(text(field(elements, 'name')), own === undefined ? [] : [...list(own)])
      }
    }
    this.#bases.sort((a, b) => a.priority - b.priority)
  }

  /** Whether a packet that is forwarded passes every hook. */
  forwards(packet: RoutedPacket): boolean {
    const connection = { mark: 0 }
    return (
      this.#passes('prerouting', { ...packet, out: '', connection }) &&
      this.#passes('forward', { ...packet, connection })
    )
  }

  #addChain(chain: unknown): void {
    const name = text(field(chain, 'name'))
    this.#rules.set(name, [])
    if (!isRecord(chain) || chain['hook'] === undefined) return
    const policy = chain['policy'] === 'drop' ? 'drop' : 'accept'
    this.#bases.push({ name, hook: text(chain['hook']), priority: Number(chain['prio']), policy })
  }

  #passes(hook: string, packet: PacketOnItsWay): boolean {
    return this.#bases
      .filter((base) => base.hook === hook)
      .every(({ name, policy }) => {
        const outcome = this.#run(name, packet)
        return (outcome === 'continue' ? policy : outcome) === 'accept'
      })
  }

  #run(chain: string, packet: PacketOnItsWay): Outcome {
    const rules = this.#rules.get(chain)
    if (rules === undefined) throw new Error(`there is no chain ${chain}`)
    for (const expressions of rules) {
      const outcome = this.#rule(list(expressions), packet)
      if (outcome === 'return') return 'continue'
      if (outcome !== 'next') return outcome
    }
    return 'continue'
  }

  /** `next`: the rule does not match, or has no verdict. */
  #rule(expressions: readonly unknown[], packet: PacketOnItsWay): Outcome | 'next' | 'return' {
    for (const expression of expressions) {
      if (!isRecord(expression)) throw new Error('an expression is no object')
      const [[word, value] = ['', undefined]] = Object.entries(expression)
      switch (word) {
        case 'match':
          if (!this.#matches(value, packet)) return 'next'
          break
        case 'vmap': {
          const found = this.#lookUp(field(value, 'key'), text(field(value, 'data')), packet)
          if (found === undefined) return 'next'
          const outcome = this.#verdict(found, packet)
          if (outcome !== 'next') return outcome
          break
        }
        case 'counter':
          break
        case 'mangle':
          mark(value, packet)
          break
        default: {
          const outcome = this.#verdict(expression, packet)
          if (outcome !== 'next') return outcome
        }
      }
    }
    return 'next'
  }

  #verdict(verdict: unknown, packet: PacketOnItsWay): Outcome | 'next' | 'return' {
    if (!isRecord(verdict)) throw new Error('a verdict is no object')
    if ('accept' in verdict) return 'accept'
    if ('drop' in verdict) return 'drop'
    if ('return' in verdict) return 'return'
    if ('goto' in verdict) {
      const outcome = this.#run(text(field(verdict['goto'], 'target')), packet)
      // What follows the rule is not reached; the caller of this chain goes on.
      return outcome === 'continue' ? 'return' : outcome
    }
    if ('jump' in verdict) {
      const outcome = this.#run(text(field(verdict['jump'], 'target')), packet)
      return outcome === 'continue' ? 'next' : outcome
    }
    throw new Error(`${JSON.stringify(verdict)} is not known`)
  }

  #matches(match: unknown, packet: PacketOnItsWay): boolean {
    const left = field(match, 'left')
    const right = field(match, 'right')
    const isNegated = field(match, 'op') === '!='
    if (typeof right === 'string' && right.startsWith('@')) {
      const found = this.#lookUp(left, right, packet)
      // A field that a packet does not have ends the rule whatever is asked of it.
      if (valueOf(left, packet) === undefined) return false
      return (found !== undefined) !== isNegated
    }
    const value = valueOf(left, packet)
    return value !== undefined && isEqual(right, value) !== isNegated
  }

  /** The verdict of a map, or the element of a set; undefined where the packet is in neither. */
  #lookUp(key: unknown, name: string, packet: PacketOnItsWay): unknown {
    const value = valueOf(key, packet)
    const elements = this.#sets.get(name.slice(1))
    if (elements === undefined) throw new Error(`there is no set ${name}`)
    if (value === undefined) return undefined
    for (const element of elements) {
      const [own, verdict] = isList(element) ? [bare(element[0]), element[1]] : [bare(element), {}]
      if (isEqual(own, value)) return verdict
    }
    return undefined
  }
}

/** An element with a counter or a comment is wrapped in an object. */
function bare(element: unknown): unknown {
  return isRecord(element) && 'elem' in element ? field(element['elem'], 'val') : element
}

type Value = string | number | readonly (string | number)[]

const NEW = 8

/** What a packet has in a place; undefined where it has no such place. */
function valueOf(expression: unknown, packet: PacketOnItsWay): Value | undefined {
  if (!isRecord(expression)) throw new Error('an expression is no object')
  if ('concat' in expression) {
    const parts = list(expression['concat']).map((part) => valueOf(part, packet))
    const known = parts.filter((part) => typeof part === 'string' || typeof part === 'number')
    return known.length === parts.length ? known : undefined
  }
  if ('&' in expression) {
    const [operand, mask] = list(expression['&'])
    const value = valueOf(operand, packet)
    return typeof value === 'number' ? (value & Number(mask)) >>> 0 : undefined
  }
  if ('meta' in expression) return metaOf(text(field(expression['meta'], 'key')), packet)
  if ('|' in expression) {
    const [operand, bits] = list(expression['|'])
    const value = valueOf(operand, packet)
    return typeof value === 'number' ? (value | Number(bits)) >>> 0 : undefined
  }
  if ('ct' in expression) return ctOf(text(field(expression['ct'], 'key')), packet)
  if ('payload' in expression) {
    const { payload } = expression
    return payloadOf(text(field(payload, 'protocol')), text(field(payload, 'field')), packet)
  }
  throw new Error(`${JSON.stringify(expression)} is not known`)
}

const isIPv6 = ({ from }: RoutedPacket): boolean => from.includes(':')

function metaOf(key: string, packet: PacketOnItsWay): Value {
  switch (key) {
    case 'iifname':
      return packet.in
    case 'oifname':
      return packet.out
    case 'nfproto':
      return isIPv6(packet) ? 10 : 2
    case 'l4proto':
      return packet.protocol
    default:
      throw new Error(`meta ${key} is not known`)
  }
}

/** `ct mark set`, which is all that palisade changes. */
function mark(mangle: unknown, packet: PacketOnItsWay): void {
  const value = valueOf(field(mangle, 'value'), packet)
  if (field(field(field(mangle, 'key'), 'ct'), 'key') !== 'mark' || typeof value !== 'number') {
    throw new Error(`${JSON.stringify(mangle)} is not known`)
  }
  packet.connection.mark = value
}

/** Of a connection that begins with this packet. */
function ctOf(key: string, { connection }: PacketOnItsWay): Value {
  switch (key) {
    case 'state':
      return NEW
    case 'direction':
      return 0
    case 'mark':
      return connection.mark
    default:
      throw new Error(`ct ${key} is not known`)
  }
}

const PORTS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, dccp: 33, udplite: 136, sctp: 132 }

function payloadOf(protocol: string, name: string, packet: PacketOnItsWay): Value | undefined {
  const { icmp } = packet
  switch (protocol) {
    case 'ether':
      return packet.mac
    case 'ip':
    case 'ip6':
      if (isIPv6(packet) !== (protocol === 'ip6')) return undefined
      if (name === 'hoplimit') return 63
      return name === 'saddr' ? packet.from : packet.to
    case 'icmp':
    case 'icmpv6':
      if (packet.protocol !== (protocol === 'icmp' ? 1 : 58)) return undefined
      return name === 'type' ? icmp?.type : icmp?.code
    case 'th':
      return name === 'dport' ? packet.port : packet.sourcePort
    default: {
      const number = PORTS[protocol]
      if (number === undefined) throw new Error(`${protocol} is not known`)
      if (packet.protocol !== number) return undefined
      return name === 'dport' ? packet.port : packet.sourcePort
    }
  }
}

function isEqual(right: unknown, value: Value): boolean {
  if (isRecord(right) && 'concat' in right) {
    const parts = list(right['concat'])
    return typeof value === 'object' && parts.every((part, index) => isEqual(part, value[index] ?? ''))
  }
  if (typeof value === 'object') throw new Error('a concatenation is compared with a single value')
  if (isRecord(right) && 'range' in right) {
    const [first, last] = list(right['range'])
    if (typeof value === 'string') return isBetween(value, text(first), text(last))
    return Number(first) <= value && value <= Number(last)
  }
  if (isRecord(right) && 'prefix' in right) {
    const { prefix } = right
    return (
      typeof value === 'string' &&
      isInPrefix(value, `${text(field(prefix, 'addr'))}/${String(field(prefix, 'len'))}`)
    )
  }
  if (typeof right === 'string' && right.endsWith('*')) return String(value).startsWith(right.slice(0, -1))
  return String(right) === String(value)
}

/** nft writes an interval that is no prefix as a range; only those at the ends of the address space are. */
function isBetween(value: string, first: string, last: string): boolean {
  const rank = (address: string): bigint =>
    address.includes(':')
      ? rank6(address)
      : address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  return (
    value.includes(':') === first.includes(':') && rank(first) <= rank(value) && rank(value) <= rank(last)
  )
}

function rank6(address: string): bigint {
  const [head = '', tail] = address.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const low = groups(tail ?? '')
  const high = groups(head)
  const zeros = tail === undefined ? 0 : 8 - high.length - low.length
  const all = [...high, ...Array.from({ length: zeros }, () => '0'), ...low]
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

function field(value: unknown, name: string): unknown {
  if (isRecord(value) && name in value) return value[name]
  throw new Error(`${JSON.stringify(value)} has no ${name}`)
}

function list(value: unknown): readonly unknown[] {
  if (isList(value)) return value
  throw new Error(`${JSON.stringify(value)} is no list`)
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error(`${JSON.stringify(value)} is no text`)
}
