import type { PalisadeObject } from '../../api/objects.ts'
import type { ObjectKey } from '../../core/key.ts'
import { isSameList } from '../../core/same-list.ts'
import { SmallSet, type ReadonlySmallSet } from '../../core/small-set.ts'
import type { Model } from '../model/model.ts'
import { namedReferences, referencesOf } from '../references.ts'
import type { Entries, Entry } from './entry.ts'

const NOBODY: ReadonlySmallSet<ObjectKey> = new SmallSet<ObjectKey>()

/** Who refers to what, in both directions; an object refers to what its declared and its enforced version name. */
export class ReferenceIndex {
  readonly #model: Model
  readonly #entries: Entries
  /** Number of the round; what entries have of an earlier one counts no more. */
  #round = 1
  #changed: ObjectKey[] = []

  constructor(model: Model, entries: Entries) {
    this.#model = model
    this.#entries = entries
  }

  /** Takes note of both versions of an object. The VPC of one that is in force as declared is for the model to say. */
  index(entry: Entry): void {
    const { declared: declaration, enforced } = entry
    const declared = declaration?.object
    if (declared !== undefined && declared === enforced) this.#set(entry, ownReferences(entry, declared))
    else {
      const versions = [declared, enforced].filter((version) => version !== undefined)
      this.#set(entry, [...new Set(versions.flatMap(referencesOf))])
    }
  }

  #set(referrer: Entry, references: readonly ObjectKey[]): void {
    const before = referrer.references
    if (isSameList(before, references)) return
    referrer.references = references
    for (const key of before) {
      const target = this.#entries.obtain(key)
      target.referrers?.delete(referrer.key)
      this.#note(target)
    }
    for (const key of references) {
      const target = key === referrer.key ? referrer : this.#entries.obtain(key)
      target.referrers ??= new SmallSet()
      target.referrers.add(referrer.key)
      this.#note(target)
    }
    for (const key of before) this.#entries.settle(this.#entries.obtain(key))
  }

  #note(target: Entry): void {
    if (target.referredIn === this.#round) return
    target.referredIn = this.#round
    this.#changed.push(target.key)
  }

  /** Who names this key, whether it exists or not. */
  referrers(key: ObjectKey): ReadonlySmallSet<ObjectKey> {
    return this.#entries.get(key)?.referrers ?? NOBODY
  }

  /** Those, and all that is in a VPC: the model knows it, so those references are not held a second time. */
  dependents({ key, kind, referrers: known }: Entry): Iterable<ObjectKey> {
    const referrers = known ?? NOBODY
    const vpc = kind === 'VPC' ? this.#model.vpc(key) : undefined
    if (vpc === undefined) return referrers
    const groups = [...vpc.groups.values()].filter(({ generated }) => !generated)
    return [...referrers, ...[...vpc.instances, ...groups].map((node) => node.key)]
  }

  /** Keys whose referrers have changed since the last call. */
  drain(): readonly ObjectKey[] {
    const changed = this.#changed
    this.#round += 1
    this.#changed = []
    return changed
  }
}

/** What an object names that is in force as declared: of a group, the model has it. */
function ownReferences({ key, vpc }: Entry, object: PalisadeObject): readonly ObjectKey[] {
  const remotes = object.kind === 'SecurityGroup' ? vpc?.groups.get(key)?.remotes : undefined
  return remotes ?? namedReferences(object)
}
