import type { Diagnostic } from '../../core/diagnostic.ts'
import type { ControllerCode } from '../codes.ts'
import type { TimelessCondition } from './conditions.ts'

/** A promise that is broken, or that speaks of what is not there. */
export interface UnkeptPromise {
  readonly reason: 'PromiseBroken' | 'PromiseIncomplete'
  /** A sentence without its full stop. */
  readonly message: string
}

const REASONS: readonly (readonly [ControllerCode, UnkeptPromise['reason']])[] = [
  ['CheckBroken', 'PromiseBroken'],
  ['CheckIncomplete', 'PromiseIncomplete'],
]

/** The worst that the findings of a check say. */
export function unkeptPromise(findings: readonly Diagnostic[]): UnkeptPromise | undefined {
  const found = REASONS.flatMap(([code, reason]) => {
    const finding = findings.find((one) => one.code === code)
    return finding === undefined ? [] : [{ reason, message: finding.message }]
  })
  return found[0]
}

export function holdsCondition(unkept: UnkeptPromise | undefined): TimelessCondition {
  if (unkept !== undefined) {
    return { type: 'Holds', status: 'False', reason: unkept.reason, message: `${unkept.message}.` }
  }
  const message = 'No connection breaks the promise.'
  return { type: 'Holds', status: 'True', reason: 'PromiseKept', message }
}
