import { namespaceOf } from '../../api/objects.ts'
import type { VPC } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Profile } from '../profile.ts'

/** What is counted over many objects: each object of such a kind belongs to one scope. */
export class QuotaLedger {
  readonly #scopes = new Map<ObjectKey, string>()
  readonly #used = new Map<string, number>()

  /** Counts an object in force; moves it when its scope has changed. */
  count(key: ObjectKey, scope: string): void {
    if (this.#scopes.get(key) === scope) return
    this.release(key)
    this.#scopes.set(key, scope)
    this.#used.set(scope, this.used(scope) + 1)
  }

  release(key: ObjectKey): void {
    const scope = this.#scopes.get(key)
    if (scope === undefined) return
    this.#scopes.delete(key)
    this.#used.set(scope, this.used(scope) - 1)
  }

  used(scope: string): number {
    return this.#used.get(scope) ?? 0
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
