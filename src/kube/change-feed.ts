import type { ObjectKey } from '../core/key.ts'
import type { ClusterObjects, JournalPositions } from './cluster-objects.ts'
import type { ServerObject } from './server-object.ts'

export interface ObjectChange {
  readonly key: ObjectKey
  readonly before: ServerObject | undefined
  /** Undefined: it has gone. */
  readonly now: ServerObject | undefined
}

/** What changed in a cluster since it was last asked; the time grows with the number of changes. */
export class ChangeFeed {
  readonly #cluster: Pick<ClusterObjects, 'entries' | 'get' | 'changedSince'>
  readonly #kind: string | undefined
  readonly #known = new Map<ObjectKey, ServerObject>()
  #positions: JournalPositions | undefined

  /** Without a kind: of every kind. */
  constructor(cluster: Pick<ClusterObjects, 'entries' | 'get' | 'changedSince'>, kind?: string) {
    this.#cluster = cluster
    this.#kind = kind
  }

  drain(): readonly ObjectChange[] {
    const { keys, positions } = this.#cluster.changedSince(this.#positions, this.#kind)
    this.#positions = positions
    const suspects = keys === undefined ? this.#all() : new Set(keys)
    const changes: ObjectChange[] = []
    for (const key of suspects) {
      const before = this.#known.get(key)
      const now = this.#cluster.get(key)
      if (before === now) continue
      if (now === undefined) this.#known.delete(key)
      else this.#known.set(key, now)
      changes.push({ key, before, now })
    }
    return changes
  }

  #all(): ReadonlySet<ObjectKey> {
    const keys = new Set(this.#known.keys())
    for (const [key] of this.#cluster.entries(this.#kind)) keys.add(key)
    return keys
  }
}
