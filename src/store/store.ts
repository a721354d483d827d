import type { PalisadeObject } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import type { Selection } from '../policy/acceptance/decision.ts'

/** What is remembered of one object between two reconciles, and between two runs. */
export interface InventoryEntry {
  readonly key: ObjectKey
  /** The file that declares it, as the user named it; '' for an object that palisade made itself. */
  readonly origin: string
  /** The files of which more than one declares it, or did when they were last read whole; absent: none. */
  readonly rivals?: readonly string[]
  /** No file declares it any more, and what needs it keeps it in force; absent: false. */
  readonly withdrawn?: true
  /** Place in the order of acceptance: the lower came first. */
  readonly order: number
  /** RFC 3339. */
  readonly firstSeen: string
  /** Counts the changes of the declared spec, from 1. */
  readonly generation: number
  /** Digest of the declared metadata and spec that generation counts. */
  readonly digest: string
  /** The version in force; absent while none was ever accepted. */
  readonly accepted?: AcceptedVersion
  /** The declared version, where that is not in force; absent: it is, or nobody has judged it yet. */
  readonly refused?: RefusedVersion
  /** Digest of the status last written and, by condition type, its status and when that last changed. */
  readonly status?: StatusRecord
}

export interface AcceptedVersion {
  readonly generation: number
  readonly digest: string
  readonly object: PalisadeObject
}

/** What counts of a version that is not in force: as long as it is declared, those that it selects wait for it. */
export interface RefusedVersion {
  readonly digest: string
  /** Absent: it is not valid by itself. */
  readonly object?: PalisadeObject
  /** What it selects, where it is a group that is not valid by itself; absent: nothing. */
  readonly selects?: readonly Selection[]
}

export interface StatusRecord {
  readonly digest: string
  readonly transitions: Readonly<Record<string, readonly [status: string, since: string]>>
}

export interface Inventory {
  readonly entries: ReadonlyMap<ObjectKey, InventoryEntry>
  /** The next value of `order`. */
  readonly nextOrder: number
  /** Statuses were about to be written: which of them are those of the entries is not known. */
  readonly statusDue?: true
  /** The latest time ever seen (RFC 3339): rules that had ended by then stay closed. Absent: none was looked at. */
  readonly moment?: string
  /** The node whose rules these are, in the memory of an agent; absent: nobody said. */
  readonly node?: string
}

/** The state could not be read or written: one sentence that names the path and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/** A note of what there was when nothing was left to do. */
export interface Rest {
  /** Changes whenever the inventory, or which statuses are there, may have. */
  stamp(): string
  /** The line that was last noted, if any. */
  read(): string | undefined
  write(line: string): Promise<void>
}

/** What the rules of one rule set have counted, for all instances that share it. */
export interface CountedRuleSet {
  readonly instances: readonly ObjectKey[]
  readonly rules: readonly CountedRule[]
}

export interface CountedRule {
  /** See controller/hit-sampler.ts. */
  readonly id: string
  readonly packets: number
  readonly bytes: number
  /**
   * When it was first seen to have matched for the last time (RFC 3339): it did so between then and the
   * sample before. Absent: never, or before anybody looked.
   */
  readonly lastHit?: string
}

/** What the firewall had counted at one moment. */
export interface HitSample {
  /** RFC 3339. */
  readonly at: string
  /** When the next one is due, in seconds after this one. */
  readonly everySeconds: number
  readonly ruleSets: readonly CountedRuleSet[]
}

/** The latest sample of hits. Losing it costs the times of last hits and nothing else. */
export interface HitNote {
  read(): HitSample | undefined
  write(sample: HitSample): Promise<void>
}

/**
 * What palisade remembers. In file mode a state directory, in a cluster the API server.
 */
export interface Store {
  readInventory(): Promise<Inventory>
  /**
   * Replaces the inventory as a whole: after a crash the old or the new one is there, never a mixture.
   * Calls take effect one after the other. An entry that did not change should be the same object as
   * before: it is then not serialised again.
   */
  writeInventory(inventory: Inventory): Promise<void>
  /** Objects with their status, for people and scripts to read; each replaced atomically. */
  writeStatus(put: readonly PalisadeObject[], remove: readonly ObjectKey[]): Promise<void>
  /** Which objects have a status written down. */
  listStatus(): Promise<ReadonlySet<ObjectKey>>
  /** The objects with their status, in the order of their keys: all, or those of `keys` that have one. */
  readStatus(keys?: Iterable<ObjectKey>): Promise<readonly PalisadeObject[]>
  /** Objects of which others have changed what was written since the last call; absent where nobody does. */
  lost?(): readonly ObjectKey[]
  /** Absent where only reading tells whether anything has changed. */
  readonly rest?: Rest
  /** Absent where samples of hits are not kept. */
  readonly hits?: HitNote
  /** Ends the writing in hand and gives the lock back. Further calls do nothing. */
  close(): Promise<void>
}
