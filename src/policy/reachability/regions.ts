import { ADDRESS_BITS, type Family } from '../../net/address.ts'
import { lastAddress, type Prefix } from '../../net/prefix.ts'

/** A run of addresses that the same remotes hold. */
export interface Region {
  readonly first: bigint
  readonly last: bigint
  /** In alphabetic order. */
  readonly remotes: readonly string[]
}

/** A prefix under the name by which rules call what it belongs to. */
export interface NamedPrefix {
  readonly name: string
  readonly prefix: Prefix
}

/** Cuts all addresses of a family where some prefix begins or ends; in order, without gaps. */
export function regionsOf(family: Family, named: readonly NamedPrefix[]): readonly Region[] {
  const edges = new Map<bigint, { readonly opens: string[]; readonly closes: string[] }>()
  const edge = (at: bigint): { readonly opens: string[]; readonly closes: string[] } => {
    const known = edges.get(at) ?? { opens: [], closes: [] }
    edges.set(at, known)
    return known
  }
  edge(0n)
  for (const { name, prefix } of named) {
    if (prefix.family !== family) continue
    edge(prefix.first).opens.push(name)
    edge(lastAddress(prefix) + 1n).closes.push(name)
  }
  const end = 1n << BigInt(ADDRESS_BITS[family])
  const starts = [...edges.keys()].filter((at) => at < end).sort((a, b) => (a < b ? -1 : 1))
  // How many prefixes of each name hold the address in hand: those of one list may lie in one another.
  const open = new Map<string, number>()
  return starts.map((first, index) => {
    const { opens, closes } = edge(first)
    for (const name of opens) open.set(name, (open.get(name) ?? 0) + 1)
    for (const name of closes) {
      const left = (open.get(name) ?? 0) - 1
      if (left > 0) open.set(name, left)
      else open.delete(name)
    }
    const remotes = [...open.keys()].sort()
    return { first, last: (starts[index + 1] ?? end) - 1n, remotes }
  })
}
