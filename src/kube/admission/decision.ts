import type { Reason } from '../../api/conditions.ts'
import { isError, sentenceOf, type Diagnostic } from '../../core/diagnostic.ts'
import { CODES } from '../../policy/acceptance/codes.ts'
import type { Finding } from '../../policy/acceptance/finding.ts'
import type { Decision } from './review.ts'

/** Sentences in one answer; the API server cuts warnings off after 4,096 characters of all together. */
const LISTED = 10

/** What another object can put right that is still to come. */
const AWAITING: ReadonlySet<Reason> = new Set(['RefNotFound', 'RefNotAccepted'])

/**
 * What is found of an object decides whether the API server takes it.
 *
 * What only waits for another object is a warning: the objects of a folder come one by one in the order of its
 * files, and nothing of what waits is in force before the other is there. Everything else that refuses an object
 * would refuse it in an hour, too.
 */
export function decide(findings: readonly Finding[]): Decision {
  const refusing = findings.filter(({ refuses, code }) => refuses && !AWAITING.has(CODES[code].reason))
  return {
    refusal: refusing.length === 0 ? undefined : sentences(refusing).join(' '),
    warnings: sentences(findings.filter((finding) => !refusing.includes(finding))),
  }
}

/** Of an object that is not valid by itself, or that others keep from going. */
export function refuse(findings: readonly Diagnostic[]): Decision {
  const errors = findings.filter(isError)
  const warnings = sentences(findings.filter((finding) => !isError(finding)))
  return { refusal: errors.length === 0 ? undefined : sentences(errors).join(' '), warnings }
}

function sentences(findings: readonly Diagnostic[]): readonly string[] {
  const listed = findings.slice(0, LISTED).map((finding) => sentenceOf(finding))
  const more = findings.length - LISTED
  return more > 0 ? [...listed, `There are ${String(more)} more.`] : listed
}
