import type { ConditionType, Reason } from '../../api/conditions.ts'
import type { Severity } from '../../core/diagnostic.ts'

interface CodeEntry {
  readonly severity: Severity
  /** The condition that the finding makes False. */
  readonly condition: ConditionType
  readonly reason: Reason
  /** For the reference page. */
  readonly meaning: string
}

const refs = (reason: Reason, meaning: string): CodeEntry => ({
  severity: 'error',
  condition: 'ResolvedRefs',
  reason,
  meaning,
})
const accepted = (reason: Reason, meaning: string, severity: Severity = 'error'): CodeEntry => ({
  severity,
  condition: 'Accepted',
  reason,
  meaning,
})

/** What the checks across objects and against the profile can find. Codes are stable. */
export const CODES = {
  ProfileNotFound: refs('RefNotFound', 'The CloudProfile of a VPC does not exist.'),
  VPCNotFound: refs('RefNotFound', 'The VPC of a group or instance does not exist.'),
  VPCNotAccepted: refs('RefNotAccepted', 'The VPC of a group or instance was never accepted.'),
  SecurityGroupNotFound: refs('RefNotFound', 'A group that a rule or an instance names does not exist.'),
  SecurityGroupNotAccepted: refs(
    'RefNotAccepted',
    'A group that a rule or an instance names was never accepted.',
  ),
  AddressGroupNotFound: refs('RefNotFound', 'An address group that a rule names does not exist.'),
  AddressGroupNotAccepted: refs('RefNotAccepted', 'An address group that a rule names was never accepted.'),
  OtherVPC: refs('RefNotPermitted', 'A group that a rule or an instance names belongs to another VPC.'),
  RegionMismatch: refs('RefNotPermitted', 'The region of a group or instance is not the region of its VPC.'),
  SubnetNotFound: refs('RefNotFound', 'The subnet of an instance is not one of its VPC.'),
  NetworkTypeNotSupported: accepted('NotSupported', 'The profile has no such network type.'),
  ClassicTaken: accepted('Conflict', 'A region has one Classic network, and another VPC is it.'),
  CidrNotAllowed: accepted('NotSupported', 'The profile does not allow this cidr for a VPC or subnet.'),
  CidrOverlap: accepted('Invalid', 'Two cidrs of one VPC overlap.'),
  SubnetOutside: accepted('Invalid', "A subnet lies outside the VPC's cidrs."),
  SubnetOverlap: accepted('Invalid', 'Two subnets of one VPC overlap.'),
  AddressOutside: accepted('Invalid', "An address lies outside the instance's subnet or VPC."),
  AddressTaken: accepted('Conflict', 'An address belongs to another instance of the VPC.'),
  AttachmentTaken: accepted('Conflict', 'The attachment point belongs to another instance.'),
  GroupTypeUnknown: accepted('NotSupported', 'The profile has no such group type.'),
  GroupTypeNotInNetwork: accepted('NotSupported', 'Groups of this type are not in networks of this type.'),
  GroupTypesMixed: accepted('NotSupported', 'An instance would be in groups of different types.'),
  InnerAccessNotAllowed: accepted('NotSupported', 'The group type does not have this innerAccess.'),
  TemplateUnknown: accepted('NotSupported', 'The profile has no such template.'),
  DefaultGroupNotEditable: accepted(
    'NotSupported',
    'The profile does not let its default group be replaced.',
  ),
  ActionNotAllowed: accepted('NotSupported', 'The profile does not have the action of a rule.'),
  PriorityNotAllowed: accepted('NotSupported', "A rule's priority is outside the profile's range."),
  ProtocolUnknown: accepted('Invalid', 'A protocol that is neither a known name nor a number.'),
  ProtocolNotAllowed: accepted('NotSupported', 'The profile does not have the protocol of a rule.'),
  EtherTypeNotAllowed: accepted('NotSupported', 'The profile does not have the IP version of a rule.'),
  SourcePortsNotAllowed: accepted('NotSupported', 'The profile has no source ports.'),
  IcmpNotAllowed: accepted('NotSupported', 'The profile has no ICMP types and codes.'),
  PortListNotAllowed: accepted('NotSupported', 'The profile has one port or range in a rule.'),
  PortsNotAllowed: accepted('Invalid', 'Ports with a protocol that the profile reads as All.'),
  RemoteNotAllowed: accepted('NotSupported', 'The group type does not have this sort of remote.'),
  RuleDuplicate: accepted('NotSupported', 'Two rules of a group say the same and the profile refuses that.'),
  RuleDescriptionNotAllowed: accepted('NotSupported', "A rule's description breaks the profile's limits."),
  DisplayNameNotAllowed: accepted('NotSupported', "A displayName breaks the profile's limits."),
  DescriptionNotAllowed: accepted('NotSupported', "A description breaks the profile's limits."),
  QuotaExceeded: accepted('QuotaExceeded', 'A quota of the profile, or a limit of the VPC, is used up.'),
  NoGroups: accepted('NotSupported', 'The profile refuses an instance without groups.'),
  ProfileInconsistent: accepted('Invalid', 'A CloudProfile contradicts itself.'),
  Advisory: accepted('Accepted', 'The cloud treats traffic that a rule allows specially.', 'warning'),
} as const satisfies Record<string, CodeEntry>

export type Code = keyof typeof CODES

export function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text)
}
