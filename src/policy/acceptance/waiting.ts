import type { PalisadeObject } from '../../api/objects.ts'
import { parseKey, type ObjectKey } from '../../core/key.ts'
import { MultiMap } from '../../core/multimap.ts'
import { pointOf } from './claim-table.ts'
import type { Entry } from './entry.ts'

/** What may help who waits, or have them say something else. */
export interface Change {
  /** An object that changes or has changed; undefined where that means something to nobody but who wants the place. */
  readonly key: ObjectKey | undefined
  /** A place on a node that changes hands. */
  readonly point: string | undefined
}

/** What a new version of an object changes for those that wait: a place that it has goes to another only if it leaves it. */
export function changeOf(
  key: ObjectKey,
  object: PalisadeObject | undefined,
  entry: Entry | undefined,
): Change {
  const point = entry?.claims.point
  const leaves = object !== undefined && point !== pointOf(object)
  return { key, point: leaves ? point : undefined }
}

/** Where profiles are. */
const NO_NAMESPACE = ''

/**
 * Refused for want of something that another object may free. Objects of two namespaces want nothing that there is
 * only once but places on nodes, so what happens in one has those of another looked at only where they want such a
 * place: the mistakes of one tenant cost the others nothing. What is in no namespace, a profile, decides over all.
 */
export class Waiting {
  /** The place on a node that each wants, if it wants one. */
  readonly #wants = new Map<Entry, string | undefined>()
  readonly #byNamespace = new MultiMap<string, Entry>()
  readonly #byPoint = new MultiMap<string, Entry>()
  /** Of those, the ones that were refused since the last call of `begin`. */
  readonly #recent = new Set<Entry>()

  add(entry: Entry): void {
    this.delete(entry)
    const point = pointOf(entry.declared?.object)
    this.#wants.set(entry, point)
    this.#byNamespace.add(parseKey(entry.key).namespace, entry)
    if (point !== undefined) this.#byPoint.add(point, entry)
    this.#recent.add(entry)
  }

  delete(entry: Entry): void {
    if (this.#wants.size === 0 || !this.#wants.has(entry)) return
    const point = this.#wants.get(entry)
    this.#wants.delete(entry)
    this.#byNamespace.delete(parseKey(entry.key).namespace, entry)
    if (point !== undefined) this.#byPoint.delete(point, entry)
    this.#recent.delete(entry)
  }

  has(entry: Entry): boolean {
    return this.#wants.has(entry)
  }

  /** A change begins. */
  begin(): void {
    this.#recent.clear()
  }

  /** Those that the change at hand has refused, or has looked at and refused again. */
  get recent(): ReadonlySet<Entry> {
    return this.#recent
  }

  /** Whether anybody waits for a place. */
  isWanted(point: string | undefined): boolean {
    return point !== undefined && this.#byPoint.has(point)
  }

  /**
   * Those that changes to some objects may help: all of their namespaces, and of those in which somebody wants a place
   * that changes hands. Who gets what it waits for may leave a place that another wants, and so on.
   */
  concernedBy(changes: Iterable<Change>): ReadonlySet<Entry> {
    const found = new Set<Entry>()
    if (this.#wants.size === 0) return found
    const namespaces = new Set<string>()
    for (const { key, point } of changes) {
      if (key !== undefined) namespaces.add(parseKey(key).namespace)
      this.#addNamespacesWanting(point, namespaces)
    }
    if (namespaces.has(NO_NAMESPACE)) return new Set(this.#wants.keys())
    // Those that are added on the way are gone through as well.
    for (const namespace of namespaces) {
      for (const entry of this.#byNamespace.get(namespace)) {
        found.add(entry)
        this.#addNamespacesWanting(entry.claims.point, namespaces)
      }
    }
    return found
  }

  #addNamespacesWanting(point: string | undefined, namespaces: Set<string>): void {
    if (point === undefined) return
    for (const { key } of this.#byPoint.get(point)) namespaces.add(parseKey(key).namespace)
  }
}
