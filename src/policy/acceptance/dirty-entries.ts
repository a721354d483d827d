import type { ObjectKey } from '../../core/key.ts'
import { Worklist } from '../../core/worklist.ts'
import type { Entries, Entry } from './entry.ts'
import type { ReferenceIndex } from './reference-index.ts'

/** Entries that have to be looked at again, by kind. */
export class DirtyEntries {
  readonly #byKind = new Map<string, Worklist<Entry>>()

  add(entry: Entry): void {
    let list = this.#byKind.get(entry.kind)
    if (list === undefined) {
      list = new Worklist()
      this.#byKind.set(entry.kind, list)
    }
    list.add(entry)
  }

  /** Adds those of some objects that are declared. */
  addDeclared(keys: Iterable<ObjectKey>, entries: Entries): void {
    for (const key of keys) {
      const entry = entries.get(key)
      if (entry?.declared !== undefined) this.add(entry)
    }
  }

  /**
   * A profile decides over everything in its VPCs, a VPC over everything in it, the rest over those that name it.
   * What an object says of itself has been judged with it.
   */
  addDependents(entry: Entry, references: ReferenceIndex, entries: Entries): void {
    // Nobody depends on most newcomers, which is not worth a list.
    if (entry.referrers === undefined && entry.kind !== 'VPC') return
    for (const key of references.dependents(entry)) {
      const dependent = entries.get(key)
      if (dependent?.declared === undefined || dependent === entry) continue
      this.add(dependent)
      if (entry.kind === 'CloudProfile') this.addDependents(dependent, references, entries)
    }
  }

  delete(entry: Entry): void {
    this.#byKind.get(entry.kind)?.delete(entry)
  }

  /** The entries of one kind, which are clean from now on. */
  take(kind: string): Entry[] {
    return this.#byKind.get(kind)?.take() ?? []
  }

  clear(): void {
    for (const list of this.#byKind.values()) list.take()
  }

  get size(): number {
    return [...this.#byKind.values()].reduce((sum, list) => sum + list.size, 0)
  }
}
