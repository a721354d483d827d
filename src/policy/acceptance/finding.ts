import { keyOf, type PalisadeObject } from '../../api/objects.ts'
import type { Diagnostic, Severity } from '../../core/diagnostic.ts'
import { fieldPath } from '../../core/field-path.ts'
import { displayKey } from '../../core/key.ts'
import { CODES, type Code } from './codes.ts'

/** What a check found. Where one refuses, the object's last accepted version stays in force. */
export interface Finding extends Diagnostic {
  readonly code: Code
  readonly refuses: boolean
}

/** Whether any of what was found of a version keeps it out of force. */
export function isRefused(findings: readonly Finding[]): boolean {
  return findings.some(({ refuses }) => refuses)
}

/** Shared, since of most objects nothing is found. */
export const NO_FINDINGS: readonly Finding[] = []

/** What several checks found, in their order. */
export function allOf(...parts: readonly (readonly Finding[])[]): readonly Finding[] {
  let all = NO_FINDINGS
  for (const part of parts) {
    if (part.length > 0) all = all.length === 0 ? part : [...all, ...part]
  }
  return all
}

interface FindingDetail {
  /** What would be right, as a sentence. */
  readonly hint?: string
  readonly profileText?: string | undefined
  readonly severity?: Severity
  /** Absent: errors refuse, warnings do not. */
  readonly refuses?: boolean
}

/** `problem` says what is wrong with the field; the names of object and field are put before it. */
export function finding(
  code: Code,
  object: PalisadeObject,
  path: readonly (string | number)[],
  problem: string,
  detail: FindingDetail = {},
): Finding {
  const key = keyOf(object)
  const severity = detail.severity ?? CODES[code].severity
  return {
    code,
    severity,
    refuses: detail.refuses ?? severity === 'error',
    message: `${displayKey(key)}: ${path.length === 0 ? problem : `${fieldPath(path)}: ${problem}`}`,
    ...(detail.hint !== undefined && { hint: detail.hint }),
    ...(detail.profileText !== undefined && { profileText: detail.profileText }),
    object: key,
    path,
  }
}
