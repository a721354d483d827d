import { SmallSet, type ReadonlySmallSet } from './small-set.ts'

/** Many values for each key; a key without values is not there. */
export class MultiMap<K, V extends object | string> {
  /** Made when first needed: the model has many of these that stay empty. */
  #sets: Map<K, SmallSet<V>> | undefined

  get(key: K): ReadonlySmallSet<V> {
    return this.#sets?.get(key) ?? NOTHING
  }

  has(key: K): boolean {
    return this.#sets?.has(key) ?? false
  }

  keys(): Iterable<K> {
    return this.#sets?.keys() ?? []
  }

  add(key: K, value: V): void {
    this.#sets ??= new Map()
    let values = this.#sets.get(key)
    if (values === undefined) {
      values = new SmallSet()
      this.#sets.set(key, values)
    }
    values.add(value)
  }

  delete(key: K, value: V): void {
    const values = this.#sets?.get(key)
    if (values === undefined) return
    values.delete(value)
    if (values.size === 0) this.#sets?.delete(key)
  }
}

const NOTHING: ReadonlySmallSet<never> = new SmallSet<never>()
