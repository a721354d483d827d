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
}

/**
 * So many connections are selected one by one. Beyond, whoever opens ten thousand to be cut would make the kernel go
 * through as many for each, which takes minutes.
 */
const FEW = 64

/**
 * Selections of all connections that are to be selected, and of none that is to be spared: where there are many, all
 * of an opener together, or all that ask for one port, or all of them to one end.
 *
 * A connection that is opened after the list was made may be selected with others that are like it but for the port of
 * its opener, its destination or, if all of an opener are to be selected, its port.
 */
export function select(
  connections: readonly Connection[],
  wishFor: (connection: Connection) => Wish,
): readonly ConnectionSelection[] {
  const all = connections.map((connection): Wished => ({ connection, wish: wishFor(connection) }))
  const selected = all.filter(({ wish }) => wish === 'Selected')
  if (selected.length <= FEW) {
    return selected.map(({ connection }) => ({ ...wordsOf(connection, connection.words.length), count: 1 }))
  }
  return narrowed(all, 1)
}

function narrowed(all: readonly Wished[], depth: number): readonly ConnectionSelection[] {
  const alike = new Map<string, Wished[]>()
  for (const one of all) {
    const { family, words } = wordsOf(one.connection, depth)
    const identity = [family, ...words].join(' ')
    const group = alike.get(identity)
    if (group === undefined) alike.set(identity, [one])
    else group.push(one)
  }
  return [...alike.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined || group.every(({ wish }) => wish !== 'Selected')) return []
    const isWhole = depth === first.connection.words.length
    if (isWhole || group.every(({ wish }) => wish !== 'Spared')) {
      return { ...wordsOf(first.connection, depth), count: group.length }
    }
    return narrowed(group, depth + 1)
  })
}

function wordsOf(
  { family, words }: Connection,
  depth: number,
): Pick<ConnectionSelection, 'family' | 'words'> {
  return { family, words: words.slice(0, depth).flat() }
}
