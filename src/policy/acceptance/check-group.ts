import type { GroupType, SecurityGroup, VPC } from '../../api/types.gen.ts'
import { fieldPath } from '../../core/field-path.ts'
import type { ObjectKey } from '../../core/key.ts'
import { policyRule } from '../policy-rule.ts'
import { DIRECTIONS, type Profile } from '../profile.ts'
import { checkRule } from './check-rule.ts'
import { checkText } from './check-text.ts'
import { checkVpcRef } from './check-vpc-ref.ts'
import { allOf, finding, isRefused, NO_FINDINGS, type Finding } from './finding.ts'
import type { Resolution } from './rule-context.ts'

/** What the checks of a group ask about the rest of the world. */
export interface GroupSurroundings {
  readonly vpc: { readonly object: VPC; readonly profile: Profile } | undefined
  readonly vpcDeclared: boolean
  readonly resolve: (key: ObjectKey) => Resolution
  /** The VPC whose default group has the group's name, where the group may not take its place. */
  readonly fixedDefaultOf: VPC | undefined
}

/** The checks of a group beyond its schema, quotas and members apart. */
export function checkGroup(group: SecurityGroup, around: GroupSurroundings): readonly Finding[] {
  const { vpc } = around
  if (vpc === undefined) return checkVpcRef(group, undefined, around.vpcDeclared)
  const { profile } = vpc
  const groupType = profile.groupType(group.spec.type)
  const findings = allOf(
    checkVpcRef(group, vpc.object, true),
    checkType(group, vpc),
    checkInnerAccess(group, profile),
    checkTemplate(group, profile),
    checkName(group, vpc, around),
    checkNaming(group, 'displayName', profile),
    checkNaming(group, 'description', profile),
    groupType === undefined ? NO_FINDINGS : checkRules(group, vpc, groupType, around),
  )
  return groupType === undefined || isRefused(findings)
    ? findings
    : allOf(findings, checkDuplicates(group, profile))
}

function checkRules(
  group: SecurityGroup,
  { object, profile }: NonNullable<GroupSurroundings['vpc']>,
  groupType: GroupType,
  { resolve }: GroupSurroundings,
): readonly Finding[] {
  const classic = object.spec.networkType === 'Classic'
  const findings: Finding[] = []
  for (const direction of DIRECTIONS) {
    const side = direction === 'Ingress' ? 'ingress' : 'egress'
    const rules = group.spec[side]
    if (rules === undefined || rules.length === 0) continue
    const context = { group, profile, groupType, classic, direction, resolve }
    for (const [index, rule] of rules.entries()) {
      findings.push(...checkRule(rule, ['spec', side, index], context))
    }
  }
  return findings
}

/** A group may not take the place of a default group that nobody may edit. */
function checkName(
  group: SecurityGroup,
  vpc: NonNullable<GroupSurroundings['vpc']>,
  around: GroupSurroundings,
): readonly Finding[] {
  const { profile } = vpc
  const owner = around.fixedDefaultOf?.metadata.name
  if (owner === undefined) return NO_FINDINGS
  const problem =
    owner === vpc.object.metadata.name
      ? `this is the name of a default group, which profile ${profile.name} does not let anybody change`
      : `this is the name of a default group of VPC ${owner}`
  const detail = { hint: 'choose another name', profileText: profile.message('defaultGroup') }
  return [finding('DefaultGroupNotEditable', group, ['metadata', 'name'], problem, detail)]
}

function checkType(
  group: SecurityGroup,
  { object, profile }: NonNullable<GroupSurroundings['vpc']>,
): readonly Finding[] {
  const { type } = group.spec
  const groupType = profile.groupType(type)
  if (groupType === undefined) {
    const problem = `profile ${profile.name} has no group type ${type ?? ''}`
    const hint = `use one of ${profile.spec.groupTypes.map(({ name }) => name).join(', ')}`
    return [finding('GroupTypeUnknown', group, ['spec', 'type'], problem, { hint })]
  }
  const network = object.spec.networkType ?? 'VPC'
  if (groupType.networks?.includes(network) ?? true) return NO_FINDINGS
  const problem = `groups of type ${groupType.name} in profile ${profile.name} are not in ${network} networks`
  const hint = `use another type, or a network of type ${(groupType.networks ?? []).join(' or ')}`
  return [finding('GroupTypeNotInNetwork', group, ['spec', 'type'], problem, { hint })]
}

function checkInnerAccess(group: SecurityGroup, profile: Profile): readonly Finding[] {
  const { type, innerAccess } = group.spec
  const groupType = profile.groupType(type)
  const allowed = groupType?.innerAccess?.allowed ?? []
  if (groupType === undefined || innerAccess === undefined) return NO_FINDINGS
  if (allowed.includes(innerAccess)) return NO_FINDINGS
  const problem = `groups of type ${groupType.name} in profile ${profile.name} cannot have innerAccess ${innerAccess}`
  const hint = allowed.length === 0 ? 'leave innerAccess out' : `use ${allowed.join(' or ')}`
  const profileText = profile.message('innerAccess')
  return [finding('InnerAccessNotAllowed', group, ['spec', 'innerAccess'], problem, { hint, profileText })]
}

function checkTemplate(group: SecurityGroup, profile: Profile): readonly Finding[] {
  const { template } = group.spec
  if (template === undefined || profile.template(template) !== undefined) return NO_FINDINGS
  const names = (profile.spec.templates ?? []).map(({ name }) => name)
  const problem = `profile ${profile.name} has no template ${template}`
  const hint = names.length === 0 ? 'leave template out' : `use one of ${names.join(', ')}`
  const profileText = profile.message('template')
  return [finding('TemplateUnknown', group, ['spec', 'template'], problem, { hint, profileText })]
}

function checkNaming(
  group: SecurityGroup,
  field: 'displayName' | 'description',
  profile: Profile,
): readonly Finding[] {
  const names = profile.spec.names
  if (names === undefined) return NO_FINDINGS
  const code = field === 'displayName' ? 'DisplayNameNotAllowed' : 'DescriptionNotAllowed'
  const severity = names.enforcement === 'Warn' ? 'warning' : 'error'
  return checkText(group.spec[field], names[field]).map(({ text, hint }) => {
    const profileText = profile.message(field)
    return finding(code, group, ['spec', field], text, { hint, profileText, severity })
  })
}

function checkDuplicates(group: SecurityGroup, profile: Profile): readonly Finding[] {
  if (profile.spec.rules.duplicates !== 'Refuse') return NO_FINDINGS
  const findings: Finding[] = []
  for (const side of ['ingress', 'egress'] as const) {
    const seen = new Map<string, string>()
    for (const [index, rule] of (group.spec[side] ?? []).entries()) {
      const path = ['spec', side, index]
      const { order } = policyRule(rule, fieldPath(path), profile)
      const twin = seen.get(order)
      if (twin !== undefined) {
        findings.push(
          finding('RuleDuplicate', group, path, `rule ${rule.name} says the same as rule ${twin}`, {
            hint: 'remove one of them',
            profileText: profile.message('duplicateRule'),
          }),
        )
      }
      seen.set(order, twin ?? rule.name)
    }
  }
  return findings
}
