import { ADDRESS_BITS, formatAddress, parseAddress } from './address.ts'
import type { Address, Family } from './address.ts'

/** A CIDR block. `first` is its network address: every bit after the first `length` bits is zero. */
export interface Prefix {
  readonly family: Family
  readonly first: bigint
  readonly length: number
}

/**
 * `Syntax`: not an address or a prefix. `HostBits`: `10.0.0.1/8` may have meant the whole network or
 * the one host, and guessing would open too much or too little; both candidates are given canonically.
 */
export type PrefixResult =
  | { readonly ok: true; readonly prefix: Prefix }
  | { readonly ok: false; readonly reason: 'Syntax' }
  | { readonly ok: false; readonly reason: 'HostBits'; readonly network: string; readonly host: string }

const SYNTAX: PrefixResult = { ok: false, reason: 'Syntax' }

const PREFIX_LENGTH = /^(?:0|[1-9]\d{0,2})$/

/** Reads `ADDRESS/LENGTH`, or a bare address, which stands for itself alone (/32 or /128). */
export function parsePrefix(text: string): PrefixResult {
  const slash = text.indexOf('/')
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash))
  if (address === undefined) return SYNTAX
  const { family, value } = address
  const bits = ADDRESS_BITS[family]
  if (slash === -1) return { ok: true, prefix: { family, first: value, length: bits } }

  const digits = text.slice(slash + 1)
  if (!PREFIX_LENGTH.test(digits)) return SYNTAX
  const length = Number(digits)
  if (length > bits) return SYNTAX

  const host = value & hostMask(bits - length)
  if (host === 0n) return { ok: true, prefix: { family, first: value, length } }
  return {
    ok: false,
    reason: 'HostBits',
    network: formatPrefix({ family, first: value - host, length }),
    host: formatPrefix({ family, first: value, length: bits }),
  }
}

/** A prefix that was accepted; throws on text that no check lets through. */
export function readPrefix(text: string): Prefix {
  const result = parsePrefix(text)
  if (!result.ok) throw new Error(`${text} is not a prefix`)
  return result.prefix
}

/** Canonical text, always with its length: `10.0.0.0/8`, `10.0.0.1/32`, `fd00::/48`. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress({ family: prefix.family, value: prefix.first })}/${prefix.length}`
}

/** The highest address of the block, as an integer (an IPv4 broadcast address included). */
export function lastAddress(prefix: Prefix): bigint {
  return prefix.first | hostMask(hostBits(prefix))
}

export function containsAddress(prefix: Prefix, address: Address): boolean {
  return prefix.family === address.family && agree(prefix, address.value)
}

/** Whether every address of `inner` is in `outer`; a prefix contains itself. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  return outer.family === inner.family && outer.length <= inner.length && agree(outer, inner.first)
}

/** Whether they share an address. Two prefixes never overlap in part: one then contains the other. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return containsPrefix(a, b) || containsPrefix(b, a)
}

/** IPv4 before IPv6, then by first address, then the larger block first. Zero only for equal prefixes. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family === 'IPv4' ? -1 : 1
  if (a.first !== b.first) return a.first < b.first ? -1 : 1
  return a.length - b.length
}

/**
 * The fewest prefixes that hold exactly the addresses of `list`, sorted and disjoint: one set of
 * addresses has one such list, whatever prefixes it was written with.
 *
 * In sorted order a prefix can only lie in the one kept last, or be the upper half of a block whose
 * lower half was kept last; joining two halves may complete the next larger block, hence the loop.
 */
export function mergePrefixes(list: readonly Prefix[]): Prefix[] {
  const merged: Prefix[] = []
  for (const prefix of list.toSorted(comparePrefixes)) {
    let kept = merged.at(-1)
    if (kept !== undefined && containsPrefix(kept, prefix)) continue
    let block = prefix
    while (kept !== undefined && areHalves(kept, block)) {
      block = { family: kept.family, first: kept.first, length: kept.length - 1 }
      merged.pop()
      kept = merged.at(-1)
    }
    merged.push(block)
  }
  return merged
}

/** Whether the two, `lower` sorting first, are the halves of one block of twice their size. */
function areHalves(lower: Prefix, upper: Prefix): boolean {
  if (lower.family !== upper.family || lower.length !== upper.length) return false
  return (lower.first ^ upper.first) === 1n << BigInt(hostBits(lower))
}

function agree(prefix: Prefix, value: bigint): boolean {
  return (value | hostMask(hostBits(prefix))) === lastAddress(prefix)
}

function hostBits(prefix: Prefix): number {
  return ADDRESS_BITS[prefix.family] - prefix.length
}

function hostMask(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n
}
