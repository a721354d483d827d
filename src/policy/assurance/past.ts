import type { ReachabilityCheck } from '../../api/types.gen.ts'
import { MultiMap } from '../../core/multimap.ts'
import { TRAFFIC, type Traffic } from '../../net/traffic.ts'
import type { Party } from '../reachability/party.ts'
import { brokenPart } from './broken-part.ts'
import type { Endpoint } from './ends.ts'
import { instancePart, outsidePart, type Part, type PartyIndex } from './parts.ts'

/** Addresses of a part that were of one party; undefined: of a machine that was not there, so nothing of it was broken. */
interface Origin {
  readonly part: Part
  readonly party: Party | undefined
}

/** What was in force before a change, for telling what is new. */
export class Past {
  readonly #check: ReachabilityCheck
  readonly #index: PartyIndex
  readonly #origins = new Map<Part, readonly Origin[]>()

  constructor(check: ReachabilityCheck, index: PartyIndex) {
    this.#check = check
    this.#index = index
  }

  /** Cuts two parts where what was decided of them differed, each pair with what was broken of it already. */
  *cut(sender: Part, receiver: Part, asked: Traffic): Generator<readonly [Part, Part, Traffic]> {
    for (const from of this.#originsOf(sender)) {
      for (const to of this.#originsOf(receiver)) {
        yield [from.part, to.part, this.#broken(from.party, to.party, asked)]
      }
    }
  }

  #broken(from: Party | undefined, to: Party | undefined, asked: Traffic): Traffic {
    if (from === undefined || to === undefined) return TRAFFIC.empty
    return brokenPart(this.#check, asked, this.#index.reachability.traffic(from, to))
  }

  #originsOf(part: Part): readonly Origin[] {
    const known = this.#origins.get(part) ?? this.#find(part)
    this.#origins.set(part, known)
    return known
  }

  #find({ party, addresses }: Part): readonly Origin[] {
    const { family, ruleSet, members } = party
    if (ruleSet === undefined) {
      const { parties } = this.#index.reachability
      return parties.flatMap((old): Origin[] => {
        if (old.family !== family) return []
        const part = outsidePart(party, old.addresses.intersection(addresses))
        return part === undefined ? [] : [{ part, party: old }]
      })
    }
    const own = members.filter(({ address }) => addresses.contains(address))
    const origins = new MultiMap<Party | undefined, Endpoint>()
    for (const { instance, address } of own) {
      const old = this.#index.reachability.partyOf(family, address)
      const owner = old.members.find((one) => one.address === address)?.instance
      const home = owner?.key === instance.key ? old : undefined
      origins.add(home, { address: { family, value: address }, instance })
    }
    return [...origins.keys()].map((old) => ({
      party: old,
      part: instancePart(party, [...origins.get(old)]),
    }))
  }
}
