/** Many values for each key; a key without values is not there. */
export class MultiMap<K, V> {
  readonly #sets = new Map<K, Set<V>>()

  get(key: K): ReadonlySet<V> {
    return this.#sets.get(key) ?? NOTHING
  }

  has(key: K): boolean {
    return this.#sets.has(key)
  }

  add(key: K, value: V): void {
    const values = this.#sets.get(key)
    if (values === undefined) this.#sets.set(key, new Set([value]))
    else values.add(value)
  }

  delete(key: K, value: V): void {
    const values = this.#sets.get(key)
    if (values === undefined) return
    values.delete(value)
    if (values.size === 0) this.#sets.delete(key)
  }
}

const NOTHING: ReadonlySet<never> = new Set<never>()
