import { MultiMap } from '../core/multimap.ts'
import { SmallSet, type ReadonlySmallSet } from '../core/small-set.ts'
import { labelPair, type CompiledSelector, type Labels } from './selector.ts'

/** Everything with one distinct set of labels; selectors are matched against it once. */
export interface LabelSet {
  readonly labels: Labels
  /** The selectors that match, by identity. */
  readonly selectors: SmallSet<string>
}

interface SelectorEntry {
  readonly selector: CompiledSelector
  readonly matches: SmallSet<LabelSet>
  uses: number
}

/**
 * Which label sets match which selectors, of one VPC. Matching happens only when a label set or a
 * selector is new: Antrea's grouping index measured this as the largest single gain, since most
 * instances share their labels.
 */
export class LabelIndex {
  readonly #labelSets = new Map<string, LabelSet & { uses: number }>()
  readonly #selectors = new Map<string, SelectorEntry>()
  readonly #setsByPair = new MultiMap<string, LabelSet>()
  readonly #selectorsByAnchor = new MultiMap<string, SelectorEntry>()
  readonly #unanchored = new Set<SelectorEntry>()

  /** The label set of an instance that came; give it back with `release`. */
  acquire(labels: Labels): LabelSet {
    const identity = labelIdentity(labels)
    const known = this.#labelSets.get(identity)
    if (known !== undefined) {
      known.uses += 1
      return known
    }
    const fresh = { labels, selectors: new SmallSet<string>(), uses: 1 }
    this.#labelSets.set(identity, fresh)
    for (const pair of labelPairs(labels)) this.#setsByPair.add(pair, fresh)
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
    for (const pair of labelPairs(labels)) this.#setsByPair.delete(pair, labelSet)
    for (const selector of labelSet.selectors) this.#selectors.get(selector)?.matches.delete(labelSet)
  }

  /** Counts one more user of a selector and returns the label sets that match it. */
  subscribe(selector: CompiledSelector): ReadonlySmallSet<LabelSet> {
    const known = this.#selectors.get(selector.identity)
    if (known !== undefined) {
      known.uses += 1
      return known.matches
    }
    const entry: SelectorEntry = { selector, matches: new SmallSet(), uses: 1 }
    this.#selectors.set(selector.identity, entry)
    if (selector.anchors === undefined) this.#unanchored.add(entry)
    for (const anchor of selector.anchors ?? []) this.#selectorsByAnchor.add(anchor, entry)
    for (const labelSet of this.#reachable(selector)) this.#match(entry, labelSet)
    return entry.matches
  }

  unsubscribe(selector: CompiledSelector): void {
    const entry = this.#selectors.get(selector.identity)
    if (entry === undefined) return
    entry.uses -= 1
    if (entry.uses > 0) return
    this.#selectors.delete(selector.identity)
    this.#unanchored.delete(entry)
    // The entry's own: a selector of the same identity may have its requirements, so its anchors, in another order.
    for (const anchor of entry.selector.anchors ?? []) this.#selectorsByAnchor.delete(anchor, entry)
    for (const labelSet of entry.matches) labelSet.selectors.delete(selector.identity)
  }

  /** The label sets that a selector matches, or would match if somebody used it. */
  matching(selector: CompiledSelector): ReadonlySmallSet<LabelSet> {
    const known = this.#selectors.get(selector.identity)
    if (known !== undefined) return known.matches
    const found = [...this.#reachable(selector)].filter(({ labels }) => selector.matches(labels))
    return new Set(found)
  }

  /** The identities of the selectors in use that would match these labels. */
  selecting(labels: Labels): ReadonlySmallSet<string> {
    const known = this.#labelSets.get(labelIdentity(labels))
    if (known !== undefined) return known.selectors
    const found = [...this.#candidates(labels)].filter(({ selector }) => selector.matches(labels))
    return new Set(found.map(({ selector }) => selector.identity))
  }

  #match(entry: SelectorEntry, labelSet: LabelSet): void {
    if (!entry.selector.matches(labelSet.labels)) return
    entry.matches.add(labelSet)
    labelSet.selectors.add(entry.selector.identity)
  }

  #candidates(labels: Labels): Set<SelectorEntry> {
    const found = new Set(this.#unanchored)
    for (const pair of labelPairs(labels)) {
      for (const entry of this.#selectorsByAnchor.get(pair)) found.add(entry)
    }
    return found
  }

  *#reachable(selector: CompiledSelector): Generator<LabelSet> {
    if (selector.anchors === undefined) {
      yield* this.#labelSets.values()
      return
    }
    for (const anchor of selector.anchors) yield* this.#setsByPair.get(anchor)
  }
}

function labelPairs(labels: Labels): string[] {
  return Object.entries(labels).map(([key, value]) => labelPair(key, value))
}

function labelIdentity(labels: Labels): string {
  const entries = Object.entries(labels)
  if (entries.length > 1) entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(entries)
}
