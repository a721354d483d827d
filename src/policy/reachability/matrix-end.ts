import { parseKey, type ObjectKey } from '../../core/key.ts'
import type { Family } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../net/interval-set.ts'
import { instanceNames, outsideText } from './party-text.ts'
import type { InstanceNode } from '../model/nodes.ts'
import type { Party } from './party.ts'
import { joinedAddresses, NO_ADDRESSES, prefixTexts, type Addresses } from './side-text.ts'
import { listsOf, namesEverything } from './remote-name.ts'
import type { TrafficClass } from './traffic-classes.ts'

/** One row and column of a matrix: instances, or addresses outside, that reach and are reached alike. */
export interface MatrixEnd {
  /** As people are told: short, and different for each end of a VPC. */
  readonly name: string
  readonly kind: 'Internet' | 'Outside' | 'Instances'
  /** In the order of their keys; empty of addresses outside. */
  readonly instances: readonly ObjectKey[]
  /** The groups that all of the instances are in. */
  readonly groups: readonly string[]
  /** The address groups that hold all of the addresses, as far as rules name them. */
  readonly addressGroups: readonly string[]
  readonly addresses: ReadonlyMap<Family, IntervalSet<bigint>>
  /** Any party of the end, which stands for all of it. */
  readonly parties: ReadonlyMap<Family, Party>
}

/** Prefixes told of one end; more are counted. */
const NAMED_PREFIXES = 4

/** Runs of names told of one end; more are counted. */
const NAMED_RUNS = 3

interface Gathering {
  readonly classes: ReadonlyMap<Family, TrafficClass>
  readonly groups: readonly string[]
  /** Whether its instances have addresses in other rows too. */
  readonly isDivided: boolean
  readonly instances: Set<ObjectKey>
  readonly addresses: { readonly family: Family; readonly address: bigint }[]
}

/** Instances with the same groups and the same reach, each together. */
export function instanceEnds(classes: readonly TrafficClass[]): readonly MatrixEnd[] {
  const places = new Map<InstanceNode, { readonly home: TrafficClass; readonly address: bigint }[]>()
  for (const home of classes) {
    for (const party of home.parties) {
      for (const { instance, address } of party.members) {
        const known = places.get(instance)
        if (known === undefined) places.set(instance, [{ home, address }])
        else known.push({ home, address })
      }
    }
  }
  const ends = new Map<string, Gathering>()
  for (const [instance, own] of places) {
    const homes = new Set(own.map(({ home }) => home))
    const families = new Set(own.map(({ home }) => home.party.family))
    // Addresses of one family that are treated differently cannot be in one row.
    const isDivided = homes.size > families.size
    for (const together of isDivided ? [...homes].map((home) => [home]) : [[...homes]]) {
      const identity = [
        instance.signature.groups.map(({ key }) => key).join(),
        together
          .map(({ id }) => id)
          .sort((a, b) => a - b)
          .join(),
        isDivided,
      ].join('|')
      const end = ends.get(identity) ?? {
        classes: new Map(together.map((home) => [home.party.family, home])),
        groups: instance.signature.groups.map(({ key }) => parseKey(key).name),
        isDivided,
        instances: new Set<ObjectKey>(),
        addresses: [],
      }
      ends.set(identity, end)
      end.instances.add(instance.key)
      for (const { home, address } of own) {
        if (together.includes(home)) end.addresses.push({ family: home.party.family, address })
      }
    }
  }
  return [...ends.values()].map(instanceEnd)
}

function instanceEnd(end: Gathering): MatrixEnd {
  const addresses = new Map(
    [...end.classes.keys()].map((family) => {
      const own = end.addresses.filter((one) => one.family === family)
      const intervals = own.map(({ address }) => ({ first: address, last: address }))
      return [family, IntervalSet.of(BIG_INTEGERS, intervals)] as const
    }),
  )
  const runs = instanceNames(end.instances)
  const told = runs.slice(0, NAMED_RUNS).join(', ')
  const names = runs.length > NAMED_RUNS ? `${told} and others, ${String(end.instances.size)} in all` : told
  const at = [...addresses].map(([family, set]) => outsideText(set, family, false))
  return {
    name: end.isDivided ? `${names} at ${at.join(', ')}` : names,
    kind: 'Instances',
    instances: [...end.instances].sort(),
    groups: end.groups,
    addressGroups: [],
    addresses,
    parties: new Map([...end.classes].map(([family, { party }]) => [family, party])),
  }
}

interface Outside {
  readonly family: Family
  readonly party: Party
  readonly lists: readonly string[]
  readonly isInternet: boolean
  readonly addresses: IntervalSet<bigint>
}

/** Addresses that no instance has: those of address groups apart, so that each is found by its name. */
export function outsideEnds(classes: readonly TrafficClass[]): readonly MatrixEnd[] {
  const parts = classes.flatMap(outsidesOf)
  const everyone = joinedAddresses(
    parts.map(({ family, addresses }): Addresses => ({ ...NO_ADDRESSES, [family]: addresses })),
  )
  const named = new Map<string, Outside[]>()
  for (const part of parts) {
    const name = part.isInternet ? 'Internet' : part.lists.join(' and ')
    const identity = name === '' ? `${part.family} ${part.addresses.canonical}` : name
    named.set(identity, [...(named.get(identity) ?? []), part])
  }
  return [...named.values()].flatMap((alike) => {
    const families = new Set(alike.map(({ family }) => family))
    const isWhole = families.size === alike.length
    return isWhole
      ? [outsideEnd(alike, true, everyone)]
      : alike.map((part) => outsideEnd([part], false, everyone))
  })
}

function outsidesOf({ parties }: TrafficClass): readonly Outside[] {
  const byLists = new Map<string, Party[]>()
  for (const party of parties) {
    if (party.ruleSet !== undefined) continue
    const lists = listsOf(party).join(' ')
    byLists.set(lists, [...(byLists.get(lists) ?? []), party])
  }
  return [...byLists.values()].flatMap((alike) => {
    const [party] = alike
    if (party === undefined) return []
    const intervals = alike.flatMap(({ addresses }) => addresses.intervals)
    return [
      {
        family: party.family,
        party,
        lists: listsOf(party),
        isInternet: alike.some(namesEverything),
        addresses: IntervalSet.of(BIG_INTEGERS, intervals),
      },
    ]
  })
}

function outsideEnd(parts: readonly Outside[], isWhole: boolean, everyone: Addresses): MatrixEnd {
  const lists = parts[0]?.lists ?? []
  const isInternet = parts[0]?.isInternet === true
  const prefixes = parts.flatMap(({ addresses, family }) =>
    isInternet ? ['Internet'] : shortened(prefixTexts(addresses, family, everyone[family])),
  )
  const texts = [...new Set(prefixes)].join(', ')
  const own = lists.length === 0 ? texts : `address group ${lists.join(' and ')}`
  return {
    name: isWhole || lists.length === 0 ? own : `${own} (${texts})`,
    kind: isInternet ? 'Internet' : 'Outside',
    instances: [],
    groups: [],
    addressGroups: lists,
    addresses: new Map(parts.map(({ family, addresses }) => [family, addresses])),
    parties: new Map(parts.map(({ family, party }) => [family, party])),
  }
}

function shortened(texts: readonly string[]): readonly string[] {
  const more = texts.length - NAMED_PREFIXES
  return more > 0 ? [...texts.slice(0, NAMED_PREFIXES), `${String(more)} more prefixes`] : texts
}
