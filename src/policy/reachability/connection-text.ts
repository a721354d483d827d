import { eachFamily, FAMILIES, type Family } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../net/interval-set.ts'
import { ICMP, ICMPV6, IGMP } from '../../net/protocol.ts'
import { ALL_TRAFFIC, TRAFFIC, trafficOf, type Traffic } from '../../net/traffic.ts'
import type { Difference, JointParty } from './difference.ts'
import { hasOtherFamily, isOutside, joinedSide, namedSide, sideOf, type Side } from './connection-side.ts'
import {
  joinedAddresses,
  joinedNames,
  namedInstances,
  sideText,
  type Addresses,
  type NamedSide,
} from './side-text.ts'
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
  const opens = changes.flatMap(({ from, to, opened }) => piecesOf(sideAfter(from), sideAfter(to), opened))
  const closes = changes.flatMap(({ from, to, closed }) => piecesOf(sideBefore(from), sideBefore(to), closed))
  return { opens: worded(opens, everyone), closes: worded(closes, everyone) }
}

/** What passes in a family, or alike in both. */
interface Entry {
  readonly from: Side
  readonly to: Side
  readonly traffic: Traffic
  readonly families: readonly Family[]
}

/** What does not exist in a family, though a rule for all traffic allows it. */
const ABSENT: Readonly<Record<Family, Traffic>> = {
  IPv4: trafficOf({ protocol: ICMPV6 }),
  IPv6: TRAFFIC.union(trafficOf({ protocol: ICMP }), trafficOf({ protocol: IGMP })),
}

/** Of these the family need not be said. */
const ONE_BY_ONE = [ICMP, IGMP, ICMPV6].map((protocol) => trafficOf({ protocol }))
const OF_BOTH = ONE_BY_ONE.reduce(TRAFFIC.difference, ALL_TRAFFIC)

/** Cut small, so that what many sources share with a few is said once of all. */
function piecesOf(from: Side, to: Side, traffic: Traffic): readonly Entry[] {
  const present = TRAFFIC.difference(traffic, ABSENT[from.family])
  const entries = (part: Traffic, families: readonly Family[]): readonly Entry[] =>
    TRAFFIC.intersection(present, part).flatMap(({ first, last, rest }) =>
      rest.map((payloads) => ({ from, to, traffic: [{ first, last, rest: [payloads] }], families })),
    )
  // What exists in one family only is never missing in the other.
  return [...entries(OF_BOTH, [from.family]), ...ONE_BY_ONE.flatMap((part) => entries(part, FAMILIES))]
}

/** What is told in one line. */
interface Line {
  readonly from: NamedSide
  readonly to: NamedSide
  readonly traffic: Traffic
  /** What need not be said to be missing. */
  readonly absent: Traffic
  /** The only family; empty where that need not be said. */
  readonly family: string
}

type Words = (side: NamedSide) => string
type Merge = (lines: readonly Line[], text: Words) => readonly Line[]

const bySource: Merge = (lines, text) =>
  merged(
    lines,
    ({ to, traffic, family }) => [text(to), trafficText(traffic), family],
    (a, b) => ({ ...a, from: joinedNames(a.from, b.from), absent: absentOf(a, b) }),
  )

const byTarget: Merge = (lines, text) =>
  merged(
    lines,
    ({ from, traffic, family }) => [text(from), trafficText(traffic), family],
    (a, b) => ({ ...a, to: joinedNames(a.to, b.to), absent: absentOf(a, b) }),
  )

const byTraffic: Merge = (lines, text) =>
  merged(
    lines,
    ({ from, to, family }) => [text(from), text(to), family],
    (a, b) => ({
      ...a,
      traffic: TRAFFIC.union(a.traffic, b.traffic),
      absent: TRAFFIC.union(a.absent, b.absent),
    }),
  )

const absentOf = (a: Line, b: Line): Traffic => TRAFFIC.intersection(a.absent, b.absent)

