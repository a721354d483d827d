import type { ObjectKey } from '../core/key.ts'
import { keyOfServerObject, type ServerObject } from './server-object.ts'

/** The objects of one watch. One that did not change stays the same JavaScript object. */
export class ObjectCache {
  #objects = new Map<ObjectKey, ServerObject>()

  get objects(): ReadonlyMap<ObjectKey, ServerObject> {
    return this.#objects
  }

  put(object: ServerObject): void {
    const key = keyOfServerObject(object)
    this.#objects.set(key, newer(this.#objects.get(key), object))
  }

  remove(object: ServerObject): void {
    this.#objects.delete(keyOfServerObject(object))
  }

  /** What is not among them has gone. */
  replace(objects: Iterable<ServerObject>): void {
    const before = this.#objects
    this.#objects = new Map()
    for (const object of objects) {
      const key = keyOfServerObject(object)
      this.#objects.set(key, newer(before.get(key), object))
    }
  }
}

/** The one that is kept where both are the same version of the same object. */
function newer(before: ServerObject | undefined, now: ServerObject): ServerObject {
  const isSame =
    before?.metadata.uid === now.metadata.uid &&
    before.metadata.resourceVersion === now.metadata.resourceVersion
  return isSame ? before : now
}
