import { eachFamily } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../net/interval-set.ts'
import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import type { Difference, JointParty } from './difference.ts'
import { joinedSide, NO_ADDRESSES, sideText, type Addresses, type Side } from './side-text.ts'
import { trafficText } from './traffic-text.ts'

/** Connections that a change opens or closes, in words. */
export interface ConnectionText {
  readonly from: string
  readonly to: string
  readonly traffic: string
}

export interface ConnectionTexts {
  readonly opens: readonly ConnectionText[]
  readonly closes: readonly ConnectionText[]
}

/** Says a difference in few lines: what opens alike is said together. Equal differences have equal texts. */
export function connectionTexts({ changes, parties }: Difference): ConnectionTexts {
  const everyone = outsideOf(parties)
  const [after, before] = [new Map<JointParty, Side>(), new Map<JointParty, Side>()]
  const sideIn =
    (known: Map<JointParty, Side>, version: 'before' | 'after') =>
    (party: JointParty): Side => {
      const side = known.get(party) ?? sideOf(party, version)
      known.set(party, side)
      return side
    }
  const [sideAfter, sideBefore] = [sideIn(after, 'after'), sideIn(before, 'before')]
  const opens = changes.map(({ from, to, opened }) => entry(sideAfter(from), sideAfter(to), opened))
  const closes = changes.map(({ from, to, closed }) => entry(sideBefore(from), sideBefore(to), closed))
  return { opens: worded(opens, everyone), closes: worded(closes, everyone) }
}

interface Entry {
  readonly from: Side
  readonly to: Side
  readonly traffic: Traffic
}

const entry = (from: Side, to: Side, traffic: Traffic): Entry => ({ from, to, traffic })

function sideOf(party: JointParty, version: 'before' | 'after'): Side {
  const { ruleSet, members, family } = party[version]
  if (ruleSet === undefined) {
    return { instances: new Set(), outside: { ...NO_ADDRESSES, [family]: party.addresses } }
  }
  const owners = members.filter(({ address }) => party.addresses.contains(address))
  return { instances: new Set(owners.map(({ instance }) => instance.key)), outside: NO_ADDRESSES }
}

function worded(entries: readonly Entry[], everyone: Addresses): readonly ConnectionText[] {
  const known = new Map<Side, string>()
  const text = (side: Side): string => {
    const words = known.get(side) ?? sideText(side, everyone)
    known.set(side, words)
    return words
  }
  const pieces = entries.flatMap((one) => piecesOf(one.traffic).map((traffic) => ({ ...one, traffic })))
  const bySource = joined(pieces, ({ to, traffic }) => `${text(to)}|${trafficText(traffic)}`, 'from')
  const byTarget = joined(bySource, ({ from, traffic }) => `${text(from)}|${trafficText(traffic)}`, 'to')
  const byTraffic = joinedTraffic(byTarget, ({ from, to }) => `${text(from)}|${text(to)}`)
  return byTraffic
    .map(({ from, to, traffic }) => ({ from: text(from), to: text(to), traffic: trafficText(traffic) }))
    .sort((a, b) => (lineOf(a) < lineOf(b) ? -1 : 1))
}

const lineOf = ({ from, to, traffic }: ConnectionText): string => `${to}|${from}|${traffic}`

/** Cut small, so that what many sources share with a few is said once of all. */
function piecesOf(traffic: Traffic): readonly Traffic[] {
  return traffic.flatMap(({ first, last, rest }) =>
    rest.map((payloads) => [{ first, last, rest: [payloads] }]),
  )
}

/** Entries that agree in all but one side become one. */
function joined(
  entries: readonly Entry[],
  identity: (one: Entry) => string,
  side: 'from' | 'to',
): readonly Entry[] {
  return merged(entries, identity, (a, b) => ({ ...a, [side]: joinedSide(a[side], b[side]) }))
}

function joinedTraffic(entries: readonly Entry[], identity: (one: Entry) => string): readonly Entry[] {
  return merged(entries, identity, (a, b) => ({ ...a, traffic: TRAFFIC.union(a.traffic, b.traffic) }))
}

function merged(
  entries: readonly Entry[],
  identity: (one: Entry) => string,
  join: (a: Entry, b: Entry) => Entry,
): readonly Entry[] {
  const known = new Map<string, Entry>()
  for (const one of entries) {
    const key = identity(one)
    const other = known.get(key)
    known.set(key, other === undefined ? one : join(other, one))
  }
  return [...known.values()]
}

/** Every address that is nobody's, before and after. */
function outsideOf(parties: readonly JointParty[]): Addresses {
  const outside = parties.filter(
    ({ before, after }) => before.ruleSet === undefined && after.ruleSet === undefined,
  )
  return eachFamily((family) =>
    IntervalSet.of(
      BIG_INTEGERS,
      outside
        .filter(({ after }) => after.family === family)
        .flatMap(({ addresses }) => [...addresses.intervals]),
    ),
  )
}
