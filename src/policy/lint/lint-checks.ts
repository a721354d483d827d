import type { Severity } from '../../core/diagnostic.ts'
import { duplicateRules } from './checks/duplicates.ts'
import { oneFamilyOnly } from './checks/families.ts'
import { emptyRemotes, groupsWithoutMembers, instancesWithoutGroups } from './checks/membership.ts'
import { nearQuotas } from './checks/quotas.ts'
import { deniedByOtherEnd, redundantRules, shadowedRules } from './checks/reach.ts'
import {
  allPortsOpen,
  allProtocolsOpen,
  egressAllOpen,
  publicAccess,
  riskyPortsOpen,
  unlistedPortsOpen,
} from './checks/too-open.ts'
import type { LintFinding } from './finding.ts'
import type { LintWorld } from './world.ts'

interface LintCheck {
  readonly severity: Severity
  /** For the reference page. */
  readonly meaning: string
  /** The check of Alibaba Cloud Config that asks the same, by its id. */
  readonly cloudConfig?: string
  readonly find: (world: LintWorld) => Iterable<LintFinding>
}

/** What lint looks for. Codes are stable; annotations name them. */
export const LINT_CHECKS = {
  RiskyPortOpen: {
    severity: 'error',
    meaning: 'A management or database port is open to 0.0.0.0/0 or ::/0.',
    cloudConfig: 'ecs-security-group-risky-ports-check-with-protocol',
    find: riskyPortsOpen,
  },
  PublicAccess: {
    severity: 'error',
    meaning: 'One rule opens every port to 0.0.0.0/0 or ::/0.',
    cloudConfig: 'sg-public-access-check',
    find: publicAccess,
  },
  AllPortsOpen: {
    severity: 'warning',
    meaning:
      'An ingress rule opens every port to a prefix or list, and no Drop rule before it takes that back.',
    cloudConfig: 'ecs-security-group-not-open-all-port',
    find: allPortsOpen,
  },
  AllProtocolsOpen: {
    severity: 'warning',
    meaning: 'An ingress rule opens every protocol to a prefix, a list or everybody.',
    cloudConfig: 'ecs-security-group-not-open-all-protocol',
    find: allProtocolsOpen,
  },
  UnlistedPortOpen: {
    severity: 'info',
    meaning: 'A port other than 80 and 443 is open to 0.0.0.0/0 or ::/0.',
    cloudConfig: 'ecs-security-group-white-list-port-check',
    find: unlistedPortsOpen,
  },
  EgressAllOpen: {
    severity: 'info',
    meaning: 'An egress rule lets out everything to 0.0.0.0/0 or ::/0.',
    cloudConfig: 'ecs-security-group-egress-not-all-access',
    find: egressAllOpen,
  },
  InstanceWithoutGroups: {
    severity: 'warning',
    meaning: 'No group names or selects an instance.',
    cloudConfig: 'ecs-instance-attached-security-group',
    find: instancesWithoutGroups,
  },
  GroupWithoutMembers: {
    severity: 'warning',
    meaning: 'A group applies to no instance.',
    find: groupsWithoutMembers,
  },
  RemoteWithoutMembers: {
    severity: 'warning',
    meaning: 'A rule is about the members of a group that has none.',
    find: emptyRemotes,
  },
  DuplicateRule: {
    severity: 'warning',
    meaning: 'Two rules that apply to one instance say the same.',
    find: duplicateRules,
  },
  RuleShadowed: {
    severity: 'warning',
    meaning: 'A rule decides nothing, since other rules of its group decide all that it matches before it.',
    find: shadowedRules,
  },
  RuleRedundant: {
    severity: 'info',
    meaning: 'Without a rule, other rules of its group would decide the same.',
    find: redundantRules,
  },
  RuleNeverMet: {
    severity: 'warning',
    meaning: 'An Allow rule is about instances that deny all of it at their end.',
    find: deniedByOtherEnd,
  },
  OneFamilyOnly: {
    severity: 'warning',
    meaning: 'A rule opens IPv4 or IPv6 to everybody and the members have addresses of both.',
    find: oneFamilyOnly,
  },
  QuotaNearlyUsed: {
    severity: 'warning',
    meaning:
      'A quota is used up by 80% or more: of VPCs, subnets, groups, rules, members, addresses or groups of an instance.',
    find: nearQuotas,
  },
} as const satisfies Record<string, LintCheck>

/** What lint finds in the annotations that silence it. */
export const IGNORE_CODES = {
  IgnoreWithoutReason: {
    severity: 'warning',
    meaning: 'An entry of palisade.dev/lint-ignore does not say why.',
  },
  IgnoreUnknown: {
    severity: 'warning',
    meaning: 'An entry of palisade.dev/lint-ignore names no code of lint.',
  },
  IgnoreUnused: {
    severity: 'info',
    meaning: 'An entry of palisade.dev/lint-ignore silences nothing.',
  },
} as const satisfies Record<string, { readonly severity: Severity; readonly meaning: string }>

export type LintCode = keyof typeof LINT_CHECKS | keyof typeof IGNORE_CODES

export function isLintCode(text: string): text is keyof typeof LINT_CHECKS {
  return Object.hasOwn(LINT_CHECKS, text)
}
