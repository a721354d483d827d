import type { Family } from '../../net/address.ts'
import { ALL_TRAFFIC, TRAFFIC, type Traffic } from '../../net/traffic.ts'
import type { Model } from '../model/model.ts'
import type { VpcIndex } from '../model/vpc-index.ts'
import { Decisions } from './decisions.ts'
import { AddressBook, partiesOf, strangers } from './parties.ts'
import type { Party } from './party.ts'

/** What relations that follow each other have in common. */
export class ReachabilityMemory {
  readonly decisions = new Decisions()
  readonly book = new AddressBook()
}

/**
 * Who reaches whom on what in one VPC as it is now, exactly: "a connection from A to B passes when A's
 * egress and B's ingress both allow it; an end that is not a declared instance has no say" (design,
 * section 3). All addresses fall into few parties, so the relation is small however many instances there are.
 */
export class Reachability {
  readonly parties: readonly Party[]
  /** Every remote, by name, that holds some address. */
  readonly remotes: ReadonlySet<string>
  readonly decisions: Decisions

  private constructor(parties: readonly Party[], decisions: Decisions) {
    this.parties = parties
    this.remotes = new Set(this.parties.flatMap(({ remotes }) => [...remotes]))
    this.decisions = decisions
  }

  /** `memory` makes it cheap where little has changed since another was made with it. */
  static of(model: Model, vpc: VpcIndex, memory = new ReachabilityMemory()): Reachability {
    return new Reachability(partiesOf(model, vpc, memory.book), memory.decisions)
  }

  /** Of a VPC that is not there: every address is nobody's. */
  static nothing(): Reachability {
    return new Reachability(strangers(), new Decisions())
  }

  /** The party that an address belongs to. */
  partyOf(family: Family, address: bigint): Party {
    const found = this.parties.find((party) => party.family === family && party.addresses.contains(address))
    if (found === undefined) throw new Error(`address ${address} belongs to no party`)
    return found
  }

  /** The first packets that pass from one party to another; nothing between families. */
  traffic(from: Party, to: Party): Traffic {
    if (from.family !== to.family) return TRAFFIC.empty
    const out = from.ruleSet === undefined ? ALL_TRAFFIC : this.decisions.allowed(from.ruleSet.egress, to)
    const into = to.ruleSet === undefined ? ALL_TRAFFIC : this.decisions.allowed(to.ruleSet.ingress, from)
    return TRAFFIC.intersection(out, into)
  }
}
