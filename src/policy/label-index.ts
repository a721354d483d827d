import { MultiMap } from '../core/multimap.ts'
import { SmallSet } from '../core/small-set.ts'
import { labelPair, pairsIdentity, type CompiledSelector, type Labels } from './selector.ts'

/** Everything with one distinct set of labels; selectors are matched against it once. */
export interface LabelSet<User extends object | string> {
  readonly labels: Labels
  /** The selectors that match. */
  readonly selectors: SmallSet<SelectorEntry<User>>
}

/** A selector that somebody uses. */
export interface SelectorEntry<User extends object | string> {
  readonly selector: CompiledSelector
  readonly users: SmallSet<User>
  readonly matches: SmallSet<LabelSet<User>>
}

/**
 * Which label sets match which selectors, of one VPC. Matching happens only when a label set or a
 * selector is new: Antrea's grouping index measured this as the largest single gain, since most
 * instances share their labels.
 */
export class LabelIndex<User extends object | string> {
  readonly #labelSets = new Map<string, LabelSet<User> & { uses: number }>()
  readonly #selectors = new Map<string, SelectorEntry<User>>()
  readonly #setsByPair = new MultiMap<string, LabelSet<User>>()
  readonly #selectorsByAnchor = new MultiMap<string, SelectorEntry<User>>()
  readonly #unanchored = new SmallSet<SelectorEntry<User>>()

  /** The label set of an instance that came; give it back with `release`. */
  acquire(labels: Labels): LabelSet<User> {
    const identity = labelIdentity(labels)
    const known = this.#labelSets.get(identity)
    if (known !== undefined) {
      known.uses += 1
      return known
    }
    const fresh = { labels, selectors: new SmallSet<SelectorEntry<User>>(), uses: 1 }
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
    for (const { matches } of labelSet.selectors) matches.delete(labelSet)
  }

  /** Counts one more user of a selector. */
  subscribe(selector: CompiledSelector, user: User): void {
    const known = this.#selectors.get(selector.identity)
    if (known !== undefined) {
      known.users.add(user)
      return
    }
    const entry: SelectorEntry<User> = { selector, users: new SmallSet(), matches: new SmallSet() }
    entry.users.add(user)
    this.#selectors.set(selector.identity, entry)
    if (selector.anchors === undefined) this.#unanchored.add(entry)
    for (const anchor of selector.anchors ?? []) this.#selectorsByAnchor.add(anchor, entry)
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
    for (const anchor of entry.selector.anchors ?? []) this.#selectorsByAnchor.delete(anchor, entry)
    for (const labelSet of entry.matches) labelSet.selectors.delete(entry)
  }

  /** The label sets that a selector matches, or would match if somebody used it. */
  matching(selector: CompiledSelector): Iterable<LabelSet<User>> {
    const known = this.#selectors.get(selector.identity)
    if (known !== undefined) return known.matches
    return new Set([...this.#reachable(selector)].filter(({ labels }) => selector.matches(labels)))
  }

  /** The selectors in use that would match these labels. */
  selecting(labels: Labels): Iterable<SelectorEntry<User>> {
    const known = this.#labelSets.get(labelIdentity(labels))
    if (known !== undefined) return known.selectors
    return this.#candidates(labels).filter(({ selector }) => selector.matches(labels))
  }

  #match(entry: SelectorEntry<User>, labelSet: LabelSet<User>): void {
    if (!entry.selector.matches(labelSet.labels)) return
    entry.matches.add(labelSet)
    labelSet.selectors.add(entry)
  }

  /** Each once: the anchors of a selector are pairs of one key, of which a label set has one. */
  #candidates(labels: Labels): SelectorEntry<User>[] {
    const found = [...this.#unanchored]
    for (const pair of labelPairs(labels)) found.push(...this.#selectorsByAnchor.get(pair))
    return found
  }

  *#reachable(selector: CompiledSelector): Generator<LabelSet<User>> {
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
  return pairsIdentity(entries)
}
