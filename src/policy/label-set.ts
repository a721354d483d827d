import type { SmallSet } from '../core/small-set.ts'
import type { Tabled } from '../core/table.ts'
import type { CompiledSelector, Labels } from './selector.ts'

/** Everything with one distinct set of labels; selectors are matched against it once. */
export interface LabelSet<User extends object | string, Item = never> extends Tabled<
  string,
  LabelSet<User, Item>
> {
  /** The identity of its labels. */
  readonly key: string
  readonly labels: Labels
  /** The selectors that match. */
  readonly selectors: SmallSet<SelectorEntry<User, Item>>
  /** What the owner of the index keeps of it. */
  item: Item | undefined
  /** How often it was acquired and not released. */
  uses: number
}

/** A selector that somebody uses. */
export interface SelectorEntry<User extends object | string, Item = never> extends Tabled<
  string,
  SelectorEntry<User, Item>
> {
  /** The identity of the selector. */
  readonly key: string
  readonly selector: CompiledSelector
  readonly users: SmallSet<User>
  readonly matches: SmallSet<LabelSet<User, Item>>
}
