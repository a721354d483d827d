/** A chain as nft lists it: rules without the values of their counters. */
export interface Chain {
  /** Type, hook and priority where packets enter; absent for a chain that rules jump to. */
  readonly base?: string
  readonly rules: readonly string[]
}

/** A set, or a map whose elements have verdicts. Its elements are in `Table.elements`. */
export interface SetShape {
  readonly kind: 'set' | 'map'
  /** As nft writes it: `ifname . ipv4_addr`, `ifname : verdict`. */
  readonly type: string
  /** Holds prefixes rather than single values. */
  readonly interval: boolean
}

export interface NftSet extends SetShape {
  /** What each element leads to; '' in a set. */
  readonly elements: Map<string, string>
}

/** The table `inet palisade` of one network namespace, in the words of `nft -n list table`. */
export interface Table {
  readonly chains: Map<string, Chain>
  readonly sets: Map<string, NftSet>
}

export function emptyTable(): Table {
  return { chains: new Map(), sets: new Map() }
}

export function isSameShape(a: SetShape, b: SetShape): boolean {
  return a.kind === b.kind && a.type === b.type && a.interval === b.interval
}

export function isSameChain(a: Chain, b: Chain): boolean {
  if (a === b) return true
  return (
    a.base === b.base &&
    a.rules.length === b.rules.length &&
    a.rules.every((rule, index) => rule === b.rules[index])
  )
}
