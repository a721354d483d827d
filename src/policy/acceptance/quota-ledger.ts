import { namespaceOf, type PalisadeObject } from '../../api/objects.ts'
import type { VPC } from '../../api/types.gen.ts'
import type { ObjectKey } from '../../core/key.ts'
import type { Model } from '../model/model.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import type { Profile } from '../profile.ts'
import { limitsOf } from './quota-limits.ts'

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

/**
 * Counts an object that came into force, and whatever it moves to another scope by that. Where nothing is
 * limited, nothing is counted: a limit comes with a new version of the VPC or its profile, which counts all again.
 */
export function countObject(ledger: QuotaLedger, key: ObjectKey, object: PalisadeObject, model: Model): void {
  if (object.kind === 'CloudProfile') {
    for (const vpc of model.vpcsWithProfile(object.metadata.name)) countVpc(ledger, vpc)
  } else if (object.kind === 'VPC') {
    const vpc = model.vpc(key)
    if (vpc !== undefined) countVpc(ledger, vpc)
  } else if (object.kind === 'SecurityGroup') {
    const vpc = model.vpcOf(object)
    if (vpc !== undefined) countIn(ledger, key, limitedGroupScope(vpc))
  }
}

function countVpc(ledger: QuotaLedger, vpc: VpcIndex): void {
  const { object, profile } = vpc
  const limited = profile.spec.quotas?.vpcs !== undefined
  countIn(ledger, vpc.key, limited ? vpcScope(object, profile) : undefined)
  const scope = limitedGroupScope(vpc)
  for (const group of vpc.groups.values()) if (!group.generated) countIn(ledger, group.key, scope)
}

function countIn(ledger: QuotaLedger, key: ObjectKey, scope: string | undefined): void {
  if (scope === undefined) ledger.release(key)
  else ledger.count(key, scope)
}

/** Undefined where a VPC may have any number of groups. */
function limitedGroupScope(vpc: VpcIndex): string | undefined {
  return limitsOf(vpc).securityGroups === undefined ? undefined : groupScope(vpc.object, vpc.profile)
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
