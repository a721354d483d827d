import type { Family } from '../../net/address.ts'
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
  readonly #homes = new Map<InstanceNode, Party[]>()

  constructor(reachability: Reachability) {
    this.reachability = reachability
    this.#outside = reachability.parties.filter(({ ruleSet }) => ruleSet === undefined)
    for (const party of reachability.parties) {
      for (const { instance } of party.members) {
        const known = this.#homes.get(instance)
        if (known === undefined) this.#homes.set(instance, [party])
        else if (known.at(-1) !== party) known.push(party)
      }
    }
  }

  /** Outside parties first. */
  partsOf({ instances, outside }: ResolvedEnd): readonly Part[] {
    return [...(outside === undefined ? [] : this.#outsideParts(outside)), ...this.#instanceParts(instances)]
  }

  /** Who has an address. */
  holderOf(family: Family, address: bigint, known: InstanceNode | undefined): Party {
    const homes = known === undefined ? undefined : this.#homes.get(known)
    const home = homes?.find((party) => party.family === family && party.addresses.contains(address))
    return home ?? this.reachability.partyOf(family, address)
  }

  #outsideParts(outside: NonNullable<ResolvedEnd['outside']>): readonly Part[] {
    return this.#outside.flatMap((party): Part[] => {
      const addresses = outside[party.family].intersection(party.addresses)
      const [least] = addresses.intervals
      if (least === undefined) return []
      const address = { family: party.family, value: least.first }
      return [{ party, addresses, samples: [{ address, instance: undefined }] }]
    })
  }

  #instanceParts(endpoints: readonly Endpoint[]): readonly Part[] {
    const byParty = new Map<Party, Endpoint[]>()
    for (const endpoint of endpoints) {
      const { instance, address } = endpoint
      if (instance === undefined) continue
      const party = this.holderOf(address.family, address.value, instance)
      const known = byParty.get(party)
      if (known === undefined) byParty.set(party, [endpoint])
      else known.push(endpoint)
    }
    return [...byParty].map(([party, own]) => {
      const intervals = own.map(({ address }) => ({ first: address.value, last: address.value }))
      return { party, addresses: IntervalSet.of(BIG_INTEGERS, intervals), samples: twoOf(own) }
    })
  }
}

function twoOf(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const [first] = endpoints
  const second = endpoints.find(({ instance }) => instance !== first?.instance)
  return [first, second].filter((one) => one !== undefined)
}
