import { SmallSet } from '../core/small-set.ts'
import { Table } from '../core/table.ts'
import { LabelPairs } from './label-pairs.ts'
import type { LabelSet, SelectorEntry } from './label-set.ts'
import { labelIdentity, type CompiledSelector, type Labels } from './selector.ts'

/** So many label sets and selectors are all tried: to find those that may match takes as long, and room for what finds them. */
const FEW = 8

/**
 * Which label sets match which selectors, of one VPC. Matching happens only when a label set or a
 * selector is new: Antrea's grouping index measured this as the largest single gain, since most
 * instances share their labels.
 */
export class LabelIndex<User extends object | string, Item = never> {
  readonly #labelSets = new Table<string, LabelSet<User, Item>>()
  readonly #selectors = new Table<string, SelectorEntry<User, Item>>()
  /** Made once there are more than FEW of either. */
  #pairs: LabelPairs<User, Item> | undefined

  /** The label set of an instance that came; give it back with `release`. */
  acquire(labels: Labels): LabelSet<User, Item> {
    const key = labelIdentity(labels)
    const known = this.#labelSets.get(key)
    if (known !== undefined) {
      known.uses += 1
      return known
    }
    const fresh: LabelSet<User, Item> = {
      key,
      next: undefined,
      labels,
      selectors: new SmallSet(),
      item: undefined,
      uses: 1,
    }
    this.#labelSets.add(fresh)
    if (this.#pairs === undefined) this.#makePairs()
    else this.#pairs.addLabelSet(fresh)
    for (const entry of this.#candidates(labels)) this.#match(entry, fresh)
    return fresh
  }

  release(labels: Labels): void {
    const labelSet = this.#labelSets.get(labelIdentity(labels))
    if (labelSet === undefined) return
    labelSet.uses -= 1
    if (labelSet.uses > 0) return
    this.#labelSets.delete(labelSet)
    this.#pairs?.deleteLabelSet(labelSet)
    for (const { matches } of labelSet.selectors) matches.delete(labelSet)
  }

  /** Counts one more user of a selector. */
  subscribe(selector: CompiledSelector, user: User): void {
    const known = this.#selectors.get(selector.identity)
    if (known !== undefined) {
      known.users.add(user)
      return
    }
    const entry: SelectorEntry<User, Item> = {
      key: selector.identity,
      next: undefined,
      selector,
      users: new SmallSet(),
      matches: new SmallSet(),
    }
    entry.users.add(user)
    this.#selectors.add(entry)
    if (this.#pairs === undefined) this.#makePairs()
    else this.#pairs.addSelector(entry)
    for (const labelSet of this.#reachable(selector)) this.#match(entry, labelSet)
  }

  unsubscribe(selector: CompiledSelector, user: User): void {
    const entry = this.#selectors.get(selector.identity)
    if (entry === undefined) return
    entry.users.delete(user)
    if (entry.users.size > 0) return
    this.#selectors.delete(entry)
    this.#pairs?.deleteSelector(entry)
    for (const labelSet of entry.matches) labelSet.selectors.delete(entry)
  }

  all(): Iterable<LabelSet<User, Item>> {
    return this.#labelSets.values()
  }

  /** The label sets that a selector matches, or would match if somebody used it. */
  matching(selector: CompiledSelector): Iterable<LabelSet<User, Item>> {
    const known = this.#selectors.get(selector.identity)
    if (known !== undefined) return known.matches
    return new Set([...this.#reachable(selector)].filter(({ labels }) => selector.matches(labels)))
  }

  /** The selectors in use that would match these labels. */
  selecting(labels: Labels): Iterable<SelectorEntry<User, Item>> {
    const known = this.#labelSets.get(labelIdentity(labels))
    if (known !== undefined) return known.selectors
    return [...this.#candidates(labels)].filter(({ selector }) => selector.matches(labels))
  }

  #match(entry: SelectorEntry<User, Item>, labelSet: LabelSet<User, Item>): void {
    if (!entry.selector.matches(labelSet.labels)) return
    entry.matches.add(labelSet)
    labelSet.selectors.add(entry)
  }

  #candidates(labels: Labels): Iterable<SelectorEntry<User, Item>> {
    return this.#pairs?.candidates(labels) ?? this.#selectors.values()
  }

  #reachable(selector: CompiledSelector): Iterable<LabelSet<User, Item>> {
    if (this.#pairs === undefined || selector.anchors === undefined) return this.#labelSets.values()
    return this.#pairs.anchoring(selector)
  }

  #makePairs(): void {
    if (this.#labelSets.size <= FEW && this.#selectors.size <= FEW) return
    this.#pairs = new LabelPairs()
    for (const labelSet of this.#labelSets.values()) this.#pairs.addLabelSet(labelSet)
    for (const entry of this.#selectors.values()) this.#pairs.addSelector(entry)
  }
}
