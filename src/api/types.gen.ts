// Generated from crds/*.yaml by `npm run generate`. Edit those, not this file.

/** The metadata of every object, as far as palisade reads or writes it. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly labels?: { readonly [key: string]: string }
  readonly annotations?: { readonly [key: string]: string }
  /** Counts the changes of the spec. */
  readonly generation?: number
  readonly uid?: string
  /** RFC 3339. */
  readonly creationTimestamp?: string
  /** RFC 3339; present while the object waits for its finalizers. */
  readonly deletionTimestamp?: string
  readonly finalizers?: readonly string[]
  readonly resourceVersion?: string
}

/**
 * An AddressGroup is a named list of prefixes that rules of the same namespace can use as their
 * remote.
 */
export interface AddressGroup {
  readonly apiVersion: 'palisade.dev/v1alpha1'
  readonly kind: 'AddressGroup'
  readonly metadata: ObjectMeta
  readonly spec: AddressGroupSpec
  readonly status?: AddressGroupStatus
}

/** A CloudProfile says how one cloud's security groups behave, as data. */
export interface CloudProfile {
  readonly apiVersion: 'palisade.dev/v1alpha1'
  readonly kind: 'CloudProfile'
  readonly metadata: ObjectMeta
  readonly spec: CloudProfileSpec
  readonly status?: CloudProfileStatus
}

/**
 * An Instance is one machine, container or other host with addresses in a VPC, to which the rules
 * of its groups apply.
 */
export interface Instance {
  readonly apiVersion: 'palisade.dev/v1alpha1'
  readonly kind: 'Instance'
  readonly metadata: ObjectMeta
  readonly spec: InstanceSpec
  readonly status?: InstanceStatus
}

/**
 * A ReachabilityCheck is a promise about what can reach what. A change that would break one that
 * blocks is not applied.
 */
export interface ReachabilityCheck {
  readonly apiVersion: 'palisade.dev/v1alpha1'
  readonly kind: 'ReachabilityCheck'
  readonly metadata: ObjectMeta
  readonly spec: ReachabilityCheckSpec
  readonly status?: ReachabilityCheckStatus
}

/** A SecurityGroup is a set of rules that apply together to every instance that is a member of it. */
export interface SecurityGroup {
  readonly apiVersion: 'palisade.dev/v1alpha1'
  readonly kind: 'SecurityGroup'
  readonly metadata: ObjectMeta
  readonly spec: SecurityGroupSpec
  readonly status?: SecurityGroupStatus
}

/**
 * A VPC is one private network: the space in which addresses are unique, groups apply and remote
 * groups resolve. Groups of one VPC act on instances of that VPC alone.
 */
export interface VPC {
  readonly apiVersion: 'palisade.dev/v1alpha1'
  readonly kind: 'VPC'
  readonly metadata: ObjectMeta
  readonly spec: VPCSpec
  readonly status?: VPCStatus
}

/** What the group is declared to hold. */
export interface AddressGroupSpec {
  /** What the addresses are, for people. */
  readonly description?: string
  /**
   * The prefixes, IPv4 and IPv6 mixed. A bare address stands for itself alone.
   *
   * Items: A prefix without host bits, or an address.
   */
  readonly cidrs: readonly string[]
  /**
   * How many entries the group may grow to. Profiles may count this number, not the entries of the
   * moment, against the rule quota of the groups that use it.
   */
  readonly maxEntries?: number
}

/** What is in force, as last seen by palisade. */
export interface AddressGroupStatus {
  /** The metadata.generation that this status describes. */
  readonly observedGeneration?: number
  /**
   * Accepted, ResolvedRefs, Programmed (instances), DeletionBlocked, Ready and, while they last,
   * Reconciling or Stalled.
   */
  readonly conditions?: readonly Condition[]
  /**
   * The version of this object that is in force: an older one than declared while that is not
   * accepted, none while none ever was.
   */
  readonly enforced?: EnforcedVersion
  /** How many prefixes are in force. */
  readonly entries?: number
  /**
   * Objects that refer to this one, as Kind/name, in order; cut at the end.
   *
   * Items: A referrer as Kind/name.
   */
  readonly referrers?: readonly string[]
  /** How many objects refer to this one, including those cut from referrers. */
  readonly referrerCount?: number
}

