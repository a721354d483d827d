import { SmallSet, type ReadonlySmallSet } from './small-set.ts'
import { Table, type Tabled } from './table.ts'

interface Row<K, V extends object | string> extends Tabled<K, Row<K, V>> {
  readonly values: SmallSet<V>
}

/** Many values for each key, in the order in which the keys came; a key without values is not there. */
export class MultiMap<K, V extends object | string> {
  /** Made when first needed: the model has many of these that stay empty. */
  #rows: Table<K, Row<K, V>> | undefined

  get(key: K): ReadonlySmallSet<V> {
    return this.#rows?.get(key)?.values ?? NOTHING
  }

  has(key: K): boolean {
    return this.#rows?.has(key) ?? false
  }

  *keys(): Generator<K> {
    for (const { key } of this.#rows?.values() ?? []) yield key
  }

  add(key: K, value: V): void {
    this.#rows ??= new Table()
    const row = this.#rows.get(key)
    if (row !== undefined) {
      row.values.add(value)
      return
    }
    const fresh: Row<K, V> = { key, next: undefined, values: new SmallSet() }
    fresh.values.add(value)
    this.#rows.add(fresh)
  }

  delete(key: K, value: V): void {
    const row = this.#rows?.get(key)
    if (row === undefined) return
    row.values.delete(value)
    if (row.values.size === 0) this.#rows?.delete(row)
  }
}

const NOTHING: ReadonlySmallSet<never> = new SmallSet<never>()
