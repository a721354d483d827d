/**
 * An exact, immutable set of points in a space of one or more dimensions. Every set has one canonical
 * form, so that sets that hold the same points have equal `canonical` texts, however they came about.
 */
export interface Region<Self, Point> {
  readonly isEmpty: boolean
  /** How many points there are. */
  readonly size: bigint
  /** Equal for equal sets of one space, and for no others. */
  readonly canonical: string

  union(other: Self): Self
  intersection(other: Self): Self
  /** The points of this set that are not in the other. */
  difference(other: Self): Self
  equals(other: Self): boolean
  contains(point: Point): boolean
  /** Points of the set where it begins and ends in each dimension; none for the empty set. */
  samples(): Iterable<Point>
}
