import type { ObjectKey } from '../core/key.ts'
import type { ClusterObjects } from './cluster-objects.ts'
import type { ServerObject } from './server-object.ts'

export interface ObjectChange {
  readonly key: ObjectKey
  readonly before: ServerObject | undefined
  /** Undefined: it has gone. */
  readonly now: ServerObject | undefined
}

/** What changed in a cluster since it was last asked, found by comparing identities. */
export class ChangeFeed {
  readonly #cluster: Pick<ClusterObjects, 'entries'>
  readonly #kind: string | undefined
  #known: ReadonlyMap<ObjectKey, ServerObject> = new Map()

  /** Without a kind: of every kind. */
  constructor(cluster: Pick<ClusterObjects, 'entries'>, kind?: string) {
    this.#cluster = cluster
    this.#kind = kind
  }

  drain(): readonly ObjectChange[] {
    const before = this.#known
    const now = new Map(this.#cluster.entries(this.#kind))
    this.#known = now
    const changes: ObjectChange[] = []
    for (const [key, object] of now) {
      const last = before.get(key)
      if (last !== object) changes.push({ key, before: last, now: object })
    }
    for (const [key, object] of before) {
      if (!now.has(key)) changes.push({ key, before: object, now: undefined })
    }
    return changes
  }
}
