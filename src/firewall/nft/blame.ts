import { displayKey, type ObjectKey } from '../../core/key.ts'
import type { Layout } from './layout.ts'
import { slotOfPart } from './names.ts'
import type { Slot } from './slots.ts'

/**
 * The declared object that a command of nft is about, for a person; undefined for one about palisade's own
 * parts. `element` is the one of many that nft points at.
 */
export function blame(layout: Layout, line: string, element: string | undefined): string | undefined {
  const owner = element === undefined ? undefined : ownerIn(layout, element)
  if (owner !== undefined) return owner
  const part = line.split(' ').find((word) => slotOfPart(word) !== undefined)
  const slot = part === undefined ? undefined : slotNamed(layout, part)
  if (slot === undefined) return remoteIn(layout, line) ?? ownerIn(layout, line)
  const rule = /comment "([^"]*)"$/.exec(line)?.[1]
  return `${rule === undefined ? '' : `rule ${rule} of `}${named([...slot.users]) ?? ''}`
}

/** The declared objects whose parts of a table a whole change is about. */
export function blameParts(layout: Layout, parts: readonly string[]): string | undefined {
  const users = parts.flatMap((part) => [...(slotNamed(layout, part)?.users ?? [])])
  const keys = users.length > 0 ? users : [...layout.instances.keys()]
  return named([...new Set(keys)])
}

function slotNamed(layout: Layout, part: string): Slot | undefined {
  const name = slotOfPart(part)
  return name === undefined ? undefined : [...layout.slots.values()].find((slot) => slot.name === name)
}

function remoteIn(layout: Layout, line: string): string | undefined {
  for (const remote of layout.usedRemotes()) {
    const sets = layout.remoteSets(remote)
    if ([sets?.[4], sets?.[6]].some((set) => set !== undefined && line.includes(` ${set.name} `))) {
      return displayKey(remote)
    }
  }
  return undefined
}

function ownerIn(layout: Layout, words: string): string | undefined {
  for (const [key, { attachment }] of layout.instances) {
    if (attachment?.interface !== undefined && words.includes(`"${attachment.interface}"`)) {
      return displayKey(key)
    }
  }
  return undefined
}

/** `Instance shop/web-1 and 4 more`. */
function named(keys: readonly ObjectKey[]): string | undefined {
  const [first] = keys
  if (first === undefined) return undefined
  return `${displayKey(first)}${keys.length > 1 ? ` and ${String(keys.length - 1)} more` : ''}`
}