/** One aspect of the object's state. */
export interface Condition {
  /** The aspect. */
  readonly type: string
  /** Whether the condition holds. */
  readonly status: 'True' | 'False' | 'Unknown'
  /** The metadata.generation that the condition was computed from. */
  readonly observedGeneration?: number
  /** When status last changed. */
  readonly lastTransitionTime: string
  /** Why, as one word from a closed list. */
  readonly reason: string
  /** Why, as a sentence that a person can act on. */
  readonly message: string
}

/**
 * The version of this object that is in force: an older one than declared while that is not
 * accepted, none while none ever was.
 */
export interface EnforcedVersion {
  /** metadata.generation of the version in force. */
  readonly generation: number
  /** Digest of the spec in force. */
  readonly digest: string
  /**
   * Labels, annotations and spec in force, as one JSON text; in a cluster only, where it is what
   * agents enforce and what a restart goes on from.
   */
  readonly object?: string
}

/** How security groups behave. */
export interface CloudProfileSpec {
  /** The name of the cloud, for people. */
  readonly displayName?: string
  /** The types of group; the first is the default. */
  readonly groupTypes: readonly GroupType[]
  /**
   * Whether one instance may join groups of different types. Where it may, an implicit action is
   * Drop if one of its groups says so.
   */
  readonly mixedGroupTypes?: 'Refuse' | 'Allow'
  /** What networks there are. */
  readonly networks?: NetworkRules
  /** What rules may say. */
  readonly rules: RuleCapabilities
  /** What an absent ingress or egress of a group stands for. */
  readonly initialRules?: InitialRules
  /** Rule sets that a group can ask for by name. */
  readonly templates?: readonly Template[]
  /** Groups that every VPC has without being asked. */
  readonly defaultGroups?: readonly DefaultGroup[]
  /**
   * What an instance without groups gets: JoinDefault makes it a member of the first default group,
   * DenyAll isolates it, Refuse does not accept it, which isolates it too.
   */
  readonly instanceWithoutGroups: 'JoinDefault' | 'DenyAll' | 'Refuse'
  /** What display names and descriptions of groups must look like. */
  readonly names?: NameRules
  /** How many of a thing there may be. Absent: any number. */
  readonly quotas?: Quotas
  /** What happens when a group is deleted. */
  readonly deletion?: DeletionRules
  /** What happens to open connections when the rule that allowed them goes. */
  readonly established?: 'Keep' | 'Cut'
  /**
   * Traffic that the cloud treats specially below its security groups: an Allow rule that touches it
   * earns a warning.
   */
  readonly advisories?: readonly Advisory[]
  /**
   * The cloud's own words for refusals, by reason; {limit} stands for the limit in force, and in
   * unknownInstanceGroup {name} for the group.
   */
  readonly messages?: {
    readonly [k: string]: string
  }
}

/** One type of group. */
export interface GroupType {
  /** Name of the type. */
  readonly name: string
  /** What happens to a packet that no rule matches. */
  readonly implicit: ImplicitActions
  /** Traffic between members of one group. Absent: groups of this type have no such setting. */
  readonly innerAccess?: InnerAccessSupport
  /**
   * What a rule may name as its remote; SelfReference is a group naming itself.
   *
   * Items: A sort of remote.
   */
  readonly remotes: readonly ('CIDR' | 'SecurityGroup' | 'SelfReference' | 'AddressGroup')[]
  /** Whether rules of other groups may name groups of this type as their remote. */
  readonly asRemote?: boolean
  /**
   * The network types that groups of this type are in. Absent: every one of the profile.
   *
   * Items: A network type.
   */
  readonly networks?: readonly ('VPC' | 'Classic')[]
  /** Limits of one group of this type. */
  readonly quotas?: GroupTypeQuotas
}

/** What happens to a packet that no rule matches. */
export interface ImplicitActions {
  /** On connections to a member. */
  readonly ingress: 'Allow' | 'Drop'
  /** On connections from a member. */
  readonly egress: 'Allow' | 'Drop'
}

/** Traffic between members of one group. Absent: groups of this type have no such setting. */
export interface InnerAccessSupport {
  /**
   * The settings that a group may have.
   *
   * Items: A setting.
   */
  readonly allowed: readonly ('Accept' | 'Drop')[]
  /** The setting of a group that does not say. */
  readonly default: 'Accept' | 'Drop'
}

/** Limits of one group of this type. */
export interface GroupTypeQuotas {
  /** Rules whose remote is a security group. */
  readonly securityGroupRemotes?: number
  /** Addresses of the members. */
  readonly addresses?: number
  /** Members. */
  readonly members?: number
  /** Members, in a Classic network. */
  readonly classicInstances?: number
}

