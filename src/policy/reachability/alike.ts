/** One number for each text, in the order in which they come. */
export class TextNumbers {
  readonly #numbers = new Map<string, number>()

  of(text: string): number {
    const known = this.#numbers.get(text) ?? this.#numbers.size
    this.#numbers.set(text, known)
    return known
  }
}

/** At least one. */
export type Some<T> = readonly [T, ...T[]]

/** Those of the same identity become one, in the order of the first of each. */
export function joinedAlike<T>(
  all: readonly T[],
  identity: (one: T) => string,
  join: (alike: Some<T>) => T,
): readonly T[] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const one of all) {
    const key = identity(one)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return [...groups.values()].map((alike) => (alike.length === 1 ? alike[0] : join(alike)))
}

/** What is computed of an object is computed once. */
export function remembered<T extends object, R>(compute: (of: T) => R): (of: T) => R {
  const known = new Map<T, R>()
  return (of) => {
    const result = known.get(of) ?? compute(of)
    known.set(of, result)
    return result
  }
}

/** Joins the same objects in the same order once, so that what they are joined to is the same object too. */
export function joinedOnce<T extends object>(join: (all: readonly T[]) => T): (all: readonly T[]) => T {
  const numbers = new Map<T, number>()
  const known = new Map<string, T>()
  const numberOf = (one: T): number => {
    const number = numbers.get(one) ?? numbers.size
    numbers.set(one, number)
    return number
  }
  return (all) => {
    const key = all.map(numberOf).join()
    const joined = known.get(key) ?? join(all)
    known.set(key, joined)
    return joined
  }
}
