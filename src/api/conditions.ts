/** The condition types of palisade's objects, in the order in which status lists them. */
export const CONDITION_TYPES = {
  Accepted: 'The declared version passed every check and is in force.',
  ResolvedRefs: 'Everything that the object refers to is there and may be referred to.',
  Programmed: 'The firewall holds the rules in force (instances only).',
  Holds: 'The promise is kept by what is in force (reachability checks only).',
  Drifted:
    'Another program changed the rules in the firewall; present once that has happened (instances only).',
  DeletionBlocked:
    'The object was deleted and is kept, since others still need it, or since a check would be broken.',
  Expiring: 'A rule of the group will close by itself within a day; present only while so.',
  Ready: 'The summary: the declared version is in force everywhere.',
  Reconciling: 'Work on the object is under way; present only while it is.',
  Stalled:
    'The object cannot become ready by itself: somebody has to change something; present only while so.',
} as const
export type ConditionType = keyof typeof CONDITION_TYPES

/** Why a condition is as it is: a closed list. */
export const REASONS = {
  Accepted: 'The declared version is in force.',
  Invalid: 'The declared version breaks the schema or a rule that it can break by itself.',
  NotSupported: 'The profile of the VPC does not allow something that the object declares.',
  Conflict: 'Something that may exist once, such as an address, is taken by another object.',
  QuotaExceeded: 'One more would exceed a quota of the profile.',
  Unreadable: 'The file that declares the object cannot be read; what it last gave stays in force.',
  ChangeBlocked:
    'The change would break a ReachabilityCheck that blocks, so no change of the namespace is made; the message names the check, and the connection.',
  HeldBack: 'The change would delete too much at once and waits for a word from a person.',
  RefsResolved: 'Every reference resolves.',
  RefNotFound: 'Something that the object refers to does not exist.',
  RefNotAccepted: 'Something that the object refers to was never accepted.',
  RefNotPermitted: 'Something that the object refers to belongs to another VPC or region.',
  Programmed: 'The firewall holds the rules of the digest in status.',
  NotEnforced: 'The instance has no attachment: its rules are computed and not enforced.',
  OtherNode: 'The instance is attached to another node than this palisade enforces.',
  ApplyFailed:
    'The firewall does not hold the rules; those before stay in force, or nothing passes the interface.',
  Repaired: 'What another program had changed in the firewall is put right again.',
  Pending: 'The firewall has not been told yet.',
  PromiseKept: 'No connection breaks the promise.',
  PromiseIncomplete: 'The check names something that is not in force; the message says what.',
  PromiseBroken: 'A connection breaks the promise; the message names it, and the rule.',
  InUse: 'Instances are still members of the deleted group, or in the deleted VPC.',
  Deleted:
    'The object was deleted and is not in force any more; a finalizer that is not of palisade keeps it.',
  Referenced: 'Rules or VPCs still name the deleted object.',
  RuleExpiresSoon: 'The time of a rule will have passed within a day, or within an hour.',
  Ready: 'All is as declared.',
  NotReady: 'Another condition says what is missing.',
} as const
export type Reason = keyof typeof REASONS
