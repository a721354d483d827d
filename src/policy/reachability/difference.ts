import type { IntervalSet } from '../../net/interval-set.ts'
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
  const changed = new Set(joint.filter((one) => !isUnchanged(one, before, after)))
  const changes: ConnectionChange[] = []
  for (const from of joint) {
    for (const to of joint) {
      if (from.after.family !== to.after.family || (!changed.has(from) && !changed.has(to))) continue
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

function jointParties(before: Reachability, after: Reachability): readonly JointParty[] {
  return before.parties.flatMap((old) =>
    after.parties.flatMap((now): JointParty[] => {
      if (old.family !== now.family) return []
      const addresses = old.addresses.intersection(now.addresses)
      return addresses.isEmpty ? [] : [{ before: old, after: now, addresses }]
    }),
  )
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
