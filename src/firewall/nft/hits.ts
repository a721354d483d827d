import type { Hits } from '../firewall.ts'
import type { Direction } from './compile-rule.ts'
import type { Layout } from './layout.ts'
import type { Listing } from './listing.ts'
import { chainName } from './names.ts'
import type { Slot } from './slots.ts'

const NONE: Hits = { packets: 0, bytes: 0 }

/**
 * What the rules of a slot have counted in one direction, by a listing of the kernel's table. A rule is
 * found again by its words; one that the kernel does not hold (yet) has counted nothing.
 */
export function hitsOf(layout: Layout, slot: Slot, direction: Direction, listing: Listing): readonly Hits[] {
  const counted = new Map<string, Hits[]>()
  const name = chainName(direction, slot.name)
  for (const [index, rule] of (listing.table.chains.get(name)?.rules ?? []).entries()) {
    const hits = listing.hits.get(name)?.[index]
    if (hits === undefined) continue
    const same = counted.get(rule)
    if (same === undefined) counted.set(rule, [hits])
    else same.push(hits)
  }
  return layout.compiled(slot, direction).rules.map(({ lines, elements }) => {
    const ofLines = lines.map((line) => counted.get(line)?.shift() ?? NONE)
    const ofElements = elements.map(({ set, key }) => listing.elementHits.get(set)?.get(key) ?? NONE)
    return [...ofLines, ...ofElements].reduce(sum, NONE)
  })
}

function sum(one: Hits, other: Hits): Hits {
  return { packets: one.packets + other.packets, bytes: one.bytes + other.bytes }
}