/** What networks there are. */
export interface NetworkRules {
  /**
   * The network types.
   *
   * Items: A network type.
   */
  readonly types?: readonly ('VPC' | 'Classic')[]
  /** What the cidrs of a VPC may be. */
  readonly cidrs?: CidrRules
  /** What the cidrs of subnets may be. */
  readonly subnets?: SubnetRules
  /**
   * What a rule may name as its remote in a Classic network. Absent: what the group type allows.
   *
   * Items: A sort of remote.
   */
  readonly classicRemotes?: readonly ('CIDR' | 'SecurityGroup' | 'SelfReference' | 'AddressGroup')[]
}

/** What the cidrs of a VPC may be. */
export interface CidrRules {
  /**
   * Ranges that an IPv4 cidr must lie in. Absent: any.
   *
   * Items: A prefix.
   */
  readonly within?: readonly string[]
  /** Least prefix length of an IPv4 cidr. */
  readonly minLength?: number
  /** Greatest prefix length of an IPv4 cidr. */
  readonly maxLength?: number
}

/** What the cidrs of subnets may be. */
export interface SubnetRules {
  /** Least prefix length of an IPv4 cidr. */
  readonly minLength?: number
  /** Greatest prefix length of an IPv4 cidr. */
  readonly maxLength?: number
}

/** What rules may say. */
export interface RuleCapabilities {
  /**
   * The actions.
   *
   * Items: An action.
   */
  readonly actions: readonly ('Allow' | 'Drop')[]
  /** The priorities. Absent: rules have none. */
  readonly priority?: PriorityRange
  /**
   * Names of the protocols, All included where it is allowed. Absent: every protocol.
   *
   * Items: A protocol.
   */
  readonly protocols?: readonly string[]
  /** What protocol number 0 means. */
  readonly protocolZero?: 'HOPOPT' | 'All'
  /**
   * The IP versions. Absent: both.
   *
   * Items: An IP version.
   */
  readonly etherTypes?: readonly ('IPv4' | 'IPv6')[]
  /** Whether rules may match source ports. */
  readonly sourcePorts?: boolean
  /** Whether rules may match ICMP types and codes. */
  readonly icmpFields?: boolean
  /** Whether one rule may hold more than one port or range. */
  readonly portLists?: boolean
  /** What a text must look like. */
  readonly description?: TextLimits
  /**
   * What happens to a rule that says the same as another of its group: Ignore keeps it once, Refuse
   * refuses the group.
   */
  readonly duplicates?: 'Ignore' | 'Refuse'
}

/** The priorities. Absent: rules have none. */
export interface PriorityRange {
  /** The number that decides first. */
  readonly min: number
  /** The number that decides last. */
  readonly max: number
  /** The priority of a rule that states none. */
  readonly default: number
}

/** What a text must look like. */
export interface TextLimits {
  /** Whether the field must be given. */
  readonly required?: boolean
  /** Least length in characters, when given. */
  readonly min?: number
  /** Greatest length in characters. */
  readonly max?: number
  /**
   * What it must look like: ^, one or two character classes in brackets, each with * or + or
   * neither, and $ (this form is matched in linear time).
   */
  readonly pattern?: string
  /** The pattern in words, for the refusal. */
  readonly patternText?: string
  /**
   * Beginnings that it must not have.
   *
   * Items: A beginning.
   */
  readonly forbiddenPrefixes?: readonly string[]
}

/** What an absent ingress or egress of a group stands for. */
export interface InitialRules {
  /** Rules for connections to a member. */
  readonly ingress?: readonly ProfileRule[]
  /** Rules for connections from a member. */
  readonly egress?: readonly ProfileRule[]
}

/** Matches packets of new connections in one direction, seen from the instance. */
export interface ProfileRule {
  /** Name of the rule, unique within its list; status and tables call the rule by it. */
  readonly name: string
  /** What the rule is for; profiles may limit its length. */
  readonly description?: string
  /** The IP version. Absent: the remote's, or both when the remote has none. */
  readonly etherType?: 'IPv4' | 'IPv6'
  /**
   * A protocol by name in any case (TCP, UDP, ICMP, ICMPv6, GRE ...), by number from 0 to 255, or
   * All. Absent: All.
   */
  readonly protocol?: number | string
  /**
   * Destination ports, for TCP, UDP, SCTP, UDP-Lite and DCCP. Absent or empty: all.
   *
   * Items: A destination port from 1 to 65535, or a range such as "8000-8080".
   */
  readonly ports?: readonly (number | string)[]
  /**
   * Source ports, where the profile has them, for TCP, UDP, SCTP, UDP-Lite and DCCP. Absent or
   * empty: all.
   *
   * Items: A source port from 1 to 65535, or a range such as "8000-8080".
   */
  readonly sourcePorts?: readonly (number | string)[]
  /** The ICMP or ICMPv6 message. Absent: all. */
  readonly icmp?: ICMPMatch
  /** The other end. Absent: anywhere. */
  readonly remote?: ProfileRemote
  /** What happens to a packet that matches; Drop where the profile allows it. */
  readonly action?: 'Allow' | 'Drop'
  /** The lower number decides; at equal priority Drop does. Absent: the profile's default. */
  readonly priority?: number
}

