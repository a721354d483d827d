import type { PalisadeObject } from '../../api/objects.ts'
import type { ObjectKey } from '../../core/key.ts'
import { MultiMap } from '../../core/multimap.ts'
import type { ReadonlySmallSet } from '../../core/small-set.ts'
import { namedReferences, referencesOf } from '../references.ts'

const NONE: readonly ObjectKey[] = []

/** Who refers to what, in both directions; an object refers to what its declared and its enforced version name. */
export class ReferenceIndex {
  readonly #referrers = new MultiMap<ObjectKey, ObjectKey>()
  readonly #references = new Map<ObjectKey, readonly ObjectKey[]>()
  #changed = new Set<ObjectKey>()

  /** Takes note of both versions of an object. The VPC of one that is in force as declared is for the model to say. */
  index(
    referrer: ObjectKey,
    declared: PalisadeObject | undefined,
    enforced: PalisadeObject | undefined,
  ): void {
    if (declared !== undefined && declared === enforced) this.#set(referrer, namedReferences(declared))
    else {
      const versions = [declared, enforced].filter((version) => version !== undefined)
      this.#set(referrer, [...new Set(versions.flatMap(referencesOf))])
    }
  }

  #set(referrer: ObjectKey, references: readonly ObjectKey[]): void {
    const before = this.#references.get(referrer) ?? NONE
    if (before.length === references.length && before.every((key, index) => key === references[index])) return
    for (const key of before) {
      this.#referrers.delete(key, referrer)
      this.#changed.add(key)
    }
    for (const key of references) {
      this.#referrers.add(key, referrer)
      this.#changed.add(key)
    }
    if (references.length === 0) this.#references.delete(referrer)
    else this.#references.set(referrer, references)
  }

  /** Who names this key, whether it exists or not. */
  referrers(key: ObjectKey): ReadonlySmallSet<ObjectKey> {
    return this.#referrers.get(key)
  }

  /** Keys whose referrers have changed since the last call. */
  drain(): ReadonlySet<ObjectKey> {
    const changed = this.#changed
    this.#changed = new Set()
    return changed
  }
}
