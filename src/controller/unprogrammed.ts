import type { ObjectKey } from '../core/key.ts'
import type { Faults } from '../firewall/firewall.ts'
import type { Model } from '../policy/model/model.ts'
import type { RulesetChange } from '../policy/ruleset.ts'

/** Instances that the firewall does not hold as desired, and why. */
export class Unprogrammed {
  readonly #model: Model
  #reasons: ReadonlyMap<ObjectKey, string> = new Map()

  constructor(model: Model) {
    this.#model = model
  }

  of(key: ObjectKey): string | undefined {
    return this.#reasons.get(key)
  }

  /** Takes what came of a change in place of what came of the last one; returns whom either is about. */
  note(change: RulesetChange, refusal: string | undefined, faults: Faults | undefined): Iterable<ObjectKey> {
    const before = this.#reasons.keys()
    this.#reasons = refusal === undefined ? new Map() : (faults ?? this.#concerned(change, refusal))
    return [...before, ...this.#reasons.keys()]
  }

  /** Who was to get other rules, or the same rules with other addresses. */
  #concerned({ put, putRemotes, removeRemotes }: RulesetChange, refusal: string): Faults {
    const remotes = [...putRemotes.keys(), ...removeRemotes]
    const users = remotes.flatMap((remote) => [...this.#model.instancesUsing(remote)])
    return new Map([...put.map(({ instance }) => instance), ...users].map((key) => [key, refusal]))
  }
}
