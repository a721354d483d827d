import type { Rule, SecurityGroup } from '../api/types.gen.ts'
import { parseMoment, type Moment } from '../core/moment.ts'

/**
 * When a rule ends; undefined for one that does not. Only an Allow rule ends: a Drop rule that did would
 * open what it closed, so that one goes on whatever it says.
 *
 * Throws on a time that no check lets through: to read it as absent would mean "never".
 */
export function expiryOf(rule: Rule): Moment | undefined {
  if (rule.expires === undefined || rule.action === 'Drop') return undefined
  const moment = parseMoment(rule.expires)
  if (moment === undefined) throw new Error(`rule ${rule.name} expires at ${rule.expires}, which is no time`)
  return moment
}

/** From its moment on, a rule contributes nothing. */
export function isExpired(rule: Rule, now: Moment): boolean {
  const end = expiryOf(rule)
  return end !== undefined && end <= now
}

/** A rule that ends, and where it stands. */
export interface EndingRule {
  readonly rule: Rule
  readonly end: Moment
  readonly path: readonly (string | number)[]
}

/** The rules of a group that end, in the order of its lists. */
export function endingRules({ spec }: SecurityGroup): readonly EndingRule[] {
  const found: EndingRule[] = []
  for (const side of ['ingress', 'egress'] as const) {
    for (const [index, rule] of (spec[side] ?? []).entries()) {
      const end = expiryOf(rule)
      if (end !== undefined) found.push({ rule, end, path: ['spec', side, index, 'expires'] })
    }
  }
  return found
}
