import { SmallSet } from '../core/small-set.ts'
import { labelPair, pairsIdentity, type CompiledSelector, type Labels } from './selector.ts'

/** Everything with one distinct set of labels; selectors are matched against it once. */
export interface LabelSet<User extends object | string, Item = never> {
  readonly labels: Labels
  /** The selectors that match. */
  readonly selectors: SmallSet<SelectorEntry<User, Item>>
  /** What the owner of the index keeps of it. */
  item: Item | undefined
}

/** A selector that somebody uses. */
export interface SelectorEntry<User extends object | string, Item = never> {
  readonly selector: CompiledSelector
  readonly users: SmallSet<User>
  readonly matches: SmallSet<LabelSet<User, Item>>
}

/** Where one pair of key and value occurs. */
interface PairEntry<User extends object | string, Item> {
  readonly labelSets: SmallSet<LabelSet<User, Item>>
  /** The selectors of which it is an anchor. */
  readonly anchored: SmallSet<SelectorEntry<User, Item>>
}

/**
 * Which label sets match which selectors, of one VPC. Matching happens only when a label set or a
 * selector is new: Antrea's grouping index measured this as the largest single gain, since most
 * instances share their labels.
 */
export class LabelIndex<User extends object | string, Item = never> {
  readonly #labelSets = new Map<string, LabelSet<User, Item> & { uses: number }>()
  readonly #selectors = new Map<string, SelectorEntry<User, Item>>()
  readonly #pairs = new Map<string, PairEntry<User, Item>>()
  readonly #unanchored = new SmallSet<SelectorEntry<User, Item>>()

  /** The label set of an instance that came; give it back with `release`. */
  acquire(labels: Labels): LabelSet<User, Item> {
    const identity = labelIdentity(labels)
    const known = this.#labelSets.get(identity)
    if (known !== undefined) {
      known.uses += 1
      return known
    }
    const fresh = { labels, selectors: new SmallSet<SelectorEntry<User, Item>>(), item: undefined, uses: 1 }
    this.#labelSets.set(identity, fresh)
    for (const pair of labelPairs(labels)) this.#pair(pair).labelSets.add(fresh)
    for (const entry of this.#candidates(labels)) this.#match(entry, fresh)
    return fresh
  }

  release(labels: Labels): void {
    const identity = labelIdentity(labels)
    const labelSet = this.#labelSets.get(identity)
    if (labelSet === undefined) return
    labelSet.uses -= 1
    if (labelSet.uses > 0) return
    this.#labelSets.delete(identity)
    for (const pair of labelPairs(labels)) {
      this.#pair(pair).labelSets.delete(labelSet)
      this.#settle(pair)
    }
    for (const { matches } of labelSet.selectors) matches.delete(labelSet)
  }

  /** Counts one more user of a selector. */
  subscribe(selector: CompiledSelector, user: User): void {
    const known = this.#selectors.get(selector.identity)
    if (known !== undefined) {
      known.users.add(user)
      return
    }
    const entry: SelectorEntry<User, Item> = { selector, users: new SmallSet(), matches: new SmallSet() }
    entry.users.add(user)
    this.#selectors.set(selector.identity, entry)
    if (selector.anchors === undefined) this.#unanchored.add(entry)
    for (const anchor of selector.anchors ?? []) this.#pair(anchor).anchored.add(entry)
    for (const labelSet of this.#reachable(selector)) this.#match(entry, labelSet)
  }

  unsubscribe(selector: CompiledSelector, user: User): void {
    const entry = this.#selectors.get(selector.identity)
    if (entry === undefined) return
    entry.users.delete(user)
    if (entry.users.size > 0) return
    this.#selectors.delete(selector.identity)
    this.#unanchored.delete(entry)
    // The entry's own: a selector of the same identity may have its requirements, so its anchors, in another order.
    for (const anchor of entry.selector.anchors ?? []) {
      this.#pair(anchor).anchored.delete(entry)
      this.#settle(anchor)
    }
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
    return this.#candidates(labels).filter(({ selector }) => selector.matches(labels))
  }

  #match(entry: SelectorEntry<User, Item>, labelSet: LabelSet<User, Item>): void {
    if (!entry.selector.matches(labelSet.labels)) return
    entry.matches.add(labelSet)
    labelSet.selectors.add(entry)
  }

  /** Each once: the anchors of a selector are pairs of one key, of which a label set has one. */
  #candidates(labels: Labels): SelectorEntry<User, Item>[] {
    const found = [...this.#unanchored]
    for (const pair of labelPairs(labels)) found.push(...(this.#pairs.get(pair)?.anchored ?? []))
    return found
  }

  *#reachable(selector: CompiledSelector): Generator<LabelSet<User, Item>> {
    if (selector.anchors === undefined) {
      yield* this.#labelSets.values()
      return
    }
    for (const anchor of selector.anchors) yield* this.#pairs.get(anchor)?.labelSets ?? []
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

function labelIdentity(labels: Labels): string {
  const entries = Object.entries(labels)
  if (entries.length > 1) entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return pairsIdentity(entries)
}
