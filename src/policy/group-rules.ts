import type { ProfileRule, Rule, SecurityGroup } from '../api/types.gen.ts'
import type { Moment } from '../core/moment.ts'
import { isExpired } from './expiry.ts'
import { innerAccessRule, mergeRules, policyRule, type PolicyRule } from './policy-rule.ts'
import { profileRule, type Direction, type Profile } from './profile.ts'

/** A rule of a group wherever it comes from, with the name that status and tables call it by. */
export interface SourcedRule {
  readonly source: string
  readonly rule: Rule
}

/**
 * Every rule of a group in one direction, from its own list or, where that is absent, the profile's
 * initial rules, and from its template ("select proper template to simplify security group rule
 * configuration", Alibaba Cloud) in addition.
 */
export function sourcedRules(group: SecurityGroup, profile: Profile, direction: Direction): SourcedRule[] {
  const { name } = group.metadata
  const side = direction === 'Ingress' ? 'ingress' : 'egress'
  const own = group.spec[side]
  const brought = (rules: readonly ProfileRule[] | undefined, origin: string): SourcedRule[] =>
    (rules ?? []).map((rule) => ({ source: `${name}/${origin}/${rule.name}`, rule: profileRule(rule, name) }))
  const { template: asked } = group.spec
  const template = asked === undefined ? undefined : profile.template(asked)
  if (asked !== undefined && template === undefined) return [denyAll(`${name}/template:${asked}`)]
  return [
    ...(own?.map((rule) => ({ source: `${name}/${rule.name}`, rule })) ??
      brought(profile.spec.initialRules?.[side], 'initial')),
    ...brought(template?.[side], `template:${template?.name ?? ''}`),
  ]
}

/**
 * In place of a group whose template its profile has no more: the Drop rules that it had from there
 * are gone, and to go on with the rest would open what they closed. It ranks before every rule that may be in
 * force: those of before its profile's priorities were others, too.
 */
function denyAll(source: string): SourcedRule {
  return { source, rule: { name: 'gone', action: 'Drop', priority: BEFORE_ALL } }
}

/** The least priority that a rule can have is 1. */
const BEFORE_ALL = 0

/** What a rule's share in a rule set depends on besides itself. */
export interface RuleSurroundings {
  /** Whether the remote of a rule is in force. */
  readonly resolves: (rule: Rule) => boolean
  readonly now: Moment
}

/** A group's rules in one direction, normalised; what its inner access means included. */
export interface GroupRules {
  /** In the order of evaluation, equal ones merged. */
  readonly rules: readonly PolicyRule[]
  /** How many rules there are, templates and initial rules included. */
  readonly declared: number
  /** How many rules contribute nothing, since their remote does not resolve. */
  readonly unresolved: number
}

/**
 * Compiles one direction of a group. An Allow rule whose remote does not resolve contributes
 * nothing, nor does one whose time has passed. A Drop rule is never in force without its remote (its group is
 * not accepted); should that ever happen, it drops from everywhere rather than from nowhere.
 */
export function compileGroup(
  group: SecurityGroup,
  profile: Profile,
  direction: Direction,
  { resolves, now }: RuleSurroundings,
): GroupRules {
  const rules: PolicyRule[] = []
  let unresolved = 0
  const sourced = sourcedRules(group, profile, direction)
  for (const { source, rule } of sourced) {
    if (isExpired(rule, now)) continue
    if (resolves(rule)) rules.push(policyRule(rule, source, profile))
    else {
      unresolved += 1
      if (rule.action === 'Drop') rules.push(policyRule(withoutRemote(rule), source, profile))
    }
  }
  const inner = profile.innerAccess(group.spec)
  if (inner !== undefined && (inner === 'Accept' || direction === 'Ingress')) {
    rules.push(innerAccessRule(inner, group.metadata.name))
  }
  return sourced.length + rules.length === 0
    ? NO_RULES
    : { rules: mergeRules(rules).slice(), declared: sourced.length, unresolved }
}

/** Shared, since most groups have no rules in one direction. */
const NO_RULES: GroupRules = { rules: [], declared: 0, unresolved: 0 }

function withoutRemote(rule: Rule): Rule {
  const { remote, ...anywhere } = rule
  return remote === undefined ? rule : anywhere
}
