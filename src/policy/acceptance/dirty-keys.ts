import { kindOfKey, type ObjectKey } from '../../core/key.ts'

/** Keys that have to be looked at again, by kind. */
export class DirtyKeys {
  readonly #byKind = new Map<string, Set<ObjectKey>>()

  add(key: ObjectKey): void {
    const kind = kindOfKey(key)
    const keys = this.#byKind.get(kind)
    if (keys === undefined) this.#byKind.set(kind, new Set([key]))
    else keys.add(key)
  }

  delete(key: ObjectKey): void {
    this.#byKind.get(kindOfKey(key))?.delete(key)
  }

  /** The keys of one kind, which are clean from now on. */
  take(kind: string): readonly ObjectKey[] {
    const keys = [...(this.#byKind.get(kind) ?? [])]
    this.#byKind.delete(kind)
    return keys
  }

  clear(): void {
    this.#byKind.clear()
  }

  get size(): number {
    return [...this.#byKind.values()].reduce((sum, keys) => sum + keys.size, 0)
  }
}