/** What is joined first keeps other lines apart, so each order is tried. */
const ORDERS: readonly (readonly Merge[])[] = [
  [bySource, byTarget, byTraffic],
  [bySource, byTraffic, byTarget],
  [byTarget, bySource, byTraffic],
  [byTarget, byTraffic, bySource],
  [byTraffic, bySource, byTarget],
  [byTraffic, byTarget, bySource],
]

/** The fewest lines; of as many, the shortest. */
function worded(entries: readonly Entry[], everyone: Addresses): readonly ConnectionText[] {
  const text = remembered((side: NamedSide) => sideText(side, everyone))
  const lines = inBothFamilies(entries).map(({ from, to, traffic, families }) => {
    // Instances that could speak in the other family too, and do not do so alike.
    const isOfOne = hasOtherFamily(from, families) && hasOtherFamily(to, families)
    return {
      ...{ from: namedSide(from), to: namedSide(to), traffic, family: isOfOne ? families.join() : '' },
      absent: families.map((family) => ABSENT[family]).reduce(TRAFFIC.intersection),
    }
  })
  const [best = []] = ORDERS.map((order) =>
    order.reduce<readonly Line[]>((all, merge) => merge(all, text), lines),
  )
    .map((all) => all.map((line) => textOf(line, text)).sort((a, b) => (lineOf(a) < lineOf(b) ? -1 : 1)))
    .sort((a, b) => a.length - b.length || lengthOf(a) - lengthOf(b))
  return best
}

function textOf({ from, to, traffic, absent, family }: Line, text: Words): ConnectionText {
  const passing = trafficText(traffic, absent)
  return { from: text(from), to: text(to), traffic: family === '' ? passing : `${passing} (${family})` }
}

const lengthOf = (all: readonly ConnectionText[]): number =>
  all.reduce((sum, line) => sum + lineOf(line).length, 0)

const lineOf = ({ from, to, traffic }: ConnectionText): string => `${to}|${from}|${traffic}`

/** Instances and what is outside stay apart here: which family is meant can be seen of what is outside alone. */
function inBothFamilies(entries: readonly Entry[]): readonly Entry[] {
  const outside = remembered(({ family, outside: addresses }: Side) =>
    addresses[family].intervals.map(({ first, last }) => `${String(first)}-${String(last)}`).join(),
  )
  const instances = remembered((side: Side) => namedInstances(namedSide(side)).join())
  const whole = (side: Side): readonly string[] => [side.family, instances(side), outside(side)]
  const bySource = merged(
    entries,
    ({ from, to, traffic }) => [String(isOutside(from)), ...whole(to), trafficText(traffic)],
    (a, b) => ({ ...a, from: joinedSide(a.from, b.from) }),
  )
  const byTarget = merged(
    bySource,
    ({ from, to, traffic }) => [String(isOutside(to)), ...whole(from), trafficText(traffic)],
    (a, b) => ({ ...a, to: joinedSide(a.to, b.to) }),
  )
  return merged(
    byTarget,
    ({ from, to, traffic }) => [instances(from), instances(to), trafficText(traffic)],
    withOtherFamily,
  )
}

/** Two entries with the same instances, one of each family. */
function withOtherFamily(a: Entry, b: Entry): Entry {
  const families = FAMILIES.filter((family) => a.families.includes(family) || b.families.includes(family))
  const from = { ...a.from, outside: joinedAddresses(a.from.outside, b.from.outside) }
  return { ...a, families, from, to: { ...a.to, outside: joinedAddresses(a.to.outside, b.to.outside) } }
}

/** Those of the same identity become one. */
function merged<T>(
  all: readonly T[],
  identity: (one: T) => readonly string[],
  join: (a: T, b: T) => T,
): readonly T[] {
  const known = new Map<string, T>()
  for (const one of all) {
    const key = identity(one).join('|')
    const other = known.get(key)
    known.set(key, other === undefined ? one : join(other, one))
  }
  return [...known.values()]
}

/** Each side is put into words once. */
function remembered<T>(words: (side: T) => string): (side: T) => string {
  const known = new Map<T, string>()
  return (side) => {
    const text = known.get(side) ?? words(side)
    known.set(side, text)
    return text
  }
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
