import type { FieldPath } from '../core/field-path.ts'
import { nearest } from '../core/nearest.ts'
import type { UnknownRecord } from '../core/record.ts'
import type { Report } from './report.ts'

/**
 * Reports every field that is not among the known ones. `otherwise` is the hint for one that
 * resembles none of them.
 */
export function reportUnknownFields(
  value: UnknownRecord,
  known: { has(name: string): boolean; keys(): Iterable<string> },
  path: FieldPath,
  otherwise: string | (() => string),
  report: Report,
): void {
  for (const name of Object.keys(value)) {
    if (known.has(name)) continue
    if (report.isSettled) return
    const meant = nearest(name, known.keys())
    const hint = typeof otherwise === 'string' ? otherwise : otherwise()
    report.add({
      code: 'UnknownField',
      path: [...path, name],
      text: 'no such field',
      hint: meant === undefined ? hint : `did you mean ${meant}?`,
    })
  }
}