/** The ICMP or ICMPv6 message. Absent: all. */
export interface ICMPMatch {
  /** Type of the message. */
  readonly type: number
  /** Code of the message. Absent: all codes of the type. */
  readonly code?: number
}

/** The other end. Absent: anywhere. */
export interface ProfileRemote {
  /** A prefix without host bits, or an address. */
  readonly cidr?: string
  /** The members of the group that carries the rule. */
  readonly self?: boolean
}

/** One rule set. */
export interface Template {
  /** Name of the template. */
  readonly name: string
  /** What it is for. */
  readonly description?: string
  /** Rules for connections to a member. */
  readonly ingress?: readonly ProfileRule[]
  /** Rules for connections from a member. */
  readonly egress?: readonly ProfileRule[]
}

/** One such group. */
export interface DefaultGroup {
  /** Its display name, and the suffix of its object name after the name of the VPC. */
  readonly name: string
  /** What it is for. */
  readonly description?: string
  /** Its group type; the first when absent. */
  readonly type?: string
  /** Whether it comes with the VPC or when an instance first needs it. */
  readonly create: 'WithVPC' | 'WhenNeeded'
  /** Whether a declared group of the same object name replaces it. */
  readonly editable?: boolean
  /** Rules for connections to a member. */
  readonly ingress?: readonly ProfileRule[]
  /** Rules for connections from a member. */
  readonly egress?: readonly ProfileRule[]
}

/** What display names and descriptions of groups must look like. */
export interface NameRules {
  /** Whether a breach is refused or only warned of. */
  readonly enforcement?: 'Refuse' | 'Warn'
  /** What a text must look like. */
  readonly displayName?: TextLimits
  /** What a text must look like. */
  readonly description?: TextLimits
}

/** How many of a thing there may be. Absent: any number. */
export interface Quotas {
  /** VPCs of the namespace. */
  readonly vpcs?: VPCQuota
  /** Subnets. */
  readonly subnets?: SubnetQuota
  /** Security groups; default groups are not counted. */
  readonly securityGroups?: SecurityGroupQuota
  /**
   * Rules, templates and initial rules included; ingress and egress together per SecurityGroup, each
   * for itself per Direction.
   */
  readonly rules?: RuleQuota
  /** Groups of one instance. */
  readonly groupsPerInstance?: number
  /** Rules over all groups of one instance, counted as rules are. */
  readonly rulesPerInstance?: number
}

/** VPCs of the namespace. */
export interface VPCQuota {
  /** The greatest number. */
  readonly limit: number
  /** What they are counted in. */
  readonly per: 'Region' | 'Namespace'
}

/** Subnets. */
export interface SubnetQuota {
  /** The greatest number. */
  readonly limit: number
  /** What they are counted in. */
  readonly per: 'VPC'
}

/** Security groups; default groups are not counted. */
export interface SecurityGroupQuota {
  /** The greatest number. */
  readonly limit: number
  /** What they are counted in. */
  readonly per: 'VPC' | 'Region' | 'Namespace'
}

/**
 * Rules, templates and initial rules included; ingress and egress together per SecurityGroup, each
 * for itself per Direction.
 */
export interface RuleQuota {
  /** The greatest number. */
  readonly limit: number
  /** What they are counted in. */
  readonly per: 'SecurityGroup' | 'Direction'
  /** How much a rule whose remote is an address group counts: One, its Entries, or its MaxEntries. */
  readonly addressGroups?: 'One' | 'Entries' | 'MaxEntries'
}

/** What happens when a group is deleted. */
export interface DeletionRules {
  /**
   * While instances name it: Block keeps it, Cascade takes it away from them, and they deny
   * everything until they name it no more.
   */
  readonly used?: 'Block' | 'Cascade'
  /** While rules of other groups name it: Block keeps it, Cascade ends those rules. */
  readonly referenced?: 'Block' | 'Cascade'
}

