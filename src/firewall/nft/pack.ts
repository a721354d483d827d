import type { EffectiveRule } from '../../api/types.gen.ts'
import { parsePorts } from '../../net/ports.ts'
import { lastAddress, parsePrefix, type Prefix } from '../../net/prefix.ts'
import { hasPorts, parseProtocol } from '../../net/protocol.ts'
import { elementText } from './element.ts'

/**
 * From so many on, rules become elements of one set: a rule costs the first packet of a connection 50 ns,
 * and a set some hundred, whatever it holds. Fewer stay rules, which are easier to read in a listing, and sets
 * cost the square of their number when they are loaded.
 */
export const PACKED_FROM = 64

/** A box of protocol, destination ports and remote addresses. */
export interface PackedElement {
  readonly family: 4 | 6
  readonly protocol: number
  readonly firstPort: number
  readonly lastPort: number
  readonly prefix: Prefix
  /** As nft writes it. */
  readonly key: string
}

/**
 * Which rules of a list can be elements instead, by their index. Only for rules that all allow or all drop,
 * since a set has one verdict. The kernel refuses elements that overlap, depending on their order: of rules that
 * do, the first is packed.
 */
export function packRules(
  rules: readonly EffectiveRule[],
  from: number,
): ReadonlyMap<number, readonly PackedElement[]> {
  const packed = new Map<number, readonly PackedElement[]>()
  if (rules.length < from) return packed
  const candidates = rules.map(elementsOf)
  if (candidates.filter((elements) => elements.length > 0).length < from) return packed
  const taken = new Boxes()
  for (const [index, elements] of candidates.entries()) {
    if (elements.length === 0 || elements.some((element) => taken.overlaps(element))) continue
    for (const element of elements) taken.add(element)
    packed.set(index, elements)
  }
  return packed
}

const ALL_PORTS = { first: 0, last: 65_535 }

/** Empty for a rule that is no union of such boxes, or names a group. */
function elementsOf(rule: EffectiveRule): readonly PackedElement[] {
  const { remote, ports, sourcePorts, icmp } = rule
  const protocol = parseProtocol(rule.protocol)
  if (protocol === undefined || protocol === 'All' || !hasPorts(protocol)) return []
  if (sourcePorts !== undefined || icmp !== undefined) return []
  if (remote.securityGroup !== undefined || remote.addressGroup !== undefined) return []
  const parsed = ports === undefined ? { ok: true as const, ranges: [ALL_PORTS] } : parsePorts(ports)
  if (!parsed.ok) return []
  return prefixesOf(rule).flatMap((prefix) =>
    parsed.ranges.map(({ first, last }) => {
      const portText = first === last ? String(first) : `${String(first)}-${String(last)}`
      const address = elementText(prefix.text)
      const key = `${address} . ${portText} . ${String(protocol)}`
      return { family: prefix.family, protocol, firstPort: first, lastPort: last, prefix: prefix.prefix, key }
    }),
  )
}

function prefixesOf({
  remote,
  etherType,
}: EffectiveRule): readonly { readonly family: 4 | 6; readonly prefix: Prefix; readonly text: string }[] {
  const texts =
    remote.cidr === undefined
      ? [...(etherType === 'IPv6' ? [] : ['0.0.0.0/0']), ...(etherType === 'IPv4' ? [] : ['::/0'])]
      : [remote.cidr]
  return texts.flatMap((text) => {
    const result = parsePrefix(text)
    if (!result.ok) return []
    return [
      { family: result.prefix.family === 'IPv4' ? (4 as const) : (6 as const), prefix: result.prefix, text },
    ]
  })
}

/** Boxes that do not overlap, by family and protocol. */
class Boxes {
  readonly #all = new Map<string, PackedElement[]>()

  add(element: PackedElement): void {
    const key = `${String(element.family)} ${String(element.protocol)}`
    const same = this.#all.get(key)
    if (same === undefined) this.#all.set(key, [element])
    else same.push(element)
  }

  overlaps({ family, protocol, firstPort, lastPort, prefix }: PackedElement): boolean {
    const same = this.#all.get(`${String(family)} ${String(protocol)}`) ?? []
    return same.some(
      (other) =>
        other.firstPort <= lastPort &&
        firstPort <= other.lastPort &&
        other.prefix.first <= lastAddress(prefix) &&
        prefix.first <= lastAddress(other.prefix),
    )
  }
}
