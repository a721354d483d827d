import { keyOf, namespaceOf, type PalisadeObject } from '../../api/objects.ts'
import type { VPC } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Model } from '../model/model.ts'
import type { Profile } from '../profile.ts'

/** What is counted over many objects: each object of such a kind belongs to one scope. */
export class QuotaLedger {
  readonly #scopes = new Map<ObjectKey, string>()
  readonly #used = new Map<string, number>()
  #changed = new Set<string>()

  /** Counts an object in force; moves it when its scope has changed. */
  count(key: ObjectKey, scope: string): void {
    if (this.#scopes.get(key) === scope) return
    this.release(key)
    this.#scopes.set(key, scope)
    this.#used.set(scope, this.used(scope) + 1)
    this.#changed.add(scope)
  }

  release(key: ObjectKey): void {
    const scope = this.#scopes.get(key)
    if (scope === undefined) return
    this.#scopes.delete(key)
    this.#used.set(scope, this.used(scope) - 1)
    this.#changed.add(scope)
  }

  used(scope: string): number {
    return this.#used.get(scope) ?? 0
  }

  /** Scopes in which the count has changed since the last call. */
  drain(): ReadonlySet<string> {
    const changed = this.#changed
    this.#changed = new Set()
    return changed
  }
}

/** Where a VPC is counted; networks of different clouds are not counted together. */
export function vpcScope(vpc: VPC, profile: Profile): string {
  const per = profile.spec.quotas?.vpcs?.per ?? 'Namespace'
  return ['vpcs', profile.name, namespaceOf(vpc), per === 'Region' ? (vpc.spec.region ?? '') : '*'].join('|')
}

/** Where the groups of a VPC are counted. */
export function groupScope(vpc: VPC, profile: Profile): string {
  const per = profile.spec.quotas?.securityGroups?.per ?? 'VPC'
  const scope = {
    VPC: `vpc:${vpc.metadata.name}`,
    Region: `region:${vpc.spec.region ?? ''}`,
    Namespace: '*',
  }[per]
  return ['groups', profile.name, namespaceOf(vpc), scope].join('|')
}

/** Counts an object that came into force, and whatever it moves to another scope by that. */
export function countObject(ledger: QuotaLedger, object: PalisadeObject, model: Model): void {
  if (object.kind === 'CloudProfile') {
    for (const vpc of model.vpcsWithProfile(object.metadata.name)) countObject(ledger, vpc.object, model)
  } else if (object.kind === 'VPC') {
    const vpc = model.vpc(keyOf(object))
    if (vpc === undefined) return
    ledger.count(vpc.key, vpcScope(object, vpc.profile))
    const scope = groupScope(object, vpc.profile)
    for (const group of vpc.groups.values()) if (!group.generated) ledger.count(group.key, scope)
  } else if (object.kind === 'SecurityGroup') {
    const vpc = model.vpcOf(object)
    if (vpc !== undefined) ledger.count(keyOf(object), groupScope(vpc.object, vpc.profile))
  }
}

/** The VPCs whose quotas are counted in any of some scopes: an object of one VPC may count for several. */
export function* vpcsCountedIn(scopes: ReadonlySet<string>, model: Model): Generator<ObjectKey> {
  if (scopes.size === 0) return
  for (const { key, object, profile } of model.vpcs()) {
    const { vpcs, securityGroups } = profile.spec.quotas ?? {}
    const isCounted =
      (vpcs !== undefined && scopes.has(vpcScope(object, profile))) ||
      (securityGroups !== undefined && scopes.has(groupScope(object, profile)))
    if (isCounted) yield key
  }
}
