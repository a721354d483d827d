import { MultiMap } from '../../core/multimap.ts'
import type { Address } from '../../net/address.ts'
import { BIG_INTEGERS, IntervalSet } from '../../net/interval-set.ts'
import type { InstanceNode } from '../model/nodes.ts'
import type { Party } from '../reachability/party.ts'
import type { Reachability } from '../reachability/reachability.ts'
import type { Endpoint, ResolvedEnd } from './ends.ts'

/** What of an end belongs to one party. */
export interface Part {
  readonly party: Party
  readonly addresses: IntervalSet<bigint>
  /** Two endpoints of different instances, or one where there is no other. */
  readonly samples: readonly Endpoint[]
}

/** Finds the parties of instances without going through all. */
export class PartyIndex {
  readonly reachability: Reachability
  readonly #outside: readonly Party[]
  readonly #homes = new MultiMap<InstanceNode, Party>()

  constructor(reachability: Reachability) {
    this.reachability = reachability
    this.#outside = reachability.parties.filter(({ ruleSet }) => ruleSet === undefined)
    for (const party of reachability.parties) {
      for (const { instance } of party.members) this.#homes.add(instance, party)
    }
  }

  /** Outside parties first. */
  partsOf({ instances, outside }: ResolvedEnd): readonly Part[] {
    return [...(outside === undefined ? [] : this.#outsideParts(outside)), ...this.#instanceParts(instances)]
  }

  /** Who has an address. */
  #holderOf({ family, value }: Address, instance: InstanceNode): Party {
    for (const party of this.#homes.get(instance)) {
      if (party.family === family && party.addresses.contains(value)) return party
    }
    return this.reachability.partyOf(family, value)
  }

  #outsideParts(outside: NonNullable<ResolvedEnd['outside']>): readonly Part[] {
    return this.#outside.flatMap((party): Part[] => {
      const part = outsidePart(party, outside[party.family].intersection(party.addresses))
      return part === undefined ? [] : [part]
    })
  }

  #instanceParts(endpoints: readonly Endpoint[]): readonly Part[] {
    const byParty = new MultiMap<Party, Endpoint>()
    for (const endpoint of endpoints) {
      const { instance, address } = endpoint
      if (instance !== undefined) byParty.add(this.#holderOf(address, instance), endpoint)
    }
    return [...byParty.keys()].map((party) => instancePart(party, [...byParty.get(party)]))
  }
}

/** Addresses of a party that no instance has; undefined if there are none. */
export function outsidePart(party: Party, addresses: IntervalSet<bigint>): Part | undefined {
  const [least] = addresses.intervals
  if (least === undefined) return undefined
  const address = { family: party.family, value: least.first }
  return { party, addresses, samples: [{ address, instance: undefined }] }
}

/** Addresses of instances that are of one party. */
export function instancePart(party: Party, endpoints: readonly Endpoint[]): Part {
  const intervals = endpoints.map(({ address }) => ({ first: address.value, last: address.value }))
  return { party, addresses: IntervalSet.of(BIG_INTEGERS, intervals), samples: twoOf(endpoints) }
}

function twoOf(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const [first] = endpoints
  const second = endpoints.find(({ instance }) => instance !== first?.instance)
  return [first, second].filter((one) => one !== undefined)
}
