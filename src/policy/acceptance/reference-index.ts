import type { PalisadeObject } from '../../api/objects.ts'
import { kindOfKey, type ObjectKey } from '../../core/key.ts'
import { MultiMap } from '../../core/multimap.ts'
import type { ReadonlySmallSet } from '../../core/small-set.ts'
import type { Model } from '../model/model.ts'
import { namedReferences, referencesOf } from '../references.ts'
import type { Entry } from './entry.ts'

const NONE: readonly ObjectKey[] = []

/** Who refers to what, in both directions; an object refers to what its declared and its enforced version name. */
export class ReferenceIndex {
  readonly #referrers = new MultiMap<ObjectKey, ObjectKey>()
  readonly #references = new Map<ObjectKey, readonly ObjectKey[]>()
  readonly #model: Model
  #changed = new Set<ObjectKey>()

  constructor(model: Model) {
    this.#model = model
  }

  /** Takes note of both versions of an object. The VPC of one that is in force as declared is for the model to say. */
  index({ key, declared: declaration, enforced }: Entry): void {
    const declared = declaration?.object
    if (declared !== undefined && declared === enforced) this.#set(key, this.#ownReferences(key, declared))
    else {
      const versions = [declared, enforced].filter((version) => version !== undefined)
      this.#set(key, [...new Set(versions.flatMap(referencesOf))])
    }
  }

  /** The model has what a group in force names. */
  #ownReferences(key: ObjectKey, object: PalisadeObject): readonly ObjectKey[] {
    const remotes = object.kind === 'SecurityGroup' ? this.#model.group(key)?.node.remotes : undefined
    return remotes ?? namedReferences(object)
  }

  #set(referrer: ObjectKey, references: readonly ObjectKey[]): void {
    const before = this.#references.get(referrer) ?? NONE
    if (before === references) return
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

  /** Those, and all that is in a VPC: the model knows it, so those references are not held a second time. */
  *dependents(key: ObjectKey): Generator<ObjectKey> {
    yield* this.referrers(key)
    const vpc = kindOfKey(key) === 'VPC' ? this.#model.vpc(key) : undefined
    if (vpc === undefined) return
    yield* vpc.instances.keys()
    for (const group of vpc.groups.values()) if (!group.generated) yield group.key
  }

  /** Keys whose referrers have changed since the last call. */
  drain(): ReadonlySet<ObjectKey> {
    const changed = this.#changed
    this.#changed = new Set()
    return changed
  }
}
