/**
 * Exact sets of one kind of point, as values: `S` is a set, `P` a point of it. Sets are canonical, so
 * that two sets with the same points are equal piece by piece, whatever they were made from.
 */
export interface SetAlgebra<S, P> {
  readonly empty: S
  readonly isEmpty: (set: S) => boolean
  readonly equals: (a: S, b: S) => boolean
  /** The points in either. */
  readonly union: (a: S, b: S) => S
  /** The points in both. */
  readonly intersection: (a: S, b: S) => S
  /** The points of `a` that are not in `b`. */
  readonly difference: (a: S, b: S) => S
  readonly contains: (set: S, point: P) => boolean
  /** How many points there are. */
  readonly size: (set: S) => bigint
  /** The least point, in the order of the dimensions; undefined of the empty set. */
  readonly first: (set: S) => P | undefined
  /**
   * The ends of every piece: whatever distinguishes two sets distinguishes one of these points or of their
   * neighbours. Ascending.
   */
  readonly corners: (set: S) => Iterable<P>
}
