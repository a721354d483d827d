import type { CloudProfile, InitialRules, ProfileRule } from '../../api/types.gen.ts'
import { policyRule } from '../policy-rule.ts'
import { parseProtocol } from '../../net/protocol.ts'
import { Profile, profileRule } from '../profile.ts'
import { compilePattern } from './check-text.ts'
import { finding, type Finding } from './finding.ts'

type Path = readonly (string | number)[]

/** Whether a profile says only what it can keep; its own rules are used unchecked afterwards. */
export function checkProfile(object: CloudProfile): Finding[] {
  const profile = new Profile(object)
  return [
    ...checkProtocols(object),
    ...ownRules(object).flatMap(({ path, rule }) => checkOwnRule(object, profile, rule, path)),
    ...checkDefaultGroups(object, profile),
    ...checkPatterns(object),
  ]
}

/** The schema sees that a pattern is simple enough, not that it means something: `^[z-a]$` does not. */
function checkPatterns(object: CloudProfile): Finding[] {
  const { names, rules } = object.spec
  const places: readonly (readonly [Path, string | undefined])[] = [
    [['spec', 'names', 'displayName', 'pattern'], names?.displayName?.pattern],
    [['spec', 'names', 'description', 'pattern'], names?.description?.pattern],
    [['spec', 'rules', 'description', 'pattern'], rules.description?.pattern],
  ]
  return places.flatMap(([path, pattern]) => {
    if (pattern === undefined || compilePattern(pattern) !== undefined) return []
    const problem = `${pattern} is no regular expression`
    const hint = 'write character classes such as [a-z0-9] or [\\p{L}_]'
    return finding('ProfileInconsistent', object, path, problem, { hint })
  })
}

function checkProtocols(object: CloudProfile): Finding[] {
  return (object.spec.rules.protocols ?? []).flatMap((name, index) => {
    if (parseProtocol(name) !== undefined) return []
    const path = ['spec', 'rules', 'protocols', index]
    const problem = `${name} is no protocol that palisade knows`
    return finding('ProtocolUnknown', object, path, problem, { hint: 'use a name or a number' })
  })
}

function checkDefaultGroups(object: CloudProfile, profile: Profile): Finding[] {
  return (object.spec.defaultGroups ?? []).flatMap(({ name, type }, index) => {
    const path = ['spec', 'defaultGroups', index]
    const found: Finding[] = []
    if (name.includes('-')) {
      // `a-b-c` would be group `c` of VPC `a-b` and group `b-c` of VPC `a`.
      const problem = `${name} has a hyphen, so groups of two VPCs could have one name`
      const hint = 'use lower-case letters and digits'
      found.push(finding('ProfileInconsistent', object, [...path, 'name'], problem, { hint }))
    }
    if (profile.groupType(type) === undefined) {
      const problem = `there is no group type ${type ?? ''}`
      const hint = 'use one of groupTypes'
      found.push(finding('ProfileInconsistent', object, [...path, 'type'], problem, { hint }))
    }
    return found
  })
}

interface OwnRule {
  readonly path: Path
  readonly rule: ProfileRule
}

function ownRules({ spec }: CloudProfile): OwnRule[] {
  const { initialRules = {}, templates = [], defaultGroups = [] } = spec
  const holders: { readonly path: Path; readonly rules: InitialRules }[] = [
    { path: ['spec', 'initialRules'], rules: initialRules },
    ...templates.map((rules, index) => ({ path: ['spec', 'templates', index], rules })),
    ...defaultGroups.map((rules, index) => ({ path: ['spec', 'defaultGroups', index], rules })),
  ]
  return holders.flatMap(({ path, rules }) =>
    (['ingress', 'egress'] as const).flatMap((side) =>
      (rules[side] ?? []).map((rule, index) => ({ path: [...path, side, index], rule })),
    ),
  )
}

function checkOwnRule(object: CloudProfile, profile: Profile, rule: ProfileRule, path: Path): Finding[] {
  const protocol = parseProtocol(rule.protocol ?? 'All')
  if (protocol === undefined) {
    const problem = `${String(rule.protocol)} is no protocol that palisade knows`
    return [
      finding('ProtocolUnknown', object, [...path, 'protocol'], problem, { hint: 'use a name or a number' }),
    ]
  }
  const action = rule.action ?? 'Allow'
  if (!profile.spec.rules.actions.includes(action)) {
    const problem = `the profile's own rule has the action ${action}, which rules.actions does not have`
    return [
      finding('ProfileInconsistent', object, [...path, 'action'], problem, {
        hint: 'add it to rules.actions',
      }),
    ]
  }
  const { priority: range } = profile.spec.rules
  if (rule.priority !== undefined && range === undefined) {
    const problem = "the profile's own rule has a priority, and rules.priority is absent"
    return [
      finding('ProfileInconsistent', object, [...path, 'priority'], problem, { hint: 'leave priority out' }),
    ]
  }
  policyRule(profileRule(rule, 'group'), rule.name, profile)
  return []
}
