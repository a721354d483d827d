import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { ObjectKey } from '../../src/core/key.ts'
import { Acceptance } from '../../src/policy/acceptance/acceptance.ts'
import type { AcceptanceResult, Declaration } from '../../src/policy/acceptance/decision.ts'
import type { Finding } from '../../src/policy/acceptance/finding.ts'
import { BUILT_IN } from '../reference/built-in.ts'

/** A model with its acceptance, the built-in profiles declared, and every key in the order of its coming. */
export class Installation {
  readonly acceptance = new Acceptance()
  readonly model = this.acceptance.model
  readonly #order = new Map<ObjectKey, number>()
  readonly #declared = new Map<ObjectKey, PalisadeObject | undefined>()
  #next = 0

  constructor(...objects: readonly PalisadeObject[]) {
    this.declare(...BUILT_IN)
    if (objects.length > 0) this.declare(...objects)
  }

  /** All in one change, the first being the oldest of those that are new. */
  declare(...objects: readonly PalisadeObject[]): AcceptanceResult {
    return this.change(objects, [])
  }

  withdraw(...keys: readonly ObjectKey[]): AcceptanceResult {
    return this.change([], keys)
  }

  change(declare: readonly PalisadeObject[], withdraw: readonly ObjectKey[]): AcceptanceResult {
    const versions = new Map(declare.map((object) => [keyOf(object), this.#declaration(object)]))
    const result = this.acceptance.apply({ declare: [...versions.values()], withdraw })
    for (const object of declare) this.#declared.set(keyOf(object), object)
    for (const key of withdraw) {
      this.#order.delete(key)
      this.#declared.delete(key)
    }
    this.model.drain()
    return result
  }

  /** Declares a key in a form that cannot be used. */
  spoil(key: ObjectKey): void {
    const order = this.#order.get(key) ?? Infinity
    this.#declared.set(key, undefined)
    this.acceptance.apply({ declare: [{ key, object: undefined, order }], withdraw: [] })
    this.model.drain()
  }

  /** What is declared and not in force in any version; undefined where it cannot even be read. */
  get inDoubt(): ReadonlyMap<ObjectKey, PalisadeObject | undefined> {
    return new Map([...this.#declared].filter(([key]) => this.model.object(key) === undefined))
  }

  findings(object: PalisadeObject): readonly Finding[] {
    return this.acceptance.verdict(keyOf(object)).findings
  }

  codes(object: PalisadeObject): readonly string[] {
    return this.findings(object).map(({ code }) => code)
  }

  isAccepted(object: PalisadeObject): boolean {
    return this.acceptance.verdict(keyOf(object)).accepted
  }

  /** The version in force. */
  inForce(object: PalisadeObject): PalisadeObject | undefined {
    return this.model.object(keyOf(object))
  }

  #declaration(object: PalisadeObject): Declaration {
    const key = keyOf(object)
    const order = this.#order.get(key) ?? this.#next++
    this.#order.set(key, order)
    return { key, object, order }
  }
}
