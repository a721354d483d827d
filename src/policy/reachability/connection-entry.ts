import { eachFamily, FAMILIES, type Family } from '../../net/address.ts'
import { joinedAlike, joinedOnce, remembered, TextNumbers } from './alike.ts'
import { isOutside, joinedSides, namedSide, type Side } from './connection-side.ts'
import { joinedAddresses, namedInstances } from './side-text.ts'

/** What passes in a family, or alike in both. */
export interface Entry {
  readonly from: Side
  readonly to: Side
  /** See TrafficNumbers. */
  readonly traffic: number
  readonly families: readonly Family[]
}

/** Joins what is alike in both families. */
export function inBothFamilies(entries: readonly Entry[]): readonly Entry[] {
  const texts = new TextNumbers()
  const outside = remembered(({ family, outside: addresses }: Side) => texts.of(addresses[family].canonical))
  const instances = remembered((side: Side) => texts.of(namedInstances(namedSide(side)).join()))
  const joined = eachFamily((family) => joinedOnce((sides: readonly Side[]) => joinedSides(family, sides)))
  const whole = (side: Side): string => `${side.family}|${instances(side)}|${outside(side)}`
  // Instances and what is outside stay apart here: which family is meant can be seen of what is outside alone.
  const bySource = joinedAlike(
    entries,
    ({ from, to, traffic }) => `${isOutside(from)}|${whole(to)}|${traffic}`,
    (alike) => ({ ...alike[0], from: joined[alike[0].from.family](alike.map(({ from }) => from)) }),
  )
  const byTarget = joinedAlike(
    bySource,
    ({ from, to, traffic }) => `${isOutside(to)}|${whole(from)}|${traffic}`,
    (alike) => ({ ...alike[0], to: joined[alike[0].to.family](alike.map(({ to }) => to)) }),
  )
  return joinedAlike(
    byTarget,
    ({ from, to, traffic }) => `${instances(from)}|${instances(to)}|${traffic}`,
    (alike) => alike.reduce(withOtherFamily),
  )
}

/** Two entries with the same instances, one of each family. */
function withOtherFamily(a: Entry, b: Entry): Entry {
  const families = FAMILIES.filter((family) => a.families.includes(family) || b.families.includes(family))
  const outside = (x: Side, y: Side): Side => ({ ...x, outside: joinedAddresses([x.outside, y.outside]) })
  return { ...a, families, from: outside(a.from, b.from), to: outside(a.to, b.to) }
}
