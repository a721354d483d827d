import { isSameList } from '../../core/same-list.ts'

/** A chain as nft lists it: rules without the values of their counters. */
export interface Chain {
  /** Type, hook and priority where packets enter; absent for a chain that rules jump to. */
  readonly base?: string
  readonly rules: readonly string[]
  /** Present where each rule keeps its counter when others are edited; `AnyButLast`: the order of those before the last says nothing. */
  readonly order?: 'AnyButLast' | 'Fixed'
  /** Of each rule as the kernel holds it, what it may be deleted by; 0: not known. */
  readonly handles?: readonly number[]
}

/** A set, or a map whose elements have verdicts. Its elements are in `Table.elements`. */
export interface SetShape {
  readonly kind: 'set' | 'map'
  /** As nft writes it: `ifname . ipv4_addr`, `ifname : verdict`. */
  readonly type: string
  /** Holds prefixes rather than single values. */
  readonly interval: boolean
  /** Present where each element counts what it matches. */
  readonly counts?: true
  /** How many elements it may hold; absent: any number. */
  readonly size?: number
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
  const isSameKind = a.kind === b.kind && a.type === b.type && a.interval === b.interval
  return isSameKind && a.counts === b.counts && a.size === b.size
}

export function isSameChain(a: Chain, b: Chain): boolean {
  if (a === b) return true
  if (a.base !== b.base) return false
  if (isSameList(a.rules, b.rules)) return true
  if (a.rules.length !== b.rules.length || a.rules.at(-1) !== b.rules.at(-1)) return false
  if (a.order !== 'AnyButLast' && b.order !== 'AnyButLast') return false
  return isSameList(a.rules.toSorted(), b.rules.toSorted())
}