/** One such traffic. */
export interface Advisory {
  /** The direction. */
  readonly direction: 'Ingress' | 'Egress'
  /** The protocol. */
  readonly protocol: string
  /** The destination port. */
  readonly port: number
  /** What the user should know. */
  readonly message: string
}

/** What is in force, as last seen by palisade. */
export interface CloudProfileStatus {
  /** The metadata.generation that this status describes. */
  readonly observedGeneration?: number
  /**
   * Accepted, ResolvedRefs, Programmed (instances), DeletionBlocked, Ready and, while they last,
   * Reconciling or Stalled.
   */
  readonly conditions?: readonly Condition[]
  /**
   * The version of this object that is in force: an older one than declared while that is not
   * accepted, none while none ever was.
   */
  readonly enforced?: EnforcedVersion
  /**
   * Objects that refer to this one, as Kind/name, in order; cut at the end.
   *
   * Items: A referrer as Kind/name.
   */
  readonly referrers?: readonly string[]
  /** How many objects refer to this one, including those cut from referrers. */
  readonly referrerCount?: number
}

/** What the instance is declared to be. */
export interface InstanceSpec {
  /** The VPC that the object belongs to. Immutable. */
  readonly vpcRef: VPCReference
  /** The region; when given, the VPC's. */
  readonly region?: string
  /** The subnet of the VPC that the addresses are in. */
  readonly subnet?: string
  /**
   * The instance's own addresses, inside the VPC and the subnet, unique within the VPC.
   *
   * Items: An IPv4 or IPv6 address.
   */
  readonly addresses?: readonly string[]
  /** The MAC address, for protection against spoofing. */
  readonly mac?: string
  /** The groups that the instance joins, besides those that select it by its labels. */
  readonly securityGroupRefs?: readonly SecurityGroupReference[]
  /** Where the rules are enforced. Absent: they are computed and not enforced. */
  readonly attachment?: Attachment
}

/** The VPC that the object belongs to. Immutable. */
export interface VPCReference {
  /** Name of a VPC of the same namespace. */
  readonly name: string
}

/** A group of the same namespace and VPC. */
export interface SecurityGroupReference {
  /** Name of a SecurityGroup of the same namespace and VPC. */
  readonly name: string
}

/** Where the rules are enforced. Absent: they are computed and not enforced. */
export interface Attachment {
  /** The node that enforces them. */
  readonly nodeName: string
  /** The network namespace of the interface; the host's own when absent. */
  readonly netns?: string
  /** The interface through which all traffic of the instance goes. */
  readonly interface?: string
  /** The instance is the node itself: its own input and output are filtered. */
  readonly host?: boolean
}

/** What is in force, as last seen by palisade. */
export interface InstanceStatus {
  /** The metadata.generation that this status describes. */
  readonly observedGeneration?: number
  /**
   * Accepted, ResolvedRefs, Programmed (instances), DeletionBlocked, Ready and, while they last,
   * Reconciling or Stalled.
   */
  readonly conditions?: readonly Condition[]
  /**
   * The version of this object that is in force: an older one than declared while that is not
   * accepted, none while none ever was.
   */
  readonly enforced?: EnforcedVersion
  /** What the agent of the node has programmed last; in a cluster only, and written by that agent. */
  readonly programmed?: ProgrammedRules
  /**
   * The groups in force on the instance, in order.
   *
   * Items: Name of a SecurityGroup.
   */
  readonly securityGroups?: readonly string[]
  /**
   * The rules in force on the instance, in the order of evaluation, complete down to the implicit
   * rule.
   */
  readonly effectiveRules?: EffectiveRules
}

/** What the agent of the node has programmed last; in a cluster only, and written by that agent. */
export interface ProgrammedRules {
  /** The node of the agent. */
  readonly nodeName: string
  /** enforced.generation of the instance whose rules were programmed. */
  readonly generation: number
  /** effectiveRules.digest of the rules that were programmed. */
  readonly digest: string
}

/**
 * The rules in force on the instance, in the order of evaluation, complete down to the implicit
 * rule.
 */
export interface EffectiveRules {
  /** Digest of the rules as written, without the addresses that remote groups stand for. */
  readonly digest: string
  /** How many ingress rules there are; given when ingress is cut at the end. */
  readonly ingressCount?: number
  /** How many egress rules there are; given when egress is cut at the end. */
  readonly egressCount?: number
  /** Rules for connections to the instance. */
  readonly ingress: readonly EffectiveRule[]
  /** Rules for connections from the instance. */
  readonly egress: readonly EffectiveRule[]
}

