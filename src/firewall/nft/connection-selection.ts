import type { Connection } from './connection.ts'

/** Connections as the program `conntrack` selects them. */
export interface ConnectionSelection {
  readonly family: Connection['family']
  readonly words: readonly string[]
  /** How many there were. */
  readonly count: number
}

/** What is wanted of a connection; either: it makes no difference. */
export type Wish = 'Selected' | 'Spared' | 'Either'

interface Wished {
  readonly connection: Connection
  readonly wish: Wish
  /** Of each kind of words, what tells it from others; of the protocol with the family. */
  readonly keys: readonly string[]
}

/** One at least. */
type Group = readonly [Wished, ...Wished[]]

/**
 * So many connections are selected one by one. Beyond, whoever opens ten thousand to be cut would make the kernel go
 * through as many for each, which takes minutes.
 */
const FEW = 64

/** Kinds of a connection's words, by where they are. */
const [PROTOCOL, OPENER, ASKED, END, OWN] = [0, 1, 2, 3, 4]

/** What connections may have in common, first what many have. */
const COMMON: readonly number[] = [ASKED, END, OPENER]

/**
 * Selections of all connections that are to be selected, and of none that is to be spared: where there are many, by
 * what they have in common, such as their opener, what they ask for, the other end or several of these, whichever
 * takes the fewest selections.
 *
 * A connection that is opened after the list was made may be selected with others if it is like them in all in which
 * they are alike.
 */
export function select(
  connections: readonly Connection[],
  wishFor: (connection: Connection) => Wish,
): readonly ConnectionSelection[] {
  const all = connections.map((connection): Wished => {
    const [protocol = '', ...others] = connection.words.map((some) => some.join(' '))
    return { connection, wish: wishFor(connection), keys: [`${connection.family} ${protocol}`, ...others] }
  })
  const selected = all.filter(({ wish }) => wish === 'Selected')
  if (selected.length <= FEW) return selected.map((one) => selectionOf([one]))
  const groups = partsBy(all, PROTOCOL).flatMap((part) => fewest(part, COMMON, Infinity) ?? [])
  return groups.map(selectionOf)
}

/** The fewest groups that have to be selected if connections are told apart by one kind of words after the other; undefined: more than `limit`. */
function fewest(group: Group, left: readonly number[], limit: number): readonly Group[] | undefined {
  if (!has(group, 'Selected')) return []
  if (limit < 1) return undefined
  if (!has(group, 'Spared')) return [group]
  let best: readonly Group[] | undefined
  // What is the opener's own tells each connection apart, and is of use where nothing else is.
  for (const kind of left.length === 0 ? [OWN] : left) {
    const rest = left.filter((other) => other !== kind)
    best = split(group, kind, rest, best === undefined ? limit : best.length - 1) ?? best
  }
  return best
}

function split(
  group: Group,
  kind: number,
  left: readonly number[],
  limit: number,
): readonly Group[] | undefined {
  const parts = partsBy(group, kind).filter((part) => has(part, 'Selected'))
  if (parts.length > limit) return undefined
  if (kind === OWN) return parts
  const found: Group[] = []
  for (const [index, part] of parts.entries()) {
    // Each of the parts that follow takes one at least.
    const more = fewest(part, left, limit - found.length - (parts.length - index - 1))
    if (more === undefined) return undefined
    found.push(...more)
  }
  return found
}

const has = (group: Group, sought: Wish): boolean => group.some(({ wish }) => wish === sought)

/** Those that have the same words of one kind together. */
function partsBy(group: readonly Wished[], kind: number): readonly Group[] {
  const parts = new Map<string, [Wished, ...Wished[]]>()
  for (const one of group) {
    const key = one.keys[kind] ?? ''
    const part = parts.get(key)
    if (part === undefined) parts.set(key, [one])
    else part.push(one)
  }
  return [...parts.values()]
}

/** By all in which a group is alike, so that as few others as may be are selected with it. */
function selectionOf(group: Group): ConnectionSelection {
  const [{ connection, keys: first }] = group
  const { family, words } = connection
  const alike = words.filter((_words, kind) => group.every(({ keys }) => keys[kind] === first[kind]))
  return { family, words: alike.flat(), count: group.length }
}
