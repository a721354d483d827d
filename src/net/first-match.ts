import type { Region } from './region.ts'

/** An item of an ordered list with what it matches and what of that it decides. */
export interface Share<T, S> {
  readonly item: T
  /** Everything that it matches by itself. */
  readonly matches: S
  /** What no earlier item matches; empty for an item that never has a say. */
  readonly decides: S
}

/** Where each part comes from when the first item that matches decides: the shares are disjoint. */
export function firstMatch<T, S extends Region<S, P>, P>(
  items: readonly T[],
  matches: (item: T) => S,
  none: S,
): readonly Share<T, S>[] {
  let taken = none
  return items.map((item) => {
    const own = matches(item)
    const decides = own.difference(taken)
    taken = taken.union(own)
    return { item, matches: own, decides }
  })
}
