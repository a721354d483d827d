import type { SecurityGroup, VPC } from '../../api/types.gen.ts'
import { fieldPath } from '../../core/field-path.ts'
import type { ObjectKey } from '../../core/key.ts'
import { policyRule } from '../policy-rule.ts'
import { DIRECTIONS, type Profile } from '../profile.ts'
import { checkRule } from './check-rule.ts'
import { checkText } from './check-text.ts'
import { checkVpcRef } from './check-vpc-ref.ts'
import { finding, isRefused, type Finding } from './finding.ts'
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
export function checkGroup(group: SecurityGroup, around: GroupSurroundings): Finding[] {
  const { vpc } = around
  if (vpc === undefined) return checkVpcRef(group, undefined, around.vpcDeclared)
  const { profile } = vpc
  const findings = [...checkVpcRef(group, vpc.object, true), ...checkSettings(group, vpc, around)]
  findings.push(...checkTexts(group, profile))
  const groupType = profile.groupType(group.spec.type)
  if (groupType === undefined) return findings
  const classic = vpc.object.spec.networkType === 'Classic'
  for (const direction of DIRECTIONS) {
    const side = direction === 'Ingress' ? 'ingress' : 'egress'
    for (const [index, rule] of (group.spec[side] ?? []).entries()) {
      const context = { group, profile, groupType, classic, direction, resolve: around.resolve }
      findings.push(...checkRule(rule, ['spec', side, index], context))
    }
  }
  if (!isRefused(findings)) findings.push(...checkDuplicates(group, profile))
  return findings
}

function checkSettings(
  group: SecurityGroup,
  vpc: NonNullable<GroupSurroundings['vpc']>,
  around: GroupSurroundings,
): Finding[] {
  const { profile } = vpc
  const found = [
    ...checkType(group, vpc),
    ...checkInnerAccess(group, profile),
    ...checkTemplate(group, profile),
  ]
  const owner = around.fixedDefaultOf?.metadata.name
  if (owner === undefined) return found
  const problem =
    owner === vpc.object.metadata.name
      ? `this is the name of a default group, which profile ${profile.name} does not let anybody change`
      : `this is the name of a default group of VPC ${owner}`
  const detail = { hint: 'choose another name', profileText: profile.message('defaultGroup') }
  return [...found, finding('DefaultGroupNotEditable', group, ['metadata', 'name'], problem, detail)]
}

function checkType(
  group: SecurityGroup,
  { object, profile }: NonNullable<GroupSurroundings['vpc']>,
): Finding[] {
  const { type } = group.spec
  const groupType = profile.groupType(type)
  if (groupType === undefined) {
    const problem = `profile ${profile.name} has no group type ${type ?? ''}`
    const hint = `use one of ${profile.spec.groupTypes.map(({ name }) => name).join(', ')}`
    return [finding('GroupTypeUnknown', group, ['spec', 'type'], problem, { hint })]
  }
  const network = object.spec.networkType ?? 'VPC'
  if (groupType.networks?.includes(network) ?? true) return []
  const problem = `groups of type ${groupType.name} in profile ${profile.name} are not in ${network} networks`
  const hint = `use another type, or a network of type ${(groupType.networks ?? []).join(' or ')}`
  return [finding('GroupTypeNotInNetwork', group, ['spec', 'type'], problem, { hint })]
}

function checkInnerAccess(group: SecurityGroup, profile: Profile): Finding[] {
  const { type, innerAccess } = group.spec
  const groupType = profile.groupType(type)
  const allowed = groupType?.innerAccess?.allowed ?? []
  if (groupType === undefined || innerAccess === undefined || allowed.includes(innerAccess)) return []
  const problem = `groups of type ${groupType.name} in profile ${profile.name} cannot have innerAccess ${innerAccess}`
  const hint = allowed.length === 0 ? 'leave innerAccess out' : `use ${allowed.join(' or ')}`
  const profileText = profile.message('innerAccess')
  return [finding('InnerAccessNotAllowed', group, ['spec', 'innerAccess'], problem, { hint, profileText })]
}

function checkTemplate(group: SecurityGroup, profile: Profile): Finding[] {
  const { template } = group.spec
  if (template === undefined || profile.template(template) !== undefined) return []
  const names = (profile.spec.templates ?? []).map(({ name }) => name)
  const problem = `profile ${profile.name} has no template ${template}`
  const hint = names.length === 0 ? 'leave template out' : `use one of ${names.join(', ')}`
  const profileText = profile.message('template')
  return [finding('TemplateUnknown', group, ['spec', 'template'], problem, { hint, profileText })]
}

function checkTexts(group: SecurityGroup, profile: Profile): Finding[] {
  const names = profile.spec.names
  const severity = names?.enforcement === 'Warn' ? ('warning' as const) : ('error' as const)
  return (['displayName', 'description'] as const).flatMap((field) =>
    checkText(group.spec[field], names?.[field]).map(({ text, hint }) =>
      finding(
        field === 'displayName' ? 'DisplayNameNotAllowed' : 'DescriptionNotAllowed',
        group,
        ['spec', field],
        text,
        {
          hint,
          profileText: profile.message(field),
          severity,
        },
      ),
    ),
  )
}

function checkDuplicates(group: SecurityGroup, profile: Profile): Finding[] {
  if (profile.spec.rules.duplicates !== 'Refuse') return []
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
