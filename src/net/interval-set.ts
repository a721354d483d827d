/** A closed, non-empty run of integers: both `first` and `last` belong to it. */
export interface Interval<N extends number | bigint> {
  readonly first: N
  readonly last: N
}

/** What the algebra must know of its integers beyond their order: the neighbours of each. */
export interface Ordinal<N extends number | bigint> {
  readonly next: (value: N) => N
  readonly previous: (value: N) => N
}

/** Integers that a double holds exactly: ports, ICMP types, protocol numbers. */
export const INTEGERS: Ordinal<number> = { next: (value) => value + 1, previous: (value) => value - 1 }

/** Integers of any size: addresses. */
export const BIG_INTEGERS: Ordinal<bigint> = { next: (value) => value + 1n, previous: (value) => value - 1n }

/**
 * An exact set of integers, immutable, kept as the shortest sorted list of intervals: disjoint, and
 * with a gap of at least one integer between neighbours. Equal sets therefore have equal lists.
 */
export class IntervalSet<N extends number | bigint> {
  readonly intervals: readonly Interval<N>[]
  readonly #ordinal: Ordinal<N>

  private constructor(ordinal: Ordinal<N>, canonical: readonly Interval<N>[]) {
    this.#ordinal = ordinal
    this.intervals = canonical
  }

  /**
   * The integers that are in at least one of `intervals`, which may overlap and come in any order.
   * Throws a RangeError for an interval that ends before it begins: read and refuse those earlier.
   */
  static of<N extends number | bigint>(
    ordinal: Ordinal<N>,
    intervals: readonly Interval<N>[],
  ): IntervalSet<N> {
    for (const { first, last } of intervals) {
      if (!(first <= last)) throw new RangeError(`interval ${first}-${last} ends before it begins`)
    }
    return new IntervalSet(ordinal, coalesced(ordinal, intervals.toSorted(byFirst)))
  }

  get isEmpty(): boolean {
    return this.intervals.length === 0
  }

  /** One text for one set, to be a key by. */
  get canonical(): string {
    return this.intervals.map(({ first, last }) => `${first}-${last}`).join(',')
  }

  /** The integers in this set, in the other, or in both. */
  union(other: IntervalSet<N>): IntervalSet<N> {
    return IntervalSet.of(this.#ordinal, [...this.intervals, ...other.intervals])
  }

  /** The integers in both sets. */
  intersection(other: IntervalSet<N>): IntervalSet<N> {
    // Two pieces never touch: neighbours x and x + 1 that are in both sets are in one interval of each.
    const common: Interval<N>[] = []
    const left = this.intervals.values()
    const right = other.intervals.values()
    let a = left.next().value
    let b = right.next().value
    while (a !== undefined && b !== undefined) {
      const first = a.first > b.first ? a.first : b.first
      const last = a.last < b.last ? a.last : b.last
      if (first <= last) common.push({ first, last })
      if (a.last < b.last) a = left.next().value
      else b = right.next().value
    }
    return new IntervalSet(this.#ordinal, common)
  }

  /** The integers in this set that are not in the other. */
  difference(other: IntervalSet<N>): IntervalSet<N> {
    const { next, previous } = this.#ordinal
    const rest: Interval<N>[] = []
    const holes = other.intervals.values()
    let hole = holes.next().value
    for (const { first, last } of this.intervals) {
      let from = first
      while (hole !== undefined && hole.last < from) hole = holes.next().value
      while (hole !== undefined && hole.first <= last) {
        if (from < hole.first) rest.push({ first: from, last: previous(hole.first) })
        from = next(hole.last)
        // A hole that reaches beyond this interval may also cut the one after it.
        if (hole.last > last) break
        hole = holes.next().value
      }
      if (from <= last) rest.push({ first: from, last })
    }
    return new IntervalSet(this.#ordinal, rest)
  }

  equals(other: IntervalSet<N>): boolean {
    if (this.intervals.length !== other.intervals.length) return false
    return this.intervals.every(({ first, last }, at) => {
      const theirs = other.intervals[at]
      return theirs?.first === first && theirs.last === last
    })
  }

  /** Whether `value` is in the set; the time grows with the logarithm of the number of intervals. */
  contains(value: N): boolean {
    return intervalAt(this.intervals, value) !== undefined
  }
}

/** The interval of a sorted, disjoint list that holds a value; the time grows with the logarithm of their number. */
export function intervalAt<N extends number | bigint, I extends Interval<N>>(
  intervals: readonly I[],
  value: N,
): I | undefined {
  let low = 0
  let high = intervals.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const interval = intervals[middle]
    if (interval === undefined || value < interval.first) high = middle
    else if (value > interval.last) low = middle + 1
    else return interval
  }
  return undefined
}

function byFirst<N extends number | bigint>(a: Interval<N>, b: Interval<N>): number {
  if (a.first === b.first) return 0
  return a.first < b.first ? -1 : 1
}

/** Joins neighbours of a sorted list that overlap or touch. */
function coalesced<N extends number | bigint>(
  ordinal: Ordinal<N>,
  sorted: readonly Interval<N>[],
): Interval<N>[] {
  const result: Interval<N>[] = []
  let open: Interval<N> | undefined
  for (const interval of sorted) {
    if (open === undefined) {
      open = interval
    } else if (interval.first > ordinal.next(open.last)) {
      result.push(open)
      open = interval
    } else if (interval.last > open.last) {
      open = { first: open.first, last: interval.last }
    }
  }
  if (open !== undefined) result.push(open)
  return result
}
