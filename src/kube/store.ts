import { KINDS, keyOf, type PalisadeObject } from '../api/objects.ts'
import { isStoredObject } from '../api/stored-object.ts'
import { kindOfKey, type ObjectKey } from '../core/key.ts'
import type { Moment } from '../core/moment.ts'
import { StoreError, type Inventory, type Store } from '../store/store.ts'
import type { ClusterObjects } from './cluster-objects.ts'
import type { ClusterWriter } from './cluster-writer.ts'
import { ObjectWriter, type WrittenStatus } from './object-writer.ts'
import { rememberedInventory, type RememberedOptions } from './remembered.ts'
import { summaryOf, WriteQueue, type Write } from './write-queue.ts'
import { conditionsOf } from './written-status.ts'

export interface KubeStoreOptions extends RememberedOptions {
  readonly cluster: ClusterObjects
  readonly writer: ClusterWriter
  readonly now: () => Moment
  /** Asked before each write: false once another process may be writing; absent: there is none. */
  readonly mayWrite?: () => boolean
  /** Told of each status that was written over another. */
  readonly onWritten?: (written: WrittenStatus) => void
}

/**
 * The objects of a cluster as the place where things are remembered. There is no inventory besides them: each
 * status holds the version in force of its object, and a restart puts together what they say.
 */
export class KubeStore implements Store {
  readonly #options: KubeStoreOptions
  readonly #objects: ObjectWriter
  readonly #queue: WriteQueue

  constructor(options: KubeStoreOptions) {
    this.#options = options
    const { cluster, writer, now, onWritten = () => undefined, mayWrite = () => true } = options
    this.#objects = new ObjectWriter(cluster, writer, onWritten, now)
    this.#queue = new WriteQueue(mayWrite)
  }

  async readInventory(): Promise<Inventory> {
    await this.#options.cluster.whenSynced()
    return rememberedInventory(this.#options.cluster.entries(), this.#options)
  }

  /** All of it is in the statuses. */
  writeInventory(): Promise<void> {
    return Promise.resolve()
  }

  /**
   * What comes into force before what merely says more: agents wait for the one, and a server that is busy with the
   * other answers later. Of each, what others are judged by first, so that agents have it when they learn of an instance;
   * default groups say nothing of what is in force, since agents find them by themselves.
   */
  async writeStatus(put: readonly PalisadeObject[], remove: readonly ObjectKey[]): Promise<void> {
    const gone = [...remove].sort((a, b) => rank(kindOfKey(b)) - rank(kindOfKey(a)))
    const objects = [...put].sort((a, b) => rank(a.kind) - rank(b.kind))
    const coming = new Set(objects.filter((object) => this.#objects.isEnforcedAnew(object)))
    const failures = await this.#queue.run(
      gone.map((key) => ({ key, run: () => this.#objects.remove(key) })),
      [...coming].map((object) => this.#putOf(object)),
      objects.filter((object) => !coming.has(object)).map((object) => this.#putOf(object)),
    )
    const [first, ...more] = failures
    if (first !== undefined) throw new StoreError(summaryOf([first, ...more]), { cause: first })
  }

  #putOf(object: PalisadeObject): Write {
    return { key: keyOf(object), run: () => this.#objects.put(object) }
  }

  lost(): readonly ObjectKey[] {
    return this.#objects.lost()
  }

  async listStatus(): Promise<ReadonlySet<ObjectKey>> {
    return new Set((await this.readStatus()).map(keyOf))
  }

  async readStatus(keys?: Iterable<ObjectKey>): Promise<readonly PalisadeObject[]> {
    const { cluster } = this.#options
    await cluster.whenSynced()
    const sought = keys ?? Array.from(cluster.entries(), ([key]) => key)
    return [...sought].sort().flatMap((key) => {
      const found = this.#objects.current(key)
      if (found === undefined || conditionsOf(found.status).size === 0) return []
      const object: unknown = found
      return isStoredObject(object, key) ? [object] : []
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

const rank = (kind: string): number => KINDS.findIndex((one) => one === kind)
