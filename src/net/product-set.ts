import { width } from './interval-algebra.ts'
import { intervalAt, type Interval, type Ordinal } from './interval-set.ts'
import type { SetAlgebra } from './set-algebra.ts'

/** The points whose first coordinate is in the interval and whose rest is in `rest`. */
export interface Piece<N extends number | bigint, S> extends Interval<N> {
  readonly rest: S
}

/**
 * Sets of pairs of an integer and a point of another kind: the integers cut into intervals on which the
 * rest is the same. Pieces are sorted and disjoint, no rest is empty, and neighbours that touch differ in
 * their rest, so a set has one form only. Dimensions are added by nesting products; np-guard's `netset`
 * (models, pkg/netset) has the same idea.
 */
export function product<N extends number | bigint, S, P>(
  ordinal: Ordinal<N>,
  inner: SetAlgebra<S, P>,
): SetAlgebra<readonly Piece<N, S>[], readonly [N, P]> {
  type Set = readonly Piece<N, S>[]
  const overlay = (a: Set, b: Set, keep: Kept, both: (x: S, y: S) => S): Set =>
    overlaid(ordinal, inner, [a, b], keep, both)
  return {
    empty: [],
    isEmpty: (set) => set.length === 0,
    equals: (a, b) =>
      a === b || (a.length === b.length && a.every((piece, at) => isSame(piece, b[at], inner))),
    union: (a, b) => {
      if (a === b || b.length === 0) return a
      return a.length === 0 ? b : overlay(a, b, { a: true, b: true }, (x, y) => inner.union(x, y))
    },
    intersection: (a, b) =>
      a === b ? a : overlay(a, b, { a: false, b: false }, (x, y) => inner.intersection(x, y)),
    difference: (a, b) => {
      if (a === b) return []
      return b.length === 0 ? a : overlay(a, b, { a: true, b: false }, (x, y) => inner.difference(x, y))
    },
    contains: (set, [value, rest]) => {
      const piece = intervalAt(set, value)
      return piece !== undefined && inner.contains(piece.rest, rest)
    },
    size: (set) => set.reduce((sum, piece) => sum + width(piece) * inner.size(piece.rest), 0n),
    first: (set) => {
      const [least] = set
      const rest = least && inner.first(least.rest)
      return least && rest !== undefined ? [least.first, rest] : undefined
    },
    *corners(set) {
      for (const { first, last, rest } of set) {
        for (const point of inner.corners(rest)) yield [first, point]
        if (last !== first) for (const point of inner.corners(rest)) yield [last, point]
      }
    },
  }
}

/** What becomes of the points that only one of two sets speaks of. */
interface Kept {
  readonly a: boolean
  readonly b: boolean
}

function isSame<N extends number | bigint, S, P>(
  a: Piece<N, S>,
  b: Piece<N, S> | undefined,
  inner: SetAlgebra<S, P>,
): boolean {
  return a.first === b?.first && a.last === b.last && inner.equals(a.rest, b.rest)
}

/** Reads a sorted list of pieces from the least integer up, cutting them where it is told to. */
class Cursor<N extends number | bigint, S> {
  readonly #ordinal: Ordinal<N>
  readonly #pieces: readonly Piece<N, S>[]
  #at = 0
  /** What is left of the piece in hand; undefined at the end. */
  piece: Piece<N, S> | undefined

  constructor(ordinal: Ordinal<N>, pieces: readonly Piece<N, S>[]) {
    this.#ordinal = ordinal
    this.#pieces = pieces
    this.piece = pieces[0]
  }

  /** Passes over everything up to `last`, which the piece in hand holds. */
  pass(last: N): void {
    const { piece } = this
    if (piece === undefined) return
    if (last !== piece.last) this.piece = { ...piece, first: this.#ordinal.next(last) }
    else {
      this.#at += 1
      this.piece = this.#pieces[this.#at]
    }
  }
}

/** Walks two sets together, cutting the pieces of each where those of the other begin or end. */
function overlaid<N extends number | bigint, S, P>(
  ordinal: Ordinal<N>,
  inner: SetAlgebra<S, P>,
  sets: readonly [readonly Piece<N, S>[], readonly Piece<N, S>[]],
  keep: Kept,
  both: (x: S, y: S) => S,
): readonly Piece<N, S>[] {
  const result: Piece<N, S>[] = []
  const add = (first: N, last: N, rest: S): void => {
    if (inner.isEmpty(rest)) return
    const open = result.at(-1)
    if (open !== undefined && ordinal.next(open.last) === first && inner.equals(open.rest, rest)) {
      result[result.length - 1] = { first: open.first, last, rest: open.rest }
    } else result.push({ first, last, rest })
  }
  /** Takes from one set what lies before `limit`, where the other goes on; all of it without a limit. */
  const takeAlone = (
    cursor: Cursor<N, S>,
    { first, last, rest }: Piece<N, S>,
    isKept: boolean,
    limit?: N,
  ): void => {
    const end: N = limit === undefined || last < limit ? last : ordinal.previous(limit)
    if (isKept) add(first, end, rest)
    cursor.pass(end)
  }
  const [a, b] = [new Cursor(ordinal, sets[0]), new Cursor(ordinal, sets[1])]
  while (a.piece !== undefined && b.piece !== undefined) {
    const [left, right] = [a.piece, b.piece]
    if (left.first < right.first) takeAlone(a, left, keep.a, right.first)
    else if (right.first < left.first) takeAlone(b, right, keep.b, left.first)
    else {
      const last: N = left.last < right.last ? left.last : right.last
      add(left.first, last, both(left.rest, right.rest))
      a.pass(last)
      b.pass(last)
    }
  }
  while (keep.a && a.piece !== undefined) takeAlone(a, a.piece, true)
  while (keep.b && b.piece !== undefined) takeAlone(b, b.piece, true)
  return result
}
