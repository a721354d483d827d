import type { EffectiveRule } from '../../api/types.gen.ts'
import type { Party } from './party.ts'

/** What a rule calls its other end, one name for each; undefined: anywhere. */
export function remoteName({ remote }: EffectiveRule): string | undefined {
  const { cidr, securityGroup, addressGroup } = remote
  if (securityGroup !== undefined) return groupRemote(securityGroup)
  if (addressGroup !== undefined) return listRemote(addressGroup)
  return cidr === undefined ? undefined : cidrRemote(cidr)
}

export const groupRemote = (name: string): string => `group ${name}`
export const listRemote = (name: string): string => `list ${name}`
export const cidrRemote = (cidr: string): string => `cidr ${cidr}`

/** What of a party rules look at. */
export type PartyKind = Pick<Party, 'family' | 'remotes'>

/** Whether a rule speaks of packets whose other end is this party. */
export function concerns(rule: EffectiveRule, other: PartyKind): boolean {
  return namedConcerns(rule, remoteName(rule), other)
}

/** The same, of a rule whose name for the other end is known. */
export function namedConcerns(
  { etherType }: EffectiveRule,
  name: string | undefined,
  { family, remotes }: PartyKind,
): boolean {
  return (etherType === undefined || etherType === family) && (name === undefined || remotes.has(name))
}

/** The address groups that hold a party's addresses, as far as rules name them. */
export function listsOf({ remotes }: Party): readonly string[] {
  const start = listRemote('')
  return [...remotes].filter((name) => name.startsWith(start)).map((name) => name.slice(start.length))
}

/** Whether a party is what is left of all addresses: only `0.0.0.0/0`, `::/0` and rules for anywhere hold it. */
export function namesEverything({ remotes }: Party): boolean {
  return [...remotes].every((name) => name === cidrRemote('0.0.0.0/0') || name === cidrRemote('::/0'))
}
