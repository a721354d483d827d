import { keyOf, namespaceOf, type PalisadeObject } from '../../src/api/objects.ts'
import type {
  CloudProfile,
  GroupType,
  Instance,
  LabelSelector,
  ProfileRule,
  Rule,
  SecurityGroup,
  VPC,
} from '../../src/api/types.gen.ts'
import { isRuleMatch, type Resolve } from './declared-rule.ts'
import { isInPrefix, peerOf, type Direction, type Packet, type Verdict } from './packet.ts'

/** A group of one VPC, with what decides how its rules are read. */
interface Group {
  readonly name: string
  readonly type: GroupType | undefined
  readonly ingress: readonly Rule[]
  readonly egress: readonly Rule[]
  readonly innerAccess: 'Accept' | 'Drop' | undefined
  readonly selector: LabelSelector | undefined
}

/** One VPC, as the objects in force declare it. */
interface Network {
  readonly vpc: VPC
  readonly profile: CloudProfile
  readonly groups: ReadonlyMap<string, Group>
  readonly instances: readonly Instance[]
}

/**
 * A slow evaluator, written from the design's section 3 (the order of decision), section 9 (its doubts
 * settled) and the descriptions of the profile's fields, and from nothing else: it reads the rules as they
 * were declared, one packet at a time, and compiles nothing.
 */
export class Evaluator {
  readonly #objects: readonly PalisadeObject[]
  readonly #inDoubt: ReadonlyMap<string, PalisadeObject | undefined>
  readonly #networks = new Map<string, Network>()
  /** Answers that the same objects always get, kept because a world is asked about thousands of packets. */
  readonly #joined = new Map<Instance, readonly Group[]>()
  readonly #members = new Map<Group, readonly string[]>()

  /**
   * `objects` are the versions in force. `inDoubt` holds what is declared and not in force in any version, by key;
   * undefined stands for what cannot be read.
   */
  constructor(
    objects: readonly PalisadeObject[],
    inDoubt: ReadonlyMap<string, PalisadeObject | undefined> = new Map(),
  ) {
    this.#objects = objects
    this.#inDoubt = inDoubt
    for (const vpc of this.#ofKind('VPC')) this.#networks.set(keyOf(vpc), this.#network(vpc))
  }

  /** What happens at one instance to a packet that comes in or goes out. */
  decide(instance: Instance, direction: Direction, packet: Packet): Verdict {
    const network = this.#networkOf(instance)
    const { profile } = network
    const groups = this.#groupsOf(instance, network)
    // "Nothing in doubt opens a port": what a group closes that is named and not there, nobody knows.
    if (instance.spec.securityGroupRefs?.some(({ name }) => !network.groups.has(name)) === true) return 'Drop'
    const peer = peerOf(packet, direction)
    const isMember = (group: Group): boolean => this.#stands(group, peer, network)

    // "inner access Accept in any group shared with the peer: allow (outranks everything)"
    if (groups.some((group) => group.innerAccess === 'Accept' && isMember(group))) return 'Allow'

    // "rules of all its groups together, by priority ascending; at equal priority Drop before Allow"
    const rules = groups.flatMap((group) => (direction === 'Ingress' ? group.ingress : group.egress))
    const resolve = this.#resolver(network)
    const matching = rules.filter((rule) => isRuleMatch(rule, direction, packet, profile, resolve))
    const priority = (rule: Rule): number =>
      profile.spec.rules.priority === undefined ? 0 : (rule.priority ?? profile.spec.rules.priority.default)
    const [first] = [...new Set(matching.map(priority))].sort((a, b) => a - b)
    const deciding = matching.filter((rule) => priority(rule) === first)
    if (deciding.length > 0) return deciding.some(({ action }) => action === 'Drop') ? 'Drop' : 'Allow'

    // "the profile's implicit action (inner access Drop ranks here, below every rule)"; "on the receiver's
    // side only".
    const isolated = groups.some((group) => group.innerAccess === 'Drop' && isMember(group))
    if (direction === 'Ingress' && isolated) return 'Drop'
    return this.#implicit(groups, direction)
  }

  /** "A connection from A to B passes when A's egress and B's ingress both allow it." */
  connects(from: Instance, to: Instance, packet: Packet): boolean {
    return this.decide(from, 'Egress', packet) === 'Allow' && this.decide(to, 'Ingress', packet) === 'Allow'
  }

  /** The names of the groups in force on an instance. */
  groupNames(instance: Instance): readonly string[] {
    return this.#groupsOf(instance, this.#networkOf(instance))
      .map(({ name }) => name)
      .sort()
  }

  /** The addresses that a group stands for, the group being of the instance's VPC. */
  addressesOf(instance: Instance, groupName: string): readonly string[] {
    const network = this.#networkOf(instance)
    const group = network.groups.get(groupName)
    return group === undefined ? [] : this.#addresses(group, network)
  }

  /** An instance without groups has nothing that allows; where its groups differ, one Drop is enough. */
  #implicit(groups: readonly Group[], direction: Direction): Verdict {
    const side = direction === 'Ingress' ? 'ingress' : 'egress'
    const isOpen = ({ type }: Group): boolean => type?.implicit[side] === 'Allow'
    return groups.length > 0 && groups.every(isOpen) ? 'Allow' : 'Drop'
  }

