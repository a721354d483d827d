import type { ObjectKey } from '../../core/key.ts'
import { Worklist } from '../../core/worklist.ts'
import type { Entries, Entry } from './entry.ts'

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

  delete(entry: Entry): void {
    this.#byKind.get(entry.kind)?.delete(entry)
  }

  /** The entries of one kind, which are clean from now on. */
  take(kind: string): readonly Entry[] {
    return this.#byKind.get(kind)?.take() ?? []
  }

  clear(): void {
    for (const list of this.#byKind.values()) list.take()
  }

  get size(): number {
    return [...this.#byKind.values()].reduce((sum, list) => sum + list.size, 0)
  }
}
