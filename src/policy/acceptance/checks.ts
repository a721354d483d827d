import type { PalisadeObject } from '../../api/objects.ts'
import type { Instance, SecurityGroup, VPC } from '../../api/types.gen.ts'
import { kindOfKey, type ObjectKey } from '../../core/key.ts'
import { homeInDoubt } from '../model/default-groups.ts'
import type { Model } from '../model/model.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { checkGroup } from './check-group.ts'
import { checkInstance } from './check-instance.ts'
import { checkProfile } from './check-profile.ts'
import { checkVpc } from './check-vpc.ts'
import type { Entry } from './entry.ts'
import { allOf, isRefused, NO_FINDINGS, type Finding } from './finding.ts'
import { checkGroupQuotas } from './group-quotas.ts'
import { checkInstanceQuotas } from './instance-quotas.ts'
import type { Supposed } from './judged-together.ts'
import { checkMemberQuotas } from './member-quotas.ts'
import type { PendingSelections } from './pending-selections.ts'
import type { QuotaLedger } from './quota-ledger.ts'
import type { Resolution } from './rule-context.ts'
import { checkVpcQuotas } from './vpc-quotas.ts'
import { vpcKeyOf } from '../references.ts'

const NO_KEYS: readonly ObjectKey[] = []

export const NOTHING_SUPPOSED: Supposed = new Map()

/** Rules and instances that name a group are judged by its type, and by nothing else of it. */
export function namedAlike(last: PalisadeObject | undefined, next: PalisadeObject): boolean {
  return last?.kind === 'SecurityGroup' && next.kind === last.kind && next.spec.type === last.spec.type
}

/** Where an object is to be put, and what is in force there. */
type Place = Pick<Entry, 'key' | 'enforced'>

/**
 * The checks of every kind, with the surroundings that they ask about. Reads the model and changes
 * nothing.
 *
 * `supposed` are versions of groups that count as in force, for groups that can only be accepted together.
 */
export class Checks {
  readonly #model: Model
  readonly #ledger: QuotaLedger
  readonly #pending: PendingSelections
  readonly #isDeclared: (key: ObjectKey) => boolean
  /** What an instance names. */
  readonly #resolveGroup = (key: ObjectKey, vpcName: string): Resolution =>
    this.#resolve(key, vpcName, NOTHING_SUPPOSED)

  constructor(
    model: Model,
    ledger: QuotaLedger,
    pending: PendingSelections,
    isDeclared: (key: ObjectKey) => boolean,
  ) {
    this.#model = model
    this.#ledger = ledger
    this.#pending = pending
    this.#isDeclared = isDeclared
  }

  /** All findings of an object against the world as it is in force. */
  check(place: Place, object: PalisadeObject, supposed: Supposed): readonly Finding[] {
    switch (object.kind) {
      case 'CloudProfile':
        return checkProfile(object)
      case 'AddressGroup':
      case 'ReachabilityCheck':
        return NO_FINDINGS
      case 'VPC':
        return this.#vpc(place, object)
      case 'SecurityGroup':
        return this.#group(place, object, supposed)
      case 'Instance':
        return this.instance(place, object)
    }
  }

