import type { Region } from './region.ts'

/** Every point of `left` with every point of `right`. */
export interface Block<L, R> {
  readonly left: L
  readonly right: R
}

/**
 * A set of pairs, as the function that gives for each left point the set of its right points: the left
 * sides of the blocks are disjoint and the right sides distinct. A set has one such list of blocks, up
 * to order, and `canonical` orders them. Sets nest: the sides of a product may be products.
 *
 * The form is that of np-guard's `ds.Product` (models/pkg/ds), whose connection sets it serves as well.
 */
export class BlockSet<L extends Region<L, P>, P, R extends Region<R, Q>, Q> implements Region<
  BlockSet<L, P, R, Q>,
  readonly [P, Q]
> {
  readonly blocks: readonly Block<L, R>[]
  #canonical: string | undefined

  private constructor(blocks: readonly Block<L, R>[]) {
    this.blocks = blocks
  }

  /** The empty set; its type is taken from where it is used. */
  static empty<L extends Region<L, P>, P, R extends Region<R, Q>, Q>(): BlockSet<L, P, R, Q> {
    return new BlockSet<L, P, R, Q>([])
  }

  static of<L extends Region<L, P>, P, R extends Region<R, Q>, Q>(left: L, right: R): BlockSet<L, P, R, Q> {
    return new BlockSet<L, P, R, Q>(left.isEmpty || right.isEmpty ? [] : [{ left, right }])
  }

  get isEmpty(): boolean {
    return this.blocks.length === 0
  }

  get size(): bigint {
    return this.blocks.reduce((sum, { left, right }) => sum + left.size * right.size, 0n)
  }

  get canonical(): string {
    this.#canonical ??= this.blocks
      .map(({ left, right }) => `(${left.canonical}:${right.canonical})`)
      .sort()
      .join('')
    return this.#canonical
  }

  union(other: BlockSet<L, P, R, Q>): BlockSet<L, P, R, Q> {
    if (this.isEmpty) return other
    if (other.isEmpty) return this
    return this.#combine(other, {
      both: (a, b) => a.union(b),
      onlyThis: true,
      onlyOther: true,
    })
  }

  intersection(other: BlockSet<L, P, R, Q>): BlockSet<L, P, R, Q> {
    return this.#combine(other, { both: (a, b) => a.intersection(b), onlyThis: false, onlyOther: false })
  }

  difference(other: BlockSet<L, P, R, Q>): BlockSet<L, P, R, Q> {
    if (this.isEmpty || other.isEmpty) return this
    return this.#combine(other, { both: (a, b) => a.difference(b), onlyThis: true, onlyOther: false })
  }

  equals(other: BlockSet<L, P, R, Q>): boolean {
    return this === other || this.canonical === other.canonical
  }

  contains([p, q]: readonly [P, Q]): boolean {
    return this.blocks.some(({ left, right }) => left.contains(p) && right.contains(q))
  }

  *samples(): Generator<readonly [P, Q]> {
    for (const { left, right } of this.blocks) {
      const seconds = [...right.samples()]
      for (const first of left.samples()) for (const second of seconds) yield [first, second]
    }
  }

  /** The right points that some left point of the set has. */
  image(none: R): R {
    return this.blocks.reduce((sum, { right }) => sum.union(right), none)
  }

  #combine(
    other: BlockSet<L, P, R, Q>,
    how: {
      readonly both: (a: R, b: R) => R
      readonly onlyThis: boolean
      readonly onlyOther: boolean
    },
  ): BlockSet<L, P, R, Q> {
    const pieces: Block<L, R>[] = []
    const unmatched = other.blocks.map(({ left }) => left)
    for (const { left, right } of this.blocks) {
      let rest = left
      for (const [at, theirs] of other.blocks.entries()) {
        const common = rest.intersection(theirs.left)
        if (common.isEmpty) continue
        rest = rest.difference(common)
        if (how.onlyOther) unmatched[at] = (unmatched[at] ?? common).difference(common)
        pieces.push({ left: common, right: how.both(right, theirs.right) })
        if (rest.isEmpty) break
      }
      if (how.onlyThis) pieces.push({ left: rest, right })
    }
    if (how.onlyOther) {
      for (const [at, { right }] of other.blocks.entries()) {
        const left = unmatched[at]
        if (left !== undefined) pieces.push({ left, right })
      }
    }
    return new BlockSet<L, P, R, Q>(merged(pieces))
  }
}

/** Joins the pieces with equal right sides; their left sides are disjoint. */
function merged<L extends Region<L, P>, P, R extends Region<R, Q>, Q>(
  pieces: readonly Block<L, R>[],
): readonly Block<L, R>[] {
  const byRight = new Map<string, Block<L, R>>()
  for (const { left, right } of pieces) {
    if (left.isEmpty || right.isEmpty) continue
    const key = right.canonical
    const known = byRight.get(key)
    byRight.set(key, { left: known === undefined ? left : known.left.union(left), right })
  }
  return [...byRight.values()]
}
