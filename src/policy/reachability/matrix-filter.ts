import { parseKey } from '../../core/key.ts'
import { parseAddress } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../net/interval-set.ts'
import { lastAddress, parsePrefix, type Prefix } from '../../net/prefix.ts'
import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import type { Matrix } from './matrix.ts'
import type { MatrixEnd } from './matrix-end.ts'

/** What is asked for; absent: everything. */
export interface MatrixFilter {
  readonly from?: string
  readonly to?: string
  /** Only these packets. */
  readonly traffic?: Traffic
}

/** The cells asked for, cut down to the traffic asked for; ends stay whole, since they are alike. */
export function filtered({ ends, cells }: Matrix, { from, to, traffic: wanted }: MatrixFilter): Matrix {
  const senders = new Set(ends.filter((end) => from === undefined || isMeant(end, from)))
  const receivers = new Set(ends.filter((end) => to === undefined || isMeant(end, to)))
  const left = cells.flatMap((cell) => {
    if (!senders.has(cell.from) || !receivers.has(cell.to)) return []
    if (wanted === undefined) return [cell]
    const traffic = new Map(
      [...cell.traffic].map(([family, set]) => [family, TRAFFIC.intersection(set, wanted)]),
    )
    return [...traffic.values()].every((set) => TRAFFIC.isEmpty(set)) ? [] : [{ ...cell, traffic }]
  })
  return { ends: ends.filter((end) => senders.has(end) || receivers.has(end)), cells: left }
}

/** Whether a word speaks of an end: `Internet`, an address or prefix, or the name of an instance or group. */
export function isMeant(end: MatrixEnd, word: string): boolean {
  const prefix = prefixOf(word)
  if (prefix !== undefined) {
    const asked = IntervalSet.of(BIG_INTEGERS, [{ first: prefix.first, last: lastAddress(prefix) }])
    return end.addresses.get(prefix.family)?.intersection(asked).isEmpty === false
  }
  return namesOf(end).has(word)
}

/** Every name that an end can be asked for by. */
export function namesOf(end: MatrixEnd): ReadonlySet<string> {
  const instances = end.instances.map(parseKey)
  return new Set([
    ...(end.kind === 'Internet' ? ['Internet'] : []),
    ...instances.flatMap(({ namespace, name }) => [name, `${namespace}/${name}`]),
    ...end.groups,
    ...end.addressGroups,
  ])
}

function prefixOf(word: string): Prefix | undefined {
  const address = parseAddress(word)
  const bits = address?.family === 'IPv4' ? '/32' : '/128'
  const result = parsePrefix(address === undefined ? word : `${word}${bits}`)
  return result.ok ? result.prefix : undefined
}
