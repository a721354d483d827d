import { KINDS, type PalisadeObject } from '../../api/objects.ts'
import { kindOfKey, type ObjectKey } from '../../core/key.ts'
import type { Queueable } from '../../core/worklist.ts'
import type { Declaration, Verdict } from './decision.ts'
import type { Finding } from './finding.ts'

/** Texts that stand for an address in a network, or a place on a node. */
export type ClaimList = readonly string[]

/**
 * What is declared and in force under one key. Found once for each change and then passed along: to look the
 * parts up by key one by one, each time with a key put together anew, was a third of all the time.
 */
export interface Entry extends Queueable {
  readonly key: ObjectKey
  readonly kind: string
  declared: Declaration | undefined
  /** The same as the model holds under the key. */
  enforced: PalisadeObject | undefined
  /** Of the declared version; none where there is no valid one. */
  findings: readonly Finding[]
  /** What the instance in force holds of what others may claim. */
  claims: ClaimList
  queued: boolean
}

export const NO_FINDINGS: readonly Finding[] = []
export const NO_CLAIMS: ClaimList = []

/** The entries of every object that is declared or in force. */
export class Entries {
  readonly #entries = new Map<ObjectKey, Entry>()

  get(key: ObjectKey): Entry | undefined {
    return this.#entries.get(key)
  }

  /** The entry of a key, a new one where there is none. */
  obtain(key: ObjectKey): Entry {
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const name = kindOfKey(key)
    const entry: Entry = {
      key,
      // One text for all of a kind, not one for each entry.
      kind: KINDS.find((kind) => kind === name) ?? name,
      declared: undefined,
      enforced: undefined,
      findings: NO_FINDINGS,
      claims: NO_CLAIMS,
      queued: false,
    }
    this.#entries.set(key, entry)
    return entry
  }

  /** To be called when an entry may have become empty. */
  settle({ key, declared, enforced }: Entry): void {
    if (declared === undefined && enforced === undefined) this.#entries.delete(key)
  }
}

/** Place in the order of acceptance. */
export function orderOf({ declared }: Entry): number {
  return declared?.order ?? Infinity
}

/** The older first, then by name. */
export function byAge(a: Entry, b: Entry): number {
  return orderOf(a) - orderOf(b) || (a.key < b.key ? -1 : 1)
}

/** What acceptance has decided of an object; nothing of one that it does not know. */
export function verdictOf(entry: Entry | undefined): Verdict {
  const declared = entry?.declared?.object
  const findings = entry?.findings ?? NO_FINDINGS
  const enforced = declared !== undefined && entry?.enforced === declared
  return { findings, accepted: enforced && !findings.some(({ refuses }) => refuses) }
}
