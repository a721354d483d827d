import { keyOf, type PalisadeObject } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import { emptyInventory } from './inventory-file.ts'
import type { Inventory, Store } from './store.ts'

/** A store that lasts as long as its process, for `plan` on nothing but manifests and for tests. */
export function memoryStore(): Store {
  return new MemoryStore()
}

class MemoryStore implements Store {
  readonly #status = new Map<ObjectKey, PalisadeObject>()
  #inventory = emptyInventory()

  readInventory(): Promise<Inventory> {
    return Promise.resolve(this.#inventory)
  }

  /** Copies the map, so that what the caller does with it afterwards is not remembered. */
  writeInventory({ entries, ...rest }: Inventory): Promise<void> {
    this.#inventory = { entries: new Map(entries), ...rest }
    return Promise.resolve()
  }

  writeStatus(put: readonly PalisadeObject[], remove: readonly ObjectKey[]): Promise<void> {
    for (const key of remove) this.#status.delete(key)
    for (const object of put) this.#status.set(keyOf(object), object)
    return Promise.resolve()
  }

  listStatus(): Promise<ReadonlySet<ObjectKey>> {
    return Promise.resolve(new Set(this.#status.keys()))
  }

  readStatus(keys: Iterable<ObjectKey> = this.#status.keys()): Promise<readonly PalisadeObject[]> {
    const found = [...keys].sort().flatMap((key) => this.#status.get(key) ?? [])
    return Promise.resolve(found)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
