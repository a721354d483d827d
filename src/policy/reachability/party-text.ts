import { parseKey, type ObjectKey } from '../../core/key.ts'
import { ADDRESS_BITS, type Family } from '../../net/address.ts'
import type { IntervalSet } from '../../net/interval-set.ts'
import { formatPrefix, type Prefix } from '../../net/prefix.ts'

/** Prefixes named of a set of addresses; more are counted. */
const NAMED_PREFIXES = 4

/**
 * Names of instances, those with consecutive numbers at the end together: `web-1..web-40`. In the order of
 * their names, numbers by their value.
 */
export function instanceNames(keys: Iterable<ObjectKey>): readonly string[] {
  const names = [...new Set(keys)].map((key) => numbered(parseKey(key).name)).sort(byStemAndNumber)
  const runs: { readonly first: Numbered; last: Numbered }[] = []
  for (const name of names) {
    const open = runs.at(-1)
    if (open !== undefined && follows(open.last, name)) open.last = name
    else runs.push({ first: name, last: name })
  }
  return runs.flatMap(({ first, last }) => {
    if (first === last) return [first.name]
    const isPair = first.number !== undefined && last.number === first.number + 1
    return isPair ? [first.name, last.name] : [`${first.name}..${last.name}`]
  })
}

/** `Internet` for every address but those that instances have; otherwise prefixes, the first few of them. */
export function outsideText(addresses: IntervalSet<bigint>, family: Family, everyone: boolean): string {
  if (everyone) return 'Internet'
  const prefixes = prefixesOf(addresses, family)
  const named = prefixes.slice(0, NAMED_PREFIXES).map(formatPrefix).join(', ')
  const more = prefixes.length - NAMED_PREFIXES
  return more > 0 ? `${named} and ${more} more prefixes` : named
}

/** The fewest prefixes that hold exactly these addresses, in order. */
export function prefixesOf(addresses: IntervalSet<bigint>, family: Family): readonly Prefix[] {
  return addresses.intervals.flatMap(({ first, last }) => {
    const prefixes: Prefix[] = []
    for (let at = first; at <= last;) {
      let bits = 0n
      // The largest block that begins here and does not reach beyond the end.
      while (bits < BigInt(ADDRESS_BITS[family]) && isBlock(at, bits + 1n, last)) bits += 1n
      prefixes.push({ family, first: at, length: ADDRESS_BITS[family] - Number(bits) })
      at += 1n << bits
    }
    return prefixes
  })
}

function isBlock(first: bigint, bits: bigint, last: bigint): boolean {
  const size = 1n << bits
  return first % size === 0n && first + size - 1n <= last
}

interface Numbered {
  readonly name: string
  readonly stem: string
  /** Of the digits at the end, zeros before them apart; undefined where there are none. */
  readonly number: number | undefined
}

function numbered(name: string): Numbered {
  const [, stem, digits] = /^(.*?)(0|[1-9]\d{0,8})$/.exec(name) ?? []
  return { name, stem: stem ?? name, number: digits === undefined ? undefined : Number(digits) }
}

function byStemAndNumber(a: Numbered, b: Numbered): number {
  if (a.stem !== b.stem) return a.stem < b.stem ? -1 : 1
  return (a.number ?? -1) - (b.number ?? -1) || (a.name < b.name ? -1 : 1)
}

function follows(a: Numbered, b: Numbered): boolean {
  return a.number !== undefined && a.stem === b.stem && b.number === a.number + 1
}
