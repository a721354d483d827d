import { eachFamily } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../net/interval-set.ts'
import type { Traffic } from '../../net/traffic.ts'
import { joinedAlike, joinedOnce, remembered, TextNumbers, type Some } from './alike.ts'
import { inBothFamilies, type Entry } from './connection-entry.ts'
import { hasOtherFamily, namedSide, sideOf, type Side } from './connection-side.ts'
import type { Difference, JointParty } from './difference.ts'
import { joinedNames, sideText, type Addresses, type NamedSide } from './side-text.ts'
import { TrafficWords } from './traffic-words.ts'

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
  const words = new TrafficWords()
  const entriesIn = (
    version: 'before' | 'after',
    changed: (change: Difference['changes'][number]) => Traffic,
  ): readonly Entry[] => {
    const side = remembered((party: JointParty): Side => sideOf(party, version))
    return changes.flatMap((change) => {
      const [from, to] = [side(change.from), side(change.to)]
      return words.parts(changed(change), from.family).map((part) => ({ ...part, from, to }))
    })
  }
  return {
    opens: worded(
      entriesIn('after', ({ opened }) => opened),
      words,
      everyone,
    ),
    closes: worded(
      entriesIn('before', ({ closed }) => closed),
      words,
      everyone,
    ),
  }
}

/** What is told in one line. */
interface Line {
  readonly from: NamedSide
  readonly to: NamedSide
  /** See TrafficNumbers. */
  readonly traffic: number
  /** What need not be said to be missing. */
  readonly absent: number
  /** The only family; empty where that need not be said. */
  readonly family: string
}

/** Joins lines that are alike but for one of their ends, or their traffic. */
type Join = (lines: readonly Line[]) => readonly Line[]

/** The fewest lines; of as many, the shortest. */
function worded(
  entries: readonly Entry[],
  words: TrafficWords,
  everyone: Addresses,
): readonly ConnectionText[] {
  const text = remembered((side: NamedSide) => sideText(side, everyone))
  const lines = linesOf(inBothFamilies(entries), words)
  const [best = []] = ordersOf(words, text)
    .map((order) => order.reduce((all, join) => join(all), lines))
    .map((all) =>
      all.map((line) => textOf(line, words, text)).sort((a, b) => (lineOf(a) < lineOf(b) ? -1 : 1)),
    )
    .sort((a, b) => a.length - b.length || lengthOf(a) - lengthOf(b))
  return best
}

function linesOf(entries: readonly Entry[], words: TrafficWords): readonly Line[] {
  const name = remembered(namedSide)
  return entries.map(({ from, to, traffic, families }) => {
    // Instances that could speak in the other family too, and do not do so alike.
    const isOfOne = hasOtherFamily(from, families) && hasOtherFamily(to, families)
    const family = isOfOne ? families.join() : ''
    return { from: name(from), to: name(to), traffic, absent: words.absentIn(families), family }
  })
}

/** What is joined first keeps other lines apart, so each order is tried. */
function ordersOf(
  { numbers }: TrafficWords,
  text: (side: NamedSide) => string,
): readonly (readonly Join[])[] {
  const texts = new TextNumbers()
  const side = remembered((named: NamedSide) => texts.of(text(named)))
  const joined = joinedOnce(joinedNames)
  const absentOf = (lines: Some<Line>): number =>
    lines.map(({ absent }) => absent).reduce((a, b) => numbers.common(a, b))
  const bySource: Join = (lines) =>
    joinedAlike(
      lines,
      ({ to, traffic, family }) => `${side(to)}|${traffic}|${family}`,
      (alike) => ({ ...alike[0], from: joined(alike.map(({ from }) => from)), absent: absentOf(alike) }),
    )
  const byTarget: Join = (lines) =>
    joinedAlike(
      lines,
      ({ from, traffic, family }) => `${side(from)}|${traffic}|${family}`,
      (alike) => ({ ...alike[0], to: joined(alike.map(({ to }) => to)), absent: absentOf(alike) }),
    )
  const byTraffic: Join = (lines) =>
    joinedAlike(
      lines,
      ({ from, to, family }) => `${side(from)}|${side(to)}|${family}`,
      (alike) => ({
        ...alike[0],
        traffic: alike.map(({ traffic }) => traffic).reduce((a, b) => numbers.union(a, b)),
        absent: alike.map(({ absent }) => absent).reduce((a, b) => numbers.union(a, b)),
      }),
    )
  return [
    [bySource, byTarget, byTraffic],
    [bySource, byTraffic, byTarget],
    [byTarget, bySource, byTraffic],
    [byTarget, byTraffic, bySource],
    [byTraffic, bySource, byTarget],
    [byTraffic, byTarget, bySource],
  ]
}

function textOf(
  { from, to, traffic, absent, family }: Line,
  words: TrafficWords,
  text: (side: NamedSide) => string,
): ConnectionText {
  const passing = words.text(traffic, absent)
  return { from: text(from), to: text(to), traffic: family === '' ? passing : `${passing} (${family})` }
}

const lengthOf = (all: readonly ConnectionText[]): number =>
  all.reduce((sum, line) => sum + lineOf(line).length, 0)

const lineOf = ({ from, to, traffic }: ConnectionText): string => `${to}|${from}|${traffic}`

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