  #groupsOf(instance: Instance, network: Network): readonly Group[] {
    const known = this.#joined.get(instance) ?? join(instance, network)
    this.#joined.set(instance, known)
    return known
  }

  /** "A remote group stands for the addresses of its current members in the same VPC." */
  #addresses(group: Group, network: Network): readonly string[] {
    const isIn = (instance: Instance): boolean => this.#groupsOf(instance, network).includes(group)
    const known =
      this.#members.get(group) ?? network.instances.filter(isIn).flatMap(({ spec }) => spec.addresses ?? [])
    this.#members.set(group, known)
    return known
  }

  #stands(group: Group, address: string, network: Network): boolean {
    return this.#addresses(group, network).some((own) => isInPrefix(address, own))
  }

  #resolver(network: Network): Resolve {
    const namespace = namespaceOf(network.vpc)
    return {
      group: (name, address) => {
        const group = network.groups.get(name)
        return group && this.#stands(group, address, network)
      },
      list: (name, address) => {
        const list = this.#ofKind('AddressGroup').find(
          (other) => namespaceOf(other) === namespace && other.metadata.name === name,
        )
        return list?.spec.cidrs.some((cidr) => isInPrefix(address, cidr))
      },
    }
  }

  #networkOf(instance: Instance): Network {
    const network = this.#networks.get(`VPC/${namespaceOf(instance)}/${instance.spec.vpcRef.name}`)
    if (network === undefined) throw new Error(`${keyOf(instance)} has no VPC`)
    return network
  }

  #network(vpc: VPC): Network {
    const profileName = vpc.spec.profileRef?.name ?? 'standard'
    const profile = this.#ofKind('CloudProfile').find(({ metadata }) => metadata.name === profileName)
    if (profile === undefined) throw new Error(`there is no profile ${profileName}`)
    const isHere = ({ metadata, spec }: SecurityGroup | Instance): boolean =>
      namespaceOf(vpc) === (metadata.namespace ?? 'default') && spec.vpcRef.name === vpc.metadata.name
    const groups = new Map<string, Group>()
    for (const group of defaultGroups(vpc, profile)) groups.set(group.name, group)
    for (const { name, editable } of profile.spec.defaultGroups ?? []) {
      const key = `SecurityGroup/${namespaceOf(vpc)}/${vpc.metadata.name}-${name}`
      const object = this.#inDoubt.get(key)
      // Somebody means to put another in its place: until that is accepted, nothing of either is in force.
      const isMeant = object?.kind === 'SecurityGroup' ? isHere(object) : this.#inDoubt.has(key)
      if (editable === true && isMeant) groups.delete(`${vpc.metadata.name}-${name}`)
    }
    for (const object of this.#ofKind('SecurityGroup')) {
      // One name is one group: where another VPC's has the name, there is no default group here.
      if (isHere(object)) groups.set(object.metadata.name, declaredGroup(object, profile))
      else if (namespaceOf(object) === namespaceOf(vpc)) groups.delete(object.metadata.name)
    }
    return { vpc, profile, groups, instances: this.#ofKind('Instance').filter(isHere) }
  }

  #ofKind<K extends PalisadeObject['kind']>(kind: K): Extract<PalisadeObject, { readonly kind: K }>[] {
    return this.#objects.filter((object) => isOfKind(object, kind))
  }
}

