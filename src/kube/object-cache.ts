import type { ObjectKey } from '../core/key.ts'
import { ChangeJournal } from './change-journal.ts'
import { keyOfServerObject, type ServerObject } from './server-object.ts'

/** The objects of one watch. One that did not change stays the same JavaScript object. */
export class ObjectCache {
  readonly #objects = new Map<ObjectKey, ServerObject>()
  readonly #journal = new ChangeJournal()

  get objects(): ReadonlyMap<ObjectKey, ServerObject> {
    return this.#objects
  }

  get journal(): Pick<ChangeJournal, 'position' | 'since'> {
    return this.#journal
  }

  put(object: ServerObject): void {
    const key = keyOfServerObject(object)
    const before = this.#objects.get(key)
    if (isSameVersion(before, object)) return
    this.#objects.set(key, object)
    this.#journal.note(key)
  }

  remove(object: ServerObject): void {
    this.#removeKey(keyOfServerObject(object))
  }

  /** What is not among them has gone. */
  replace(objects: Iterable<ServerObject>): void {
    const gone = new Set(this.#objects.keys())
    for (const object of objects) {
      this.put(object)
      gone.delete(keyOfServerObject(object))
    }
    for (const key of gone) this.#removeKey(key)
  }

  #removeKey(key: ObjectKey): void {
    if (this.#objects.delete(key)) this.#journal.note(key)
  }
}

/** The one that is known is kept where both are the same version of the same object. */
function isSameVersion(before: ServerObject | undefined, now: ServerObject): boolean {
  return (
    before?.metadata.uid === now.metadata.uid &&
    before.metadata.resourceVersion === now.metadata.resourceVersion
  )
}
