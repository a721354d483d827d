import type { Family } from '../../net/address.ts'
import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import { instanceEnds, outsideEnds, type MatrixEnd } from './matrix-end.ts'
import type { Reachability } from './reachability.ts'
import { isDecided, trafficClasses } from './traffic-classes.ts'

/** What one end may send to another: never nothing. */
export interface MatrixCell {
  readonly from: MatrixEnd
  readonly to: MatrixEnd
  /** Of each family in which both ends have addresses. */
  readonly traffic: ReadonlyMap<Family, Traffic>
}

/** Who reaches whom on what in one VPC. */
export interface Matrix {
  readonly ends: readonly MatrixEnd[]
  /** Row by row, in the order of the ends; ends between which nothing passes have none. */
  readonly cells: readonly MatrixCell[]
}

export function matrixOf(reachability: Reachability): Matrix {
  const classes = trafficClasses(reachability)
  const ends = [...outsideEnds(classes), ...instanceEnds(classes)].sort(byKindAndName)
  const cells = ends.flatMap((from) =>
    ends.flatMap((to) => {
      const traffic = trafficBetween(reachability, from, to)
      const passes = [...traffic.values()].some((set) => !TRAFFIC.isEmpty(set))
      return passes ? [{ from, to, traffic }] : []
    }),
  )
  return { ends, cells }
}

function trafficBetween(
  reachability: Reachability,
  from: MatrixEnd,
  to: MatrixEnd,
): ReadonlyMap<Family, Traffic> {
  const traffic = new Map<Family, Traffic>()
  // One instance does not meet the firewall on the way to itself.
  if (from === to && from.instances.length === 1) return traffic
  for (const [family, party] of from.parties) {
    const other = to.parties.get(family)
    if (other === undefined || !isDecided(party, other)) continue
    traffic.set(family, reachability.traffic(party, other))
  }
  return traffic
}

const KINDS: readonly MatrixEnd['kind'][] = ['Internet', 'Outside', 'Instances']

function byKindAndName(a: MatrixEnd, b: MatrixEnd): number {
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}
