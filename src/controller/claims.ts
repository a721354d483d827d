import path from 'node:path'
import type { ObjectKey } from '../core/key.ts'
import { MultiMap } from '../core/multimap.ts'

/** Which objects files may still declare that cannot be read, or not whole. */
export class Claims {
  readonly #paths = new MultiMap<ObjectKey, string>()
  readonly #keys = new MultiMap<string, ObjectKey>()
  /** Claims on objects that another file declared at the same time: neither of the two may win. */
  readonly #disputed = new MultiMap<ObjectKey, string>()

  add(key: ObjectKey, file: string, isDisputed: boolean): void {
    this.#paths.add(key, file)
    this.#keys.add(file, key)
    if (isDisputed) this.#disputed.add(key, file)
  }

  delete(key: ObjectKey, file: string): void {
    this.#paths.delete(key, file)
    this.#keys.delete(file, key)
    this.#disputed.delete(key, file)
  }

  /** The files that may declare an object. */
  on(key: ObjectKey): Iterable<string> & { readonly size: number } {
    return this.#paths.get(key)
  }

  disputed(key: ObjectKey): Iterable<string> & { readonly size: number } {
    return this.#disputed.get(key)
  }

  /** The objects that a file may declare. */
  of(file: string): readonly ObjectKey[] {
    return [...this.#keys.get(file)]
  }

  files(): readonly string[] {
    return [...this.#keys.keys()]
  }

  /** Another file has taken the object over. */
  settle(key: ObjectKey): void {
    if (this.#disputed.has(key)) return
    for (const file of [...this.#paths.get(key)]) this.delete(key, file)
  }
}

/** Paths are compared as paths: everything relative is within `.`, and `a` is not within `ab`. */
export function isWithin(file: string, folder: string): boolean {
  const way = path.relative(folder, file)
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way)
}