function isOfKind<K extends PalisadeObject['kind']>(
  object: PalisadeObject,
  kind: K,
): object is Extract<PalisadeObject, { readonly kind: K }> {
  return object.kind === kind
}

/** Its own rules, or the profile's initial rules where it states none; and its template's in addition. */
function declaredGroup({ metadata: { name }, spec }: SecurityGroup, profile: CloudProfile): Group {
  const template = profile.spec.templates?.find((one) => one.name === spec.template)
  const { initialRules } = profile.spec
  // What its template dropped is not known any more, so nothing passes, whatever priority another rule has.
  const closed = spec.template !== undefined && template === undefined
  const nothing: Rule = { name: 'nothing', action: 'Drop', priority: -Infinity }
  const rules = (side: 'ingress' | 'egress'): Rule[] =>
    closed
      ? [nothing]
      : [...(spec[side] ?? brought(initialRules?.[side], name)), ...brought(template?.[side], name)]
  const type = typeOf(profile, spec.type)
  return {
    name,
    type,
    ingress: rules('ingress'),
    egress: rules('egress'),
    // "Nothing in doubt opens a port": one that says Drop does so without a type that has inner access, too.
    innerAccess:
      spec.innerAccess === 'Drop'
        ? 'Drop'
        : type?.innerAccess && (spec.innerAccess ?? type.innerAccess.default),
    selector: spec.instanceSelector,
  }
}

/** The default groups of a VPC. Those that come when needed are there for whoever asks: being asked for is need. */
function defaultGroups(vpc: VPC, profile: CloudProfile): Group[] {
  return (profile.spec.defaultGroups ?? []).map((group) => {
    const name = `${vpc.metadata.name}-${group.name}`
    const type = typeOf(profile, group.type)
    return {
      name,
      type,
      ingress: brought(group.ingress, name),
      egress: brought(group.egress, name),
      innerAccess: type?.innerAccess?.default,
      selector: undefined,
    }
  })
}

const typeOf = ({ spec }: CloudProfile, name: string | undefined): GroupType | undefined =>
  name === undefined ? spec.groupTypes[0] : spec.groupTypes.find((type) => type.name === name)

/** Rules of the profile as rules of the group that carries them. */
function brought(rules: readonly ProfileRule[] = [], groupName: string): Rule[] {
  return rules.map(({ remote, ...rule }) => {
    if (remote?.self === true) return { ...rule, remote: { securityGroupRef: { name: groupName } } }
    return remote?.cidr === undefined ? rule : { ...rule, remote: { cidr: remote.cidr } }
  })
}

/** The groups that it names and those that select it; where it names none and none does, what the profile says. */
function join({ metadata, spec }: Instance, { profile, groups, vpc }: Network): readonly Group[] {
  const names = new Set((spec.securityGroupRefs ?? []).map(({ name }) => name))
  const labels = new Map(Object.entries(metadata.labels ?? {}))
  const joined = [...groups.values()].filter(
    ({ name, selector }) => names.has(name) || (selector !== undefined && selects(selector, labels)),
  )
  if (joined.length > 0 || names.size > 0) return joined
  if (profile.spec.instanceWithoutGroups !== 'JoinDefault') return joined
  const [first] = profile.spec.defaultGroups ?? []
  const home = first && groups.get(`${vpc.metadata.name}-${first.name}`)
  return home === undefined ? [] : [home]
}

/** Kubernetes' label selectors: all requirements hold; NotIn holds for what lacks the label. */
function selects(selector: LabelSelector, labels: ReadonlyMap<string, string>): boolean {
  const pairs = Object.entries(selector.matchLabels ?? {})
  if (!pairs.every(([key, value]) => labels.get(key) === value)) return false
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels.get(key)
    switch (operator) {
      case 'Exists':
        return value !== undefined
      case 'DoesNotExist':
        return value === undefined
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
    }
  })
}
