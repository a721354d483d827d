import { hash } from 'node:crypto'
import type { ObjectKey } from '../../core/key.ts'

/** The one table that palisade owns in a network namespace, by family and name. */
export const TABLE = 'inet palisade'

/** Interfaces of this name are ports whether they are declared or not: an unknown one is closed. */
export const PORT_PREFIX = 'pal'

/** nft refuses a comment of more bytes (NFTNL_UDATA_COMMENT_MAXLEN). */
const LONGEST_COMMENT = 128

/**
 * Objects may be called anything that Kubernetes allows, up to 253 characters with dots and words
 * that nft keeps for itself. A hash with a prefix is none of this: 48 bits leave one chance in five
 * million that two of 10,000 names meet, and slots find a meeting when the name is taken.
 */
export function shortName(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 12)
}

/**
 * 96 bits: names of remotes are chosen by whoever declares them, and one that is made to meet another
 * (2^48 trials for a name of 48 bits, minutes of a graphics card) would put its members in the other's set.
 */
function remoteName(remote: ObjectKey): string {
  return hash('sha256', remote, 'hex').slice(0, 24)
}

/** The chain of one rule set in one direction, which ends with its implicit rule. */
export function chainName(direction: 'Ingress' | 'Egress', slot: string): string {
  return `${direction === 'Ingress' ? 'i' : 'e'}_${slot}`
}

/** The set with those of the rules that are packed, one for each family. */
export function packedSetName(direction: 'Ingress' | 'Egress', family: 4 | 6, slot: string): string {
  return `${direction === 'Ingress' ? 'i' : 'e'}${family}_${slot}`
}

/** The slot that a chain or set belongs to; undefined for what is of no slot. */
export function slotOfPart(part: string): string | undefined {
  return /^[ie][46]?_(.+)$/.exec(part)?.[1]
}

/** The set with what a remote stands for in one family: hosts hashed, or prefixes as intervals. */
export function remoteSetName(remote: ObjectKey, family: 4 | 6, interval: boolean): string {
  return `${interval ? 'p' : 'm'}${family}_${remoteName(remote)}`
}

/** Text for a person who lists the table. A quote would end it, so it keeps plain characters only. */
export function comment(text: string): string {
  const plain = /^[A-Za-z0-9 ._:/,#-]*$/.test(text) ? text : text.replaceAll(/[^A-Za-z0-9 ._:/,#-]/g, '_')
  const cut = plain.length > LONGEST_COMMENT ? `${plain.slice(0, LONGEST_COMMENT - 2)}..` : plain
  return `comment "${cut}"`
}

/** An interface's name as nft writes it; the schema lets no quote and no wildcard through. */
export function interfaceName(name: string): string {
  const quoted = `"${name}"`
  if (!isInterfaceName(quoted)) throw new Error(`${name} is no name of an interface`)
  return quoted
}

/** Whether an element of a set is such a name. */
export const isInterfaceName = (element: string): boolean => /^"[-.@_A-Za-z0-9]{1,15}"$/.test(element)
