import type { ObjectKey } from '../core/key.ts'
import type { RuleSet, Ruleset, RulesetChange } from '../policy/ruleset.ts'

/** What matched a rule: packets, and their bytes with the headers of IP. */
export interface Hits {
  readonly packets: number
  readonly bytes: number
}

/** How often the rules of one rule set have decided, for all instances together that share it. */
export interface RuleSetHits {
  readonly instances: readonly ObjectKey[]
  readonly ruleSet: RuleSet
  /** One for each rule of the rule set, in its order. */
  readonly ingress: readonly Hits[]
  readonly egress: readonly Hits[]
}

/** Something that another program changed, and that is put right again. */
export interface Drift {
  /** Where, for a person. */
  readonly place: string
  /** What differed, in the firewall's words. */
  readonly parts: readonly string[]
  /** Who changed it, where the system says so. */
  readonly by?: string
  /** The instances that it concerned. */
  readonly instances: readonly ObjectKey[]
}

/** Instances that are not held as they should be, and why, each in a sentence without its full stop. */
export type Faults = ReadonlyMap<ObjectKey, string>

interface FirewallErrorOptions extends ErrorOptions {
  readonly faults?: Faults
  readonly drift?: readonly Drift[]
}

/** A failure of the firewall itself, as one sentence for a person; the cause is attached. */
export class FirewallError extends Error {
  override readonly name = 'FirewallError'
  /** Whom the failure concerns; everybody else is held as wanted. Absent: nothing of the change was done. */
  readonly faults: Faults | undefined
  /** What was found changed all the same, and put right. */
  readonly drift: readonly Drift[]

  constructor(sentence: string, { faults, drift = [], ...options }: FirewallErrorOptions = {}) {
    super(sentence, options)
    this.faults = faults
    this.drift = drift
  }
}

/**
 * Where rulesets are programmed. Every implementation passes test/contract/firewalls.ts.
 *
 * Implementations are told what to change, never why; they hold no policy.
 */
export interface Firewall {
  readonly name: string
  /** Instances of other nodes are recorded here and enforced there; absent: there is one node. */
  readonly node?: string
  /** What is programmed now, from the place itself and not from memory. */
  read(): Promise<Ruleset>
  /** Changes whenever what is programmed may have; absent where only reading tells. */
  readonly stamp?: () => string
  /**
   * Applies a change whole or not at all, in each place that it concerns; rejects with FirewallError, which
   * says whom that left as they were.
   */
  apply(change: RulesetChange): Promise<void>
  /**
   * Compares what may have been changed behind its back with what was applied, puts it right and tells of
   * it. Rejects with FirewallError where it cannot.
   */
  repair(): Promise<readonly Drift[]>
  /** Rings when something may have to be repaired; returns how to stop that. */
  watch(bell: () => void): () => void
  /**
   * Hits of each rule since it was programmed; a rule keeps them while others are edited. Empty where
   * nothing counts. Rejects with FirewallError.
   */
  counters(): Promise<readonly RuleSetHits[]>
}
