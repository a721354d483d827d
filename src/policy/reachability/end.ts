import type { Family } from '../../net/address.ts'
import type { IntervalSet } from '../../net/interval-set.ts'
import { instanceNames, outsideText } from './party-text.ts'
import type { Party } from './party.ts'

/** One end of a question, or what of it belongs to one party. */
export interface End {
  readonly family: Family
  readonly addresses: IntervalSet<bigint>
}

/** The part of an end that belongs to a party; undefined where none does. */
export function partOf(end: End, party: Party): End | undefined {
  if (end.family !== party.family) return undefined
  const addresses = end.addresses.intersection(party.addresses)
  return addresses.isEmpty ? undefined : { family: end.family, addresses }
}

/** What a part of a party is called: its instances by name, other addresses by their prefixes. */
export function endText({ family, addresses }: End, party: Party): string {
  if (party.ruleSet === undefined) return outsideText(addresses, family, false)
  const owners = party.members.filter(({ address }) => addresses.contains(address))
  return instanceNames(owners.map(({ instance }) => instance.key)).join(', ')
}
