import { kindOfKey, type ObjectKey } from '../../core/key.ts'
import { formatPrefix, mergePrefixes, readPrefix } from '../../net/prefix.ts'
import { elementText } from './element.ts'
import { remoteSetName } from './names.ts'

export interface RemoteSet {
  readonly name: string
  readonly interval: boolean
  readonly elements: readonly string[]
}

/** What a remote stands for, by family; absent where it has no address of that family. */
export interface RemoteSets {
  readonly 4?: RemoteSet
  readonly 6?: RemoteSet
}

/**
 * Members of a group are hosts and go to hash sets, in which one more costs the same at any size.
 * A list of prefixes goes to an interval set, merged: nft refuses prefixes within others, or swallows
 * them. A family without addresses has no set, since sets cost the square of their number.
 */
export function remoteSets(remote: ObjectKey, prefixes: readonly string[]): RemoteSets {
  const four = familySet(
    remote,
    4,
    prefixes.filter((prefix) => !prefix.includes(':')),
  )
  const six = familySet(
    remote,
    6,
    prefixes.filter((prefix) => prefix.includes(':')),
  )
  return { ...(four && { 4: four }), ...(six && { 6: six }) }
}

function familySet(remote: ObjectKey, family: 4 | 6, prefixes: readonly string[]): RemoteSet | undefined {
  if (prefixes.length === 0) return undefined
  const host = family === 4 ? '/32' : '/128'
  const interval = kindOfKey(remote) === 'AddressGroup' || !prefixes.every((prefix) => prefix.endsWith(host))
  const list = interval ? mergePrefixes(prefixes.map(readPrefix)).map(formatPrefix) : prefixes
  return { name: remoteSetName(remote, family, interval), interval, elements: list.map(elementText) }
}

/** What rules can tell of a remote: which sets it has, not what is in them. */
export function shapeOf(sets: RemoteSets): string {
  return `${sets[4]?.name ?? ''} ${sets[6]?.name ?? ''}`
}
