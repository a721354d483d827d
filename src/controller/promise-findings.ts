import { keyOf } from '../api/objects.ts'
import type { ReachabilityCheck } from '../api/types.gen.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { canonicalJson } from '../core/digest.ts'
import { displayKey } from '../core/key.ts'
import { assess, checksOf, type Assessment, type Evidence } from '../policy/assurance/evaluate.ts'
import type { ControllerCode } from './codes.ts'
import { violationSentence } from './violation-sentence.ts'

/** How what is in force would break checks that it did not break before. */
export function blockingFindings(now: Evidence, before: Evidence): readonly Diagnostic[] {
  return checksOf(now.model)
    .filter(isBlocking)
    .flatMap((check) => blockingFinding(check, now, before) ?? [])
}

export const isBroken = ({ violation, missing }: Assessment): boolean =>
  violation !== undefined || missing.length > 0

/** How a change makes a check worse; undefined where it does not. */
function blockingFinding(check: ReachabilityCheck, next: Evidence, last: Evidence): Diagnostic | undefined {
  const { violation, missing } = assess(check, next, last)
  const about = { severity: 'error', object: keyOf(check) } as const
  if (violation !== undefined) {
    return {
      ...about,
      code: 'ChangeBlocked' satisfies ControllerCode,
      message: `${displayKey(keyOf(check))}: the change is not made, since it would break the check: ${violationSentence(check, violation)}`,
      hint: 'take the change back, or change the check if what it says is no longer meant',
      path: ['spec', 'expect'],
    }
  }
  const known = last.model.object(keyOf(check))
  const isSame =
    known?.kind === 'ReachabilityCheck' && canonicalJson(known.spec) === canonicalJson(check.spec)
  const before = isSame ? assess(check, last).missing : []
  const lost = missing.filter((name) => !before.includes(name))
  if (lost.length === 0) return undefined
  return {
    ...about,
    code: 'ChangeBlocked' satisfies ControllerCode,
    message: `${displayKey(keyOf(check))}: the change is not made, since the check names ${lost.join(' and ')}, and there would be none in force, so nothing would be checked of it`,
    hint: 'correct the name, declare it in the same change, or take it out of the check',
    path: ['spec'],
  }
}

export const isBlocking = ({ spec }: ReachabilityCheck): boolean => spec.enforcement !== 'Warn'

/** What there is to say of a check that does not hold. */
export function findingsOf(
  check: ReachabilityCheck,
  { violation, missing }: Assessment,
): readonly Diagnostic[] {
  const key = keyOf(check)
  const about = { object: key, path: ['spec'] }
  const findings: Diagnostic[] = []
  if (violation !== undefined) {
    findings.push({
      ...about,
      code: 'CheckBroken' satisfies ControllerCode,
      severity: isBlocking(check) ? 'error' : 'warning',
      message: `${displayKey(key)}: ${violationSentence(check, violation)}`,
      hint: 'change the rule, or the check if what it says is no longer meant',
    })
  }
  if (missing.length > 0) {
    findings.push({
      ...about,
      code: 'CheckIncomplete' satisfies ControllerCode,
      severity: isBlocking(check) ? 'error' : 'warning',
      message: `${displayKey(key)}: there is no ${missing.join(', nor ')} in force, so nothing is checked of it`,
      hint: 'declare it, or take it out of the check',
    })
  }
  return findings
}
