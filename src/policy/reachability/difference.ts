import { FAMILIES, type Family } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet, type Interval } from '../../net/interval-set.ts'
import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import type { Party } from './party.ts'
import type { Reachability } from './reachability.ts'

/** Addresses that were one party and are one party. */
export interface JointParty {
  readonly before: Party
  readonly after: Party
  readonly addresses: IntervalSet<bigint>
}

/** What a change opens or closes between two joint parties. */
export interface ConnectionChange {
  readonly from: JointParty
  readonly to: JointParty
  readonly opened: Traffic
  readonly closed: Traffic
}

/** The difference of two reachability relations of one VPC. */
export interface Difference {
  /** In the order of the parties. */
  readonly changes: readonly ConnectionChange[]
  readonly parties: readonly JointParty[]
}

/**
 * The exact difference of two relations. What two addresses that no instance has do with each other is
 * nothing that a rule decides, and left out.
 */
export function differenceOf(before: Reachability, after: Reachability): Difference {
  const joint = jointParties(before, after)
  const changed = joint.map((one) => !isUnchanged(one, before, after))
  const affected = joint.flatMap((one, place) => (changed[place] === true ? [one] : []))
  const changes: ConnectionChange[] = []
  for (const [place, from] of joint.entries()) {
    for (const to of changed[place] === true ? joint : affected) {
      if (from.after.family !== to.after.family) continue
      if (!isInstance(from) && !isInstance(to)) continue
      const was = isNew(from) || isNew(to) ? TRAFFIC.empty : trafficIn(before, from.before, to.before)
      const is = isGone(from) || isGone(to) ? TRAFFIC.empty : trafficIn(after, from.after, to.after)
      if (TRAFFIC.equals(was, is)) continue
      const opened = TRAFFIC.difference(is, was)
      const closed = TRAFFIC.difference(was, is)
      changes.push({ from, to, opened, closed })
    }
  }
  return { changes, parties: joint }
}

/** Nothing passes between addresses of which no instance is an end: it is not for palisade to say. */
function trafficIn(reachability: Reachability, from: Party, to: Party): Traffic {
  if (from.ruleSet === undefined && to.ruleSet === undefined) return TRAFFIC.empty
  return reachability.traffic(from, to)
}

/**
 * What an address does before an instance has it, and after, counts for nothing: all connections of a new
 * instance are opened, and all of one that goes are closed.
 */
const isNew = ({ before, after }: JointParty): boolean =>
  before.ruleSet === undefined && after.ruleSet !== undefined
const isGone = ({ before, after }: JointParty): boolean =>
  before.ruleSet !== undefined && after.ruleSet === undefined

const isInstance = ({ before, after }: JointParty): boolean =>
  before.ruleSet !== undefined || after.ruleSet !== undefined

/** In the order of the old parties, then of the new. */
function jointParties(before: Reachability, after: Reachability): readonly JointParty[] {
  return FAMILIES.flatMap((family) => {
    const [old, now] = [runsOf(before, family), runsOf(after, family)]
    const shared = new Map<number, Map<number, Interval<bigint>[]>>()
    let at = 0
    // Both lists hold every address of the family once, so they are walked side by side.
    for (const { first, last, place } of old) {
      for (let run = now[at]; run !== undefined && run.first <= last; run = now[at]) {
        const partners = shared.get(place) ?? new Map<number, Interval<bigint>[]>()
        shared.set(place, partners)
        const intervals = partners.get(run.place) ?? []
        partners.set(run.place, intervals)
        intervals.push({
          first: first > run.first ? first : run.first,
          last: last < run.last ? last : run.last,
        })
        if (run.last > last) break
        at += 1
      }
    }
    return [...shared].sort(byPlace).flatMap(([place, partners]) =>
      [...partners].sort(byPlace).flatMap(([other, intervals]): JointParty[] => {
        const [was, is] = [before.parties[place], after.parties[other]]
        if (was === undefined || is === undefined) return []
        return [{ before: was, after: is, addresses: IntervalSet.of(BIG_INTEGERS, intervals) }]
      }),
    )
  })
}

const byPlace = (a: readonly [number, unknown], b: readonly [number, unknown]): number => a[0] - b[0]

interface Run extends Interval<bigint> {
  /** Of the party in the list of parties. */
  readonly place: number
}

/** All addresses of a family in order, each run with its party. */
function runsOf({ parties }: Reachability, family: Family): readonly Run[] {
  const runs: Run[] = []
  for (const [place, party] of parties.entries()) {
    if (party.family !== family) continue
    for (const { first, last } of party.addresses.intervals) runs.push({ first, last, place })
  }
  return runs.sort((a, b) => (a.first < b.first ? -1 : 1))
}

/**
 * Whether rules at this end, and what rules elsewhere say of these addresses, are as they were. Remotes that
 * only one of the two relations speaks of are of rules that have changed themselves.
 */
function isUnchanged(
  { before: old, after: now }: JointParty,
  before: Reachability,
  after: Reachability,
): boolean {
  if (old.ruleSet?.digest !== now.ruleSet?.digest) return false
  const spokenOf = (name: string): boolean => before.remotes.has(name) && after.remotes.has(name)
  const differs = (name: string, other: Party): boolean => spokenOf(name) && !other.remotes.has(name)
  return (
    ![...old.remotes].some((name) => differs(name, now)) &&
    ![...now.remotes].some((name) => differs(name, old))
  )
}
