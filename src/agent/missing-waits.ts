import type { PalisadeObject } from '../api/objects.ts'
import { parseKey, type ObjectKey } from '../core/key.ts'
import {
  missingReferents,
  missingSentence,
  needsOf,
  type Needs,
  type VersionsByKey,
} from './missing-referents.ts'

/** How long something is waited for that may be missing for good. */
const WAIT_MS = 5_000

/** The namespaces that are to stay as they are. */
export interface Held {
  readonly namespaces: ReadonlySet<string>
  /** One sentence for each of them, sorted. */
  readonly waits: readonly string[]
  /** When to look again although nothing changed, by the clock that was given. */
  readonly again: number | undefined
}

/** Remembers since when what objects refer to has been missing. */
export class MissingWaits {
  readonly #needs = new WeakMap<PalisadeObject, Needs>()
  /**
   * By the version that refers to it: one that was waited for before somebody named it again may have been made again, and
   * has yet to be seen.
   */
  #missing: ReadonlyMap<PalisadeObject, ReadonlyMap<ObjectKey, number>> = new Map()

  /** Whether anything was missing when this was last asked. */
  get areAny(): boolean {
    return this.#missing.size > 0
  }

  /** What an object needs is looked up once, and each time whether it is there. */
  needsOf(object: PalisadeObject): Needs {
    const needs = this.#needs.get(object) ?? needsOf(object)
    this.#needs.set(object, needs)
    return needs
  }

  /** Whether the versions have all that the object needs. */
  isComplete(key: ObjectKey, object: PalisadeObject, versions: VersionsByKey): boolean {
    return missingReferents(key, this.needsOf(object), versions).length === 0
  }

  /** Looks at all that is to come into force. `now`: milliseconds since some moment. */
  review(next: ReadonlyMap<ObjectKey, { readonly object: PalisadeObject }>, now: number): Held {
    const held = new Map<string, string>()
    const missing = new Map<PalisadeObject, ReadonlyMap<ObjectKey, number>>()
    let again: number | undefined
    for (const [key, { object }] of next) {
      const found = missingReferents(key, this.needsOf(object), next)
      if (found.length === 0) continue
      const before = this.#missing.get(object)
      const times = new Map(found.map((one) => [one.key, before?.get(one.key) ?? now]))
      missing.set(object, times)
      for (const one of found) {
        const end = one.isVital ? Infinity : (times.get(one.key) ?? now) + WAIT_MS
        if (end <= now) continue
        if (!one.isVital) again = Math.min(again ?? Infinity, end)
        const { namespace } = parseKey(key)
        const [sentence, other] = [missingSentence(one), held.get(namespace)]
        // One of each namespace, the same whatever came first.
        if (other === undefined || sentence < other) held.set(namespace, sentence)
      }
    }
    this.#missing = missing
    return { namespaces: new Set(held.keys()), waits: [...held.values()].sort(), again }
  }
}
