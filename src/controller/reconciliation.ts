import type { PalisadeObject } from '../api/objects.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { ObjectKey } from '../core/key.ts'
import type { Moment } from '../core/moment.ts'
import { isSameList } from '../core/same-list.ts'
import type { Model } from '../policy/model/model.ts'
import type { RulesetChange } from '../policy/ruleset.ts'
import type { DeclaredFile } from './declared.ts'
import type { Plan } from './plan.ts'

/** What the source says now. */
export interface SourceState {
  readonly files: readonly DeclaredFile[]
  /** Paths that could not be read; what was declared there stays. */
  readonly unreadable: readonly string[]
}

/** Whether two looks found the same, by identity. */
export function isSameSource(a: SourceState, b: SourceState): boolean {
  return isSameList(a.files, b.files) && isSameList(a.unreadable, b.unreadable)
}

/** A change that was asked for and not made, since a check would be broken. */
export interface BlockedChange {
  /** Without what is done all the same. */
  readonly plan: Plan
  /** What would be in force, if all were done. */
  readonly model: Model
  /** The checks that keep it out. */
  readonly checks: readonly ObjectKey[]
}

/** What one look at the source led to. Nothing has been written yet. */
export interface Reconciliation {
  readonly plan: Plan
  readonly change: RulesetChange
  /** Every finding in force, of all storeys. */
  readonly findings: readonly Diagnostic[]
  /** Objects that the source would delete, where that is too many: then nothing of it was done. */
  readonly heldBack: readonly ObjectKey[]
  readonly foreign: number
  /** The moment of the look. */
  readonly at: Moment
  /** When time alone will make a difference; undefined: never. */
  readonly next: Moment | undefined
  /** What checks keep out: nothing of it is in the plan. */
  readonly blocked: BlockedChange | undefined
}

/** What is to be written after the firewall took a change, or refused it. */
export interface Outcome {
  readonly putStatus: readonly PalisadeObject[]
  readonly removeStatus: readonly ObjectKey[]
}