  #vpc({ key, enforced }: Place, vpc: VPC): readonly Finding[] {
    const profile = this.#model.profile(vpc.spec.profileRef?.name)
    const findings = checkVpc(vpc, { profile, otherClassic: this.#otherClassic(key, vpc) })
    if (profile === undefined) return findings
    return allOf(findings, checkVpcQuotas(vpc, profile, this.#ledger, enforced !== undefined))
  }

  #otherClassic(key: ObjectKey, vpc: VPC): ObjectKey | undefined {
    if (vpc.spec.networkType !== 'Classic') return undefined
    for (const other of this.#model.vpcsOf(vpc.metadata.namespace)) {
      const { networkType, region } = other.object.spec
      if (other.key !== key && networkType === 'Classic' && region === vpc.spec.region) return other.key
    }
    return undefined
  }

  #group(place: Place, group: SecurityGroup, supposed: Supposed): readonly Finding[] {
    const findings = this.groupAlone(place, group, supposed)
    if (isRefused(findings)) return findings
    return allOf(findings, this.members(group, supposed, versionBefore(place, group)))
  }

  /** The checks of a group that its members have no part in. */
  groupAlone(place: Place, group: SecurityGroup, supposed: Supposed): readonly Finding[] {
    const { key } = place
    const vpc = this.#model.vpcOf(group)
    const findings = checkGroup(group, {
      vpc,
      vpcDeclared: vpc !== undefined || this.#isVpcDeclared(group),
      resolve: (remote) => this.#resolveRemote(remote, group, supposed),
      fixedDefaultOf: this.#fixedDefaultOf(key, vpc),
    })
    if (vpc === undefined || isRefused(findings)) return findings
    const last = versionBefore(place, group)
    return allOf(findings, checkGroupQuotas(group, vpc, this.#model, this.#ledger, last))
  }

  /** What the group would mean for its members. `last`: the version in force, where that is not `group` already. */
  members(group: SecurityGroup, supposed: Supposed, last?: SecurityGroup): readonly Finding[] {
    const vpc = this.#model.vpcOf(group)
    return vpc === undefined ? NO_FINDINGS : checkMemberQuotas(group, vpc, this.#model, supposed, last)
  }

  /** `vpc`: the one in force of that name. */
  instance(
    { enforced }: Place,
    instance: Instance,
    vpc: VpcIndex | undefined = this.#model.vpcOf(instance),
  ): readonly Finding[] {
    const findings = checkInstance(instance, {
      vpc,
      vpcDeclared: vpc !== undefined || this.#isVpcDeclared(instance),
      resolve: this.#resolveGroup,
      selectedInVain: enforced === instance ? NO_KEYS : this.#selectedInVain(instance, vpc),
      homeInDoubt: vpc && homeInDoubt(vpc, this.#model),
    })
    return vpc === undefined || isRefused(findings) ? findings : allOf(findings, this.quotas(instance, vpc))
  }

  /** The part of an instance's checks that other instances can change. */
  quotas(instance: Instance, vpc: VpcIndex): readonly Finding[] {
    return checkInstanceQuotas(instance, vpc, this.#model)
  }

  /**
   * Groups that the instance is to be a member of and is not, since their declared version is not in force. A
   * version of the instance that is in force stays: it ran before.
   */
  #selectedInVain(instance: Instance, vpc: VpcIndex | undefined): readonly ObjectKey[] {
    if (vpc === undefined) return NO_KEYS
    const selecting = this.#pending.selecting(instance)
    if (selecting.length === 0) return NO_KEYS
    const joined = new Set(vpc.signatures.groupsFor(instance, vpc.groups).map(({ key }) => key))
    return selecting.filter((key) => !joined.has(key))
  }

  #resolveRemote(key: ObjectKey, group: SecurityGroup, supposed: Supposed): Resolution {
    const resolution = this.#resolve(key, group.spec.vpcRef.name, supposed)
    const remote = supposed.get(key) ?? this.#model.object(key)
    if (resolution !== 'InForce' || remote?.kind !== 'SecurityGroup') return resolution
    const type = this.#model.vpcOf(remote)?.profile.groupType(remote.spec.type)
    return type?.asRemote === false ? 'NotRemotable' : 'InForce'
  }

  #resolve(key: ObjectKey, vpcName: string, supposed: Supposed): Resolution {
    const object = this.#model.object(key)
    if (object?.kind === 'SecurityGroup') return object.spec.vpcRef.name === vpcName ? 'InForce' : 'OtherVPC'
    if (object !== undefined || supposed.has(key) || this.#isDefaultGroup(key, vpcName)) return 'InForce'
    return this.#isDeclared(key) ? 'NotAccepted' : 'NotFound'
  }

  /** Default groups come when they are needed, and to be named is to be needed. */
  #isDefaultGroup(key: ObjectKey, vpcName: string): boolean {
    if (kindOfKey(key) !== 'SecurityGroup') return false
    const owner = this.#model.defaultGroup(key)
    if (owner?.vpc.object.metadata.name !== vpcName) return false
    return owner.group.editable !== true || !this.#isDeclared(key)
  }

  /** The VPC whose default group has this name, if a group of `vpc` may not take its place. */
  #fixedDefaultOf(key: ObjectKey, vpc: VpcIndex | undefined): VPC | undefined {
    const owner = this.#model.defaultGroup(key)
    if (owner === undefined || (owner.vpc === vpc && owner.group.editable === true)) return undefined
    return owner.vpc.object
  }

  #isVpcDeclared(object: SecurityGroup | Instance): boolean {
    return this.#isDeclared(vpcKeyOf(object))
  }
}

/** What a group's new version is compared with. */
function versionBefore({ enforced }: Place, { spec }: SecurityGroup): SecurityGroup | undefined {
  return enforced?.kind === 'SecurityGroup' && enforced.spec.vpcRef.name === spec.vpcRef.name
    ? enforced
    : undefined
}
