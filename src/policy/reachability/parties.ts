import { namespaceOf } from '../../api/objects.ts'
import type { EffectiveRemote } from '../../api/types.gen.ts'
import { objectKey, parseKey } from '../../core/key.ts'
import { FAMILIES, parseAddress, type Address, type Family } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet, type Interval } from '../../net/interval-set.ts'
import { readPrefix } from '../../net/prefix.ts'
import type { Model } from '../model/model.ts'
import type { InstanceNode, Signature } from '../model/nodes.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import type { RuleSet } from '../ruleset.ts'
import type { Party, PartyMember } from './party.ts'
import { regionsOf, type NamedPrefix, type Region } from './regions.ts'
import { cidrRemote, groupRemote, listRemote } from './remote-name.ts'

/** Parsed addresses of instances, kept from one look at the model to the next. */
export class AddressBook {
  readonly #known = new WeakMap<InstanceNode, readonly Address[]>()

  of(instance: InstanceNode): readonly Address[] {
    const known = this.#known.get(instance)
    if (known !== undefined) return known
    const addresses = (instance.object.spec.addresses ?? []).map((text) => {
      const address = parseAddress(text)
      if (address !== undefined) return address
      throw new Error(`${instance.key} has the address ${text}, which cannot be read`)
    })
    this.#known.set(instance, addresses)
    return addresses
  }
}

/** A party while its members are gathered. */
interface Gathering {
  readonly family: Family
  readonly remotes: readonly string[]
  readonly ruleSet: RuleSet | undefined
  readonly members: PartyMember[]
  readonly intervals: Interval<bigint>[]
}

/** Sorts every address there is into parties: those of the VPC's instances, and all the rest. */
export function partiesOf(model: Model, vpc: VpcIndex, book: AddressBook): readonly Party[] {
  const remotes = remotesOf(vpc)
  const named = namedPrefixes(model, vpc, remotes)
  const owners = ownersOf(vpc, new Set(remotes.flatMap(({ securityGroup }) => securityGroup ?? [])))
  const gathered = FAMILIES.flatMap((family) => {
    const regions = regionsOf(family, named)
    const members: PartyMember[] = []
    for (const instance of vpc.instances) {
      for (const address of book.of(instance)) {
        if (address.family === family) members.push({ instance, address: address.value })
      }
    }
    members.sort((a, b) => (a.address < b.address ? -1 : 1))
    return gatheredIn(family, regions, members, owners)
  })
  return gathered.map(({ family, remotes: within, ruleSet, members, intervals }) => ({
    family,
    remotes: new Set(within),
    ruleSet,
    members,
    addresses: IntervalSet.of(BIG_INTEGERS, intervals),
  }))
}

/** What makes the addresses of instances differ, wherever they lie. */
interface Owner {
  readonly id: number
  readonly ruleSet: RuleSet
  /** The groups that rules name as their remote. */
  readonly groups: readonly string[]
}

/** Goes through regions and members, both in the order of their addresses, side by side. */
function gatheredIn(
  family: Family,
  regions: readonly Region[],
  members: readonly PartyMember[],
  owners: ReadonlyMap<Signature, Owner>,
): readonly Gathering[] {
  const gathered = new Map<number, Gathering>()
  const kinds = new Map<string, number>()
  let at = 0
  for (const { first, last, remotes } of regions) {
    const text = remotes.join('|')
    const kind = kinds.get(text) ?? kinds.size
    kinds.set(text, kind)
    const gather = (owner: Owner | undefined): Gathering => {
      // Of every kind of region first what nobody has, then each owner's.
      const identity = kind * (owners.size + 1) + (owner === undefined ? 0 : owner.id + 1)
      const known = gathered.get(identity)
      if (known !== undefined) return known
      const within = owner === undefined ? remotes : [...remotes, ...owner.groups]
      const fresh = { family, remotes: within, ruleSet: owner?.ruleSet, members: [], intervals: [] }
      gathered.set(identity, fresh)
      return fresh
    }
    let free = first
    for (let member = members[at]; member !== undefined && member.address <= last; member = members[at]) {
      const { address, instance } = member
      at += 1
      const party = gather(owners.get(instance.signature))
      party.members.push(member)
      party.intervals.push({ first: address, last: address })
      if (free < address) gather(undefined).intervals.push({ first: free, last: address - 1n })
      if (free <= address) free = address + 1n
    }
    if (free <= last) gather(undefined).intervals.push({ first: free, last })
  }
  return [...gathered.values()]
}

/** One owner for all signatures with the same rules and the same groups that rules name. */
function ownersOf(vpc: VpcIndex, named: ReadonlySet<string>): ReadonlyMap<Signature, Owner> {
  const owners = new Map<Signature, Owner>()
  const alike = new Map<string, Owner>()
  for (const instance of vpc.instances) {
    const { signature } = instance
    if (owners.has(signature)) continue
    const ruleSet = vpc.ruleSet(instance)
    const names = signature.groups.map(({ key }) => parseKey(key).name)
    const groups = names.filter((name) => named.has(name)).map(groupRemote)
    const identity = [ruleSet.digest, ...groups].join('|')
    const owner = alike.get(identity) ?? { id: alike.size, ruleSet, groups }
    alike.set(identity, owner)
    owners.set(signature, owner)
  }
  return owners
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

/** The other end of every rule that any instance of the VPC has. */
function remotesOf(vpc: VpcIndex): readonly EffectiveRemote[] {
  const ruleSets = new Set(vpc.instances.map((instance) => vpc.ruleSet(instance)))
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