/** One rule, normalised. */
export interface EffectiveRule {
  /** What happens to a packet that matches. */
  readonly action: 'Allow' | 'Drop'
  /** The IP version; absent: both. */
  readonly etherType?: 'IPv4' | 'IPv6'
  /** Canonical name of the protocol, its number where it has none, or All. */
  readonly protocol: string
  /**
   * Destination ports, merged and in order; absent: all.
   *
   * Items: A port or a range.
   */
  readonly ports?: readonly string[]
  /**
   * Source ports, merged and in order; absent: all.
   *
   * Items: A port or a range.
   */
  readonly sourcePorts?: readonly string[]
  /** The ICMP or ICMPv6 message. Absent: all. */
  readonly icmp?: ICMPMatch
  /** The other end; {} means anywhere. */
  readonly remote: EffectiveRemote
  /** The lower number decides; absent where the profile has no priorities and for implicit rules. */
  readonly priority?: number
  /** When the rule closes by itself, the latest time of all its sources; absent: never. */
  readonly expires?: string
  /**
   * Every rule that this one stands for: group/rule, group/template:name/rule, group/initial/rule,
   * group/innerAccess or profile:name/implicit.
   *
   * Items: A source.
   */
  readonly sources: readonly string[]
}

/** The other end; {} means anywhere. */
export interface EffectiveRemote {
  /** A canonical prefix. */
  readonly cidr?: string
  /** Name of a SecurityGroup, standing for the addresses of its members. */
  readonly securityGroup?: string
  /** Name of an AddressGroup, standing for its prefixes. */
  readonly addressGroup?: string
  /**
   * What the group stands for at the moment, while it is short enough to list.
   *
   * Items: A canonical prefix.
   */
  readonly addresses?: readonly string[]
  /**
   * In place of a longer list, the number of its entries rounded down to a power of two, as in
   * "64+": one member more must not rewrite every status that names the group.
   */
  readonly addressCount?: string
}

/** What is promised. */
export interface ReachabilityCheckSpec {
  /** What the promise is for, and who needs it. */
  readonly description?: string
  /** The VPC that the object belongs to. Immutable. */
  readonly vpcRef: VPCReference
  /** Where connections come from. */
  readonly from: CheckEnd
  /** Where connections go to. */
  readonly to: CheckEnd
  /**
   * A protocol by name in any case (TCP, UDP, ICMP, ...), by number from 0 to 255, or All. Absent:
   * All.
   */
  readonly protocol?: number | string
  /**
   * Destination ports, for TCP, UDP, SCTP, UDP-Lite and DCCP. Absent or empty: all.
   *
   * Items: A destination port from 1 to 65535, or a range such as "8000-8080".
   */
  readonly ports?: readonly (number | string)[]
  /** Whether every such connection passes, or none does. */
  readonly expect: 'Allowed' | 'Denied'
  /** Whether a change that would break the promise is refused whole, or reported only. */
  readonly enforcement?: 'Block' | 'Warn'
}

export interface CheckEnd {
  /**
   * Names of instances of the VPC.
   *
   * Items: Name of an Instance of the same namespace and VPC.
   */
  readonly instances?: readonly string[]
  /** The instances of the VPC with these labels. {} means every instance of the VPC. */
  readonly instanceSelector?: LabelSelector
  /** A group of the same namespace and VPC. */
  readonly securityGroupRef?: SecurityGroupReference
  /** The prefixes of an address group. */
  readonly addressGroupRef?: AddressGroupReference
  /**
   * Prefixes. Where an address of theirs is that of an instance of the VPC, the instance is meant.
   *
   * Items: A prefix without host bits, or an address.
   */
  readonly cidrs?: readonly string[]
  /** Every address outside the VPC's cidrs, where it is true. */
  readonly internet?: boolean
  /**
   * Prefixes to leave out of cidrs, addressGroupRef or internet.
   *
   * Items: A prefix without host bits, or an address.
   */
  readonly except?: readonly string[]
}

