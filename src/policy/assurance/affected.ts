import { namespaceOf } from '../../api/objects.ts'
import type { CheckEnd, ReachabilityCheck } from '../../api/types.gen.ts'
import { kindOfKey, objectKey, type ObjectKey } from '../../core/key.ts'
import type { Model } from '../model/model.ts'
import type { RulesetChange } from '../ruleset.ts'
import { meansInstance } from './ends.ts'
import type { Assessment } from './evaluate.ts'

/** With more instances than these it costs less to assess every check than to ask which are concerned. */
const MOST_INSTANCES = 1000

/** Which checks may come out otherwise after a change than before: those of whose ends something has changed. */
export class ChangeScope {
  readonly #model: Model
  readonly #objects: ReadonlySet<ObjectKey>
  readonly #instances: ReadonlySet<ObjectKey>
  readonly #isTotal: boolean
  readonly #movesInstances: boolean

  /** `objects`: whose version in force has changed. `change`: what that makes of rules and addresses. */
  constructor(model: Model, objects: Iterable<ObjectKey>, change: RulesetChange) {
    this.#model = model
    this.#objects = new Set(objects)
    const own = [...this.#objects].filter((key) => kindOfKey(key) === 'Instance')
    const remotes = [...change.putRemotes.keys(), ...change.removeRemotes]
    this.#instances = new Set([
      ...own,
      ...change.put.map(({ instance }) => instance),
      ...change.remove,
      ...remotes.flatMap((remote) => [...model.instancesUsing(remote)]),
    ])
    this.#movesInstances = own.length > 0
    this.#isTotal =
      this.#instances.size > MOST_INSTANCES || [...this.#objects].some((key) => TOTAL.has(kindOfKey(key)))
  }

  concerns(check: ReachabilityCheck, { instances }: Assessment): boolean {
    const ends = [check.spec.from, check.spec.to]
    if (this.#isTotal || ends.some((end) => this.#concernsEnd(end, namespaceOf(check)))) return true
    const meant = ends.map(meansInstance)
    for (const key of this.#instances) {
      if (instances.has(key)) return true
      const node = this.#model.instance(key)?.node
      if (meant.some((means) => means(key, node))) return true
    }
    return false
  }

  #concernsEnd({ addressGroupRef, securityGroupRef, cidrs, internet }: CheckEnd, namespace: string): boolean {
    const has = (kind: string, name: string | undefined): boolean =>
      name !== undefined && this.#objects.has(objectKey(kind, namespace, name))
    const isOfAddresses = addressGroupRef !== undefined || cidrs !== undefined || internet === true
    return (
      (isOfAddresses && this.#movesInstances) ||
      has('AddressGroup', addressGroupRef?.name) ||
      has('SecurityGroup', securityGroupRef?.name)
    )
  }
}

/** Kinds of which a change can reach everything. */
const TOTAL: ReadonlySet<string> = new Set(['VPC', 'CloudProfile'])
