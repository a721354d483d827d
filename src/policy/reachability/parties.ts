import { namespaceOf } from '../../api/objects.ts'
import type { EffectiveRemote } from '../../api/types.gen.ts'
import { objectKey, parseKey } from '../../core/key.ts'
import { parseAddress, type Family } from '../../net/address.ts'
import { BIG_INTEGERS, intervalAt, IntervalSet, type Interval } from '../../net/interval-set.ts'
import type { Model } from '../model/model.ts'
import { readPrefix } from '../model/members.ts'
import type { InstanceNode } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import type { RuleSet } from '../ruleset.ts'
import type { Party, PartyMember } from './party.ts'
import { FAMILIES } from './side-text.ts'
import { regionsOf, type NamedPrefix, type Region } from './regions.ts'
import { cidrRemote, groupRemote, listRemote } from './remote-name.ts'

/** A party while its members are gathered. */
interface Gathering {
  readonly family: Family
  readonly remotes: readonly string[]
  readonly ruleSet: RuleSet | undefined
  readonly members: PartyMember[]
  readonly intervals: Interval<bigint>[]
}

/** Sorts every address there is into parties: those of the VPC's instances, and all the rest. */
export function partiesOf(model: Model, vpc: VpcIndex): readonly Party[] {
  const remotes = remotesOf(vpc)
  const named = namedPrefixes(model, vpc, remotes)
  const namedGroups = new Set(remotes.flatMap(({ securityGroup }) => securityGroup ?? []))
  const gathered = new Map<string, Gathering>()
  const gather = (family: Family, within: readonly string[], ruleSet: RuleSet | undefined): Gathering => {
    const identity = [family, ruleSet?.digest ?? '', ...within].join('|')
    const known = gathered.get(identity) ?? { family, remotes: within, ruleSet, members: [], intervals: [] }
    gathered.set(identity, known)
    return known
  }
  for (const family of FAMILIES) {
    const regions = regionsOf(family, named)
    const taken: Interval<bigint>[] = []
    for (const instance of vpc.instances.values()) {
      const groups = groupsOf(instance, namedGroups)
      for (const address of addressesOf(instance, family)) {
        const within = [...(intervalAt(regions, address)?.remotes ?? []), ...groups]
        const party = gather(family, within, vpc.ruleSet(instance))
        party.members.push({ instance, address })
        party.intervals.push({ first: address, last: address })
        taken.push({ first: address, last: address })
      }
    }
    const instances = IntervalSet.of(BIG_INTEGERS, taken)
    for (const alike of byRemotes(regions)) {
      const rest = IntervalSet.of(BIG_INTEGERS, alike).difference(instances)
      if (rest.intervals.length === 0) continue
      gather(family, alike[0]?.remotes ?? [], undefined).intervals.push(...rest.intervals)
    }
  }
  return [...gathered.values()].map(({ family, remotes: within, ruleSet, members, intervals }) => ({
    family,
    remotes: new Set(within),
    ruleSet,
    members,
    addresses: IntervalSet.of(BIG_INTEGERS, intervals),
  }))
}

/** All addresses, as nobody's. */
export function strangers(): readonly Party[] {
  return FAMILIES.map((family) => ({
    family,
    remotes: new Set(),
    ruleSet: undefined,
    members: [],
    addresses: IntervalSet.of(BIG_INTEGERS, regionsOf(family, [])),
  }))
}

function byRemotes(regions: readonly Region[]): Iterable<readonly Region[]> {
  const alike = new Map<string, Region[]>()
  for (const region of regions) {
    const identity = region.remotes.join('|')
    alike.set(identity, [...(alike.get(identity) ?? []), region])
  }
  return alike.values()
}

/** The groups of an instance that rules name as their remote. */
function groupsOf(instance: InstanceNode, named: ReadonlySet<string>): readonly string[] {
  const names = instance.signature.groups.map(({ key }) => parseKey(key).name)
  return names.filter((name) => named.has(name)).map(groupRemote)
}

function addressesOf({ key, object }: InstanceNode, family: Family): readonly bigint[] {
  return (object.spec.addresses ?? []).flatMap((text) => {
    const address = parseAddress(text)
    if (address === undefined) throw new Error(`${key} has the address ${text}, which cannot be read`)
    return address.family === family ? [address.value] : []
  })
}

/** The other end of every rule that any instance of the VPC has. */
function remotesOf(vpc: VpcIndex): readonly EffectiveRemote[] {
  const ruleSets = new Set([...vpc.instances.values()].map((instance) => vpc.ruleSet(instance)))
  return [...ruleSets].flatMap(({ ingress, egress }) => [...ingress, ...egress].map(({ remote }) => remote))
}

/** Every prefix that rules of the VPC name, by itself or through an address group. */
function namedPrefixes(
  model: Model,
  vpc: VpcIndex,
  remotes: readonly EffectiveRemote[],
): readonly NamedPrefix[] {
  const cidrs = new Set(remotes.flatMap(({ cidr }) => cidr ?? []))
  const lists = new Set(remotes.flatMap(({ addressGroup }) => addressGroup ?? []))
  const namespace = namespaceOf(vpc.object)
  return [
    ...[...cidrs].map((cidr) => ({ name: cidrRemote(cidr), prefix: readPrefix(cidr) })),
    ...[...lists].flatMap((list) =>
      (model.prefixes(objectKey('AddressGroup', namespace, list)) ?? []).map((cidr) => ({
        name: listRemote(list),
        prefix: readPrefix(cidr),
      })),
    ),
  ]
}