export interface LabelSelector {
  /** Labels that an instance must have with just these values. */
  readonly matchLabels?: {
    readonly [k: string]: string
  }
  /** Requirements on labels, all of which must hold. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[]
}

/** One requirement. */
export interface LabelSelectorRequirement {
  /** The label. */
  readonly key: string
  /** How the label relates to values. */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  /**
   * The values, for In and NotIn.
   *
   * Items: A value.
   */
  readonly values?: readonly string[]
}

/** The prefixes of an address group. */
export interface AddressGroupReference {
  /** Name of an AddressGroup of the same namespace. */
  readonly name: string
}

/** What is in force, as last seen by palisade. */
export interface ReachabilityCheckStatus {
  /** The metadata.generation that this status describes. */
  readonly observedGeneration?: number
  /**
   * Accepted, ResolvedRefs, Programmed (instances), DeletionBlocked, Ready and, while they last,
   * Reconciling or Stalled.
   */
  readonly conditions?: readonly Condition[]
  /**
   * The version of this object that is in force: an older one than declared while that is not
   * accepted, none while none ever was.
   */
  readonly enforced?: EnforcedVersion
}

/** What the group is declared to be. */
export interface SecurityGroupSpec {
  /** The VPC that the object belongs to. Immutable. */
  readonly vpcRef: VPCReference
  /** The region; when given, the VPC's. */
  readonly region?: string
  /** The name that a console shows; profiles say what it may look like. */
  readonly displayName?: string
  /** What the group is for; profiles may limit its length. */
  readonly description?: string
  /** One of the profile's templates, whose rules apply in addition to the group's own. */
  readonly template?: string
  /** One of the profile's group types; the first of them when absent. */
  readonly type?: string
  /**
   * Whether members reach each other whatever the rules say (Accept) or only as the rules say
   * (Drop). Absent: the group type's default.
   */
  readonly innerAccess?: 'Accept' | 'Drop'
  /**
   * Makes the instances of the VPC with these labels members, besides those that name the group. {}
   * means every instance of the VPC.
   */
  readonly instanceSelector?: LabelSelector
  /** Rules for connections to a member. Absent: the profile's initial rules; [] means none. */
  readonly ingress?: readonly Rule[]
  /** Rules for connections from a member. Absent: the profile's initial rules; [] means none. */
  readonly egress?: readonly Rule[]
}

/** Matches packets of new connections in one direction, seen from the instance. */
export interface Rule {
  /** Name of the rule, unique within its list; status and tables call the rule by it. */
  readonly name: string
  /** What the rule is for; profiles may limit its length. */
  readonly description?: string
  /** The IP version. Absent: the remote's, or both when the remote has none. */
  readonly etherType?: 'IPv4' | 'IPv6'
  /**
   * A protocol by name in any case (TCP, UDP, ICMP, ICMPv6, GRE ...), by number from 0 to 255, or
   * All. Absent: All.
   */
  readonly protocol?: number | string
  /**
   * Destination ports, for TCP, UDP, SCTP, UDP-Lite and DCCP. Absent or empty: all.
   *
   * Items: A destination port from 1 to 65535, or a range such as "8000-8080".
   */
  readonly ports?: readonly (number | string)[]
  /**
   * Source ports, where the profile has them, for TCP, UDP, SCTP, UDP-Lite and DCCP. Absent or
   * empty: all.
   *
   * Items: A source port from 1 to 65535, or a range such as "8000-8080".
   */
  readonly sourcePorts?: readonly (number | string)[]
  /** The ICMP or ICMPv6 message. Absent: all. */
  readonly icmp?: ICMPMatch
  /** The other end: the source of ingress, the destination of egress. Absent: anywhere. */
  readonly remote?: Remote
  /** What happens to a packet that matches; Drop where the profile allows it. */
  readonly action?: 'Allow' | 'Drop'
  /** The lower number decides; at equal priority Drop does. Absent: the profile's default. */
  readonly priority?: number
  /**
   * When an Allow rule closes by itself, as a time in whole seconds with its zone (RFC 3339). From
   * then on the rule contributes nothing. Absent: never.
   */
  readonly expires?: string
}

/** The other end: the source of ingress, the destination of egress. Absent: anywhere. */
export interface Remote {
  /** A prefix without host bits, or an address. */
  readonly cidr?: string
  /** A group of the same namespace and VPC. */
  readonly securityGroupRef?: SecurityGroupReference
  /** The prefixes of an address group. */
  readonly addressGroupRef?: AddressGroupReference
}

/** What is in force, as last seen by palisade. */
export interface SecurityGroupStatus {
  /** The metadata.generation that this status describes. */
  readonly observedGeneration?: number
  /**
   * Accepted, ResolvedRefs, Programmed (instances), DeletionBlocked, Ready and, while they last,
   * Reconciling or Stalled.
   */
  readonly conditions?: readonly Condition[]
  /**
   * The version of this object that is in force: an older one than declared while that is not
   * accepted, none while none ever was.
   */
  readonly enforced?: EnforcedVersion
  /** The group type in force. */
  readonly type?: string
  /** How many rules are in force, templates and initial rules included. */
  readonly rules?: RuleCounts
  /** The members and their addresses, in order; cut at the end. */
  readonly members?: readonly Member[]
  /** How many members there are, including those cut from members. */
  readonly memberCount?: number
  /**
   * Objects that refer to this one, as Kind/name, in order; cut at the end.
   *
   * Items: A referrer as Kind/name.
   */
  readonly referrers?: readonly string[]
  /** How many objects refer to this one, including those cut from referrers. */
  readonly referrerCount?: number
}

/** How many rules are in force, templates and initial rules included. */
export interface RuleCounts {
  /** Ingress rules. */
  readonly ingress: number
  /** Egress rules. */
  readonly egress: number
  /** Both. */
  readonly total: number
  /** Rules that contribute nothing, since their remote does not resolve. */
  readonly unresolved: number
}

/** One member. */
export interface Member {
  /** Name of the Instance. */
  readonly name: string
  /**
   * Its addresses.
   *
   * Items: An address.
   */
  readonly addresses: readonly string[]
}

/** What the network is declared to be. */
export interface VPCSpec {
  /**
   * The region of the network. Groups and instances that state a region must state this one.
   * Immutable.
   */
  readonly region?: string
  /** The CloudProfile whose semantics apply; standard when absent. */
  readonly profileRef?: ProfileReference
  /**
   * VPC is a private network of its own. Classic is a region's flat network, one per region, without
   * cidrs and subnets, where the profile has it. Immutable.
   */
  readonly networkType?: 'VPC' | 'Classic'
  /**
   * The address ranges of the network. Absent: addresses are not limited.
   *
   * Items: An IPv4 or IPv6 prefix without host bits.
   */
  readonly cidrs?: readonly string[]
  /** The parts of the network that instances are placed in. */
  readonly subnets?: readonly Subnet[]
  /** Limits of this VPC that replace the profile's quotas, as a raised quota does in the cloud. */
  readonly limits?: VPCLimits
}

/** The CloudProfile whose semantics apply; standard when absent. */
export interface ProfileReference {
  /** Name of a CloudProfile. */
  readonly name: string
}

/** One part of the network. */
export interface Subnet {
  /** Name of the subnet, unique within the VPC. */
  readonly name: string
  /** Its prefix, inside one of the VPC's cidrs; subnets do not overlap. */
  readonly cidr: string
  /** The availability zone, for people; it has no effect on rules. */
  readonly zone?: string
}

/** Limits of this VPC that replace the profile's quotas, as a raised quota does in the cloud. */
export interface VPCLimits {
  /** Subnets of this VPC. */
  readonly subnets?: number
  /** Security groups of this VPC; where the profile counts them per region, of the region. */
  readonly securityGroups?: number
  /** Rules of one security group. */
  readonly rules?: number
  /** Rules of one security group whose remote is a security group. */
  readonly securityGroupRemotes?: number
  /** Addresses of the members of one security group. */
  readonly addressesPerGroup?: number
  /** Security groups of one instance. */
  readonly groupsPerInstance?: number
  /** Rules over all security groups of one instance. */
  readonly rulesPerInstance?: number
}

/** What is in force, as last seen by palisade. */
export interface VPCStatus {
  /** The metadata.generation that this status describes. */
  readonly observedGeneration?: number
  /**
   * Accepted, ResolvedRefs, Programmed (instances), DeletionBlocked, Ready and, while they last,
   * Reconciling or Stalled.
   */
  readonly conditions?: readonly Condition[]
  /**
   * The version of this object that is in force: an older one than declared while that is not
   * accepted, none while none ever was.
   */
  readonly enforced?: EnforcedVersion
  /** Name of the CloudProfile in force. */
  readonly profile?: string
  /** How many security groups are in force in this VPC. */
  readonly securityGroups?: number
  /** How much of each quota of the profile is used. */
  readonly quotas?: readonly QuotaUsage[]
}

/** One quota. */
export interface QuotaUsage {
  /** Name of the quota in the CloudProfile. */
  readonly name: string
  /** How many are in use. */
  readonly used: number
  /** How many are allowed. */
  readonly limit: number
}
