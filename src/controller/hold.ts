import type { Diagnostic } from '../core/diagnostic.ts'
import { parseKey, type ObjectKey } from '../core/key.ts'

/** The namespace of objects that belong to none. */
const PROFILES = ''
/** No namespace can be called that. */
const EVERYWHERE = '*'

/**
 * Changes that are not made, by the namespace in which they were asked for, with the findings that say why.
 *
 * Objects refer to others of their own namespace, and to profiles, which belong to none. So what breaks a check
 * was asked for in the namespace of the check, or it is a profile.
 */
export class Hold {
  static readonly NOTHING = new Hold(new Map())
  /** All that can be held. */
  static readonly ALL = new Hold(new Map([[EVERYWHERE, []]]))
  readonly #reasons: ReadonlyMap<string, readonly Diagnostic[]>

  private constructor(reasons: ReadonlyMap<string, readonly Diagnostic[]>) {
    this.#reasons = reasons
  }

  get isEmpty(): boolean {
    return this.#reasons.size === 0
  }

  /** Whether a change of an object is not made; undefined: it is. */
  reasonsFor(key: ObjectKey): readonly Diagnostic[] | undefined {
    return this.#reasons.get(parseKey(key).namespace) ?? this.#reasons.get(EVERYWHERE)
  }

  /** Holds more, since checks would be broken all the same; each finding is about the check. */
  with(findings: readonly Diagnostic[]): Hold {
    const concerned = new Set(findings.map(({ object = '' }) => parseKey(object).namespace))
    const unheld = [...concerned].filter((namespace) => !this.#reasons.has(namespace))
    const next = unheld.length > 0 ? unheld : [this.#reasons.has(PROFILES) ? EVERYWHERE : PROFILES]
    const reasons = new Map(this.#reasons)
    for (const namespace of next) {
      const own = findings.filter(({ object = '' }) => parseKey(object).namespace === namespace)
      reasons.set(namespace, own.length > 0 ? own : findings)
    }
    return new Hold(reasons)
  }

  /** Whether nothing at all is changed, so that there is nothing left to hold. */
  get isWhole(): boolean {
    return this.#reasons.has(EVERYWHERE)
  }
}
