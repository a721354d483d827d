import type { ImplicitActions } from '../api/types.gen.ts'
import { digestText } from '../core/digest.ts'
import { mergeRules, type PolicyRule } from './policy-rule.ts'
import type { Profile } from './profile.ts'
import type { RuleSet } from './ruleset.ts'

/** One group's share in a rule set: its rules in the order of evaluation, and its type's implicit actions. */
interface RuleSetPart {
  readonly implicit: ImplicitActions
  readonly ingress: { readonly rules: readonly PolicyRule[] }
  readonly egress: { readonly rules: readonly PolicyRule[] }
}

/**
 * The rules of all groups of an instance together ("all four policies apply", NHN Cloud), down to
 * the implicit rule. Where its groups have different implicit actions, Drop decides; an instance
 * without groups drops everything.
 */
export function buildRuleSet(profile: Profile, parts: readonly RuleSetPart[]): RuleSet {
  const ingress = direction(profile, parts, 'ingress')
  const egress = direction(profile, parts, 'egress')
  return { digest: digestText(JSON.stringify([ingress, egress])), ingress, egress }
}

function direction(
  profile: Profile,
  parts: readonly RuleSetPart[],
  side: 'ingress' | 'egress',
): RuleSet['ingress'] {
  const open = parts.length > 0 && parts.every(({ implicit }) => implicit[side] === 'Allow')
  const [only, ...more] = parts
  const merged =
    more.length === 0 ? (only?.[side].rules ?? []) : mergeRules(parts.flatMap((part) => part[side].rules))
  // Nothing ranks below the implicit rule, so it needs no sorting in.
  return merged.map(({ rule }) => rule).concat(profile.implicitRule(open ? 'Allow' : 'Drop'))
}
