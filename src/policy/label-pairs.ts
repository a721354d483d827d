import { SmallSet } from '../core/small-set.ts'
import type { LabelSet, SelectorEntry } from './label-set.ts'
import { labelPair, type CompiledSelector, type Labels } from './selector.ts'

/** Where one pair of key and value occurs. */
interface PairEntry<User extends object | string, Item> {
  readonly labelSets: SmallSet<LabelSet<User, Item>>
  /** The selectors of which it is an anchor. */
  readonly anchored: SmallSet<SelectorEntry<User, Item>>
}

/** Which label sets and selectors may match, by the pairs that they have in common. */
export class LabelPairs<User extends object | string, Item> {
  readonly #pairs = new Map<string, PairEntry<User, Item>>()
  readonly #unanchored = new SmallSet<SelectorEntry<User, Item>>()

  addLabelSet(labelSet: LabelSet<User, Item>): void {
    for (const pair of labelPairs(labelSet.labels)) this.#pair(pair).labelSets.add(labelSet)
  }

  deleteLabelSet(labelSet: LabelSet<User, Item>): void {
    for (const pair of labelPairs(labelSet.labels)) {
      this.#pair(pair).labelSets.delete(labelSet)
      this.#settle(pair)
    }
  }

  addSelector(entry: SelectorEntry<User, Item>): void {
    const { anchors } = entry.selector
    if (anchors === undefined) this.#unanchored.add(entry)
    for (const anchor of anchors ?? []) this.#pair(anchor).anchored.add(entry)
  }

  deleteSelector(entry: SelectorEntry<User, Item>): void {
    this.#unanchored.delete(entry)
    // The entry's own: a selector of the same identity may have its labels or requirements, so its anchors, in another order.
    for (const anchor of entry.selector.anchors ?? []) {
      this.#pair(anchor).anchored.delete(entry)
      this.#settle(anchor)
    }
  }

  /** The selectors that may match some labels, each once: the anchors of one are pairs of one key, of which labels have one. */
  candidates(labels: Labels): Iterable<SelectorEntry<User, Item>> {
    const found = [...this.#unanchored]
    for (const pair of labelPairs(labels)) {
      for (const entry of this.#pairs.get(pair)?.anchored ?? []) found.push(entry)
    }
    return found
  }

  /** The label sets that have an anchor of a selector which has any. */
  *anchoring({ anchors }: CompiledSelector): Generator<LabelSet<User, Item>> {
    for (const anchor of anchors ?? []) yield* this.#pairs.get(anchor)?.labelSets ?? []
  }

  #pair(pair: string): PairEntry<User, Item> {
    const known = this.#pairs.get(pair)
    if (known !== undefined) return known
    const entry: PairEntry<User, Item> = { labelSets: new SmallSet(), anchored: new SmallSet() }
    this.#pairs.set(pair, entry)
    return entry
  }

  /** Forgets a pair that occurs nowhere any more. */
  #settle(pair: string): void {
    const entry = this.#pairs.get(pair)
    if (entry?.labelSets.size === 0 && entry.anchored.size === 0) this.#pairs.delete(pair)
  }
}

function labelPairs(labels: Labels): string[] {
  return Object.entries(labels).map(([key, value]) => labelPair(key, value))
}
