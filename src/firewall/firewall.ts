import type { ObjectKey } from '../core/key.ts'
import type { Ruleset, RulesetChange } from '../policy/ruleset.ts'

/** How often a rule has matched. */
export interface RuleCounter {
  readonly instance: ObjectKey
  readonly direction: 'Ingress' | 'Egress'
  /** One of the rule's sources, as in EffectiveRule. */
  readonly source: string
  readonly packets: number
  readonly bytes: number
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

/** A failure of the firewall itself, as one sentence for a person; the cause is attached. */
export class FirewallError extends Error {
  override readonly name = 'FirewallError'
}

/**
 * Where rulesets are programmed. Every implementation passes test/contract/firewalls.ts.
 *
 * Implementations are told what to change, never why; they hold no policy.
 */
export interface Firewall {
  readonly name: string
  /** What is programmed now, from the place itself and not from memory. */
  read(): Promise<Ruleset>
  /** Changes whenever what is programmed may have; absent where only reading tells. */
  readonly stamp?: () => string
  /** Applies a change whole or not at all; rejects with FirewallError. */
  apply(change: RulesetChange): Promise<void>
  /**
   * Compares what may have been changed behind its back with what was applied, puts it right and tells of
   * it. Rejects with FirewallError where it cannot.
   */
  repair(): Promise<readonly Drift[]>
  /** Rings when something may have to be repaired; returns how to stop that. */
  watch(bell: () => void): () => void
  /** Hit counts since each rule was programmed; empty where nothing counts. */
  counters(): Promise<readonly RuleCounter[]>
}
