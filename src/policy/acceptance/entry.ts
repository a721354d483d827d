import { KINDS } from '../../api/objects.ts'
import { kindOfKey, type ObjectKey } from '../../core/key.ts'
import type { SmallSet } from '../../core/small-set.ts'
import type { Queueable } from '../../core/worklist.ts'
import type { Slot, Slots } from '../model/slots.ts'
import { NO_CLAIMS, type ClaimSet } from './claim-table.ts'
import type { Declaration, Verdict } from './decision.ts'
import { isRefused, NO_FINDINGS, type Finding } from './finding.ts'

/**
 * What is declared and in force under one key, and who names whom. Found once for each change and then passed
 * along: to look the parts up by key one by one, each in a table of its own, was half of all the time.
 */
export interface Entry extends Queueable, Slot {
  readonly kind: string
  declared: Declaration | undefined
  /** Of the declared version; none where there is no valid one. */
  findings: readonly Finding[]
  /** What it holds of what others may claim: an instance in force, or a newcomer about to be. */
  claims: ClaimSet
  /** Keys that it refers to, as far as the model does not know them. */
  references: readonly ObjectKey[]
  /** Who refers to it, whether it exists or not; absent until somebody does. */
  referrers: SmallSet<ObjectKey> | undefined
  /** The last change that judged it; for `Outcome` to say. */
  judgedIn: number
  /** The last change that put something else of it into force; for `Outcome` to say. */
  enforcedIn: number
  /** The last round in which its referrers changed; for `ReferenceIndex` to say. */
  referredIn: number
}

const NO_REFERENCES: readonly ObjectKey[] = []

/** The entries of every object that is declared, in force or referred to. */
export class Entries implements Slots {
  readonly #entries = new Map<ObjectKey, Entry>()

  get(key: ObjectKey): Entry | undefined {
    return this.#entries.get(key)
  }

  /** The entry of a key, a new one where there is none. */
  obtain(key: ObjectKey): Entry {
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const entry = newEntry(key)
    this.#entries.set(key, entry)
    return entry
  }

  values(): Iterable<Entry> {
    return this.#entries.values()
  }

  /** To be called when an entry may have become empty. */
  settle({ key, declared, enforced, referrers }: Entry): void {
    const isReferred = referrers !== undefined && referrers.size > 0
    if (declared === undefined && enforced === undefined && !isReferred) this.#entries.delete(key)
  }
}

/** An entry of which nothing is known yet. */
export function newEntry(key: ObjectKey): Entry {
  const name = kindOfKey(key)
  return {
    key,
    // One text for all of a kind, not one for each entry.
    kind: KINDS.find((kind) => kind === name) ?? name,
    declared: undefined,
    enforced: undefined,
    vpc: undefined,
    node: undefined,
    findings: NO_FINDINGS,
    claims: NO_CLAIMS,
    references: NO_REFERENCES,
    referrers: undefined,
    queued: false,
    judgedIn: 0,
    enforcedIn: 0,
    referredIn: 0,
  }
}

/** Place in the order of acceptance. */
function orderOf({ declared }: Entry): number {
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
  return { findings, accepted: enforced && !isRefused(findings) }
}
