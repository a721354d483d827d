import type { Diagnostic } from '../core/diagnostic.ts'
import { displayKey, type ObjectKey } from '../core/key.ts'
import type { ControllerCode } from './codes.ts'

/** How much one change may delete without a word from a person. */
export type DeletionAllowance =
  | { readonly type: 'Default' }
  | { readonly type: 'All' }
  | { readonly type: 'Count'; readonly count: number }
  | { readonly type: 'Percent'; readonly percent: number }

/**
 * Deleting more than this share of the objects looks like a lost folder or a wrong branch rather
 * than like a decision; Flux and Argo CD users asked for the brake after losing everything
 * (argo-cd#3484, flux#3148).
 */
const DELETION_PERCENT = 50

/**
 * Whether a change has to be held back: it would delete everything, or more than is allowed.
 * `total` counts the objects before the change.
 */
export function isHeldBack(
  deleted: readonly ObjectKey[],
  total: () => number,
  allowance: DeletionAllowance,
): boolean {
  if (deleted.length === 0) return false
  switch (allowance.type) {
    case 'All':
      return false
    case 'Count':
      return deleted.length > allowance.count
    case 'Percent':
      return deleted.length * 100 > total() * allowance.percent
    case 'Default':
      return deleted.length === total() || deleted.length * 100 > total() * DELETION_PERCENT
  }
}

/** Objects named when a deletion is held back; the rest is counted. */
const LISTED_DELETIONS = 20

/** Says that a change is held back; `total` counts the objects before it. */
export function heldBackDeletion(deleted: readonly ObjectKey[], total: number): Diagnostic {
  const names = deleted.slice(0, LISTED_DELETIONS).map(displayKey).join(', ')
  const more = deleted.length - LISTED_DELETIONS
  return {
    code: 'DeletionHeldBack' satisfies ControllerCode,
    severity: 'error',
    message: `the source no longer declares ${String(deleted.length)} of ${String(total)} objects, which is held back: ${names}${more > 0 ? ` and ${String(more)} more` : ''}`,
    hint: 'if this is meant, say --allow-delete (or a number or share, such as --allow-delete=20 or --allow-delete=80%)',
  }
}

/** Reads `all`, a number of objects such as `20`, or a share such as `80%`. */
export function parseAllowance(text: string): DeletionAllowance | undefined {
  if (text === 'all') return { type: 'All' }
  const match = /^(\d{1,9})(%?)$/.exec(text)
  if (match === null) return undefined
  const number = Number(match[1])
  if (match[2] === '') return { type: 'Count', count: number }
  return number <= 100 ? { type: 'Percent', percent: number } : undefined
}
