import type {
  CloudProfile,
  EffectiveRule,
  GroupType,
  ProfileRule,
  Rule,
  SecurityGroupSpec,
  Template,
} from '../api/types.gen.ts'
import { formatProtocol, parseProtocol, type Protocol } from '../net/protocol.ts'

export type Direction = 'Ingress' | 'Egress'
export const DIRECTIONS: readonly Direction[] = ['Ingress', 'Egress']

export type RemoteSort = GroupType['remotes'][number]

/** A CloudProfile with the look-ups that the policy code asks for. No code asks for its name but to print it. */
export class Profile {
  readonly name: string
  readonly spec: CloudProfile['spec']
  readonly #protocols: ReadonlySet<Protocol> | undefined
  readonly #implicit: Readonly<Record<'Allow' | 'Drop', EffectiveRule>>

  constructor(object: CloudProfile) {
    this.name = object.metadata.name
    this.spec = object.spec
    const sources = [`profile:${this.name}/implicit`]
    const implicit = { protocol: 'All', remote: {}, sources }
    this.#implicit = { Allow: { action: 'Allow', ...implicit }, Drop: { action: 'Drop', ...implicit } }
    const names = object.spec.rules.protocols
    this.#protocols = names && new Set(names.flatMap((name) => parseProtocol(name) ?? []))
  }

  /** What happens when nothing else matched, as the last rule of a rule set. */
  implicitRule(action: 'Allow' | 'Drop'): EffectiveRule {
    return this.#implicit[action]
  }

  /** The type of a group, the first when it states none; undefined when the profile has no such type. */
  groupType(name: string | undefined): GroupType | undefined {
    if (name === undefined) return this.spec.groupTypes[0]
    return this.spec.groupTypes.find((type) => type.name === name)
  }

  template(name: string): Template | undefined {
    return this.spec.templates?.find((template) => template.name === name)
  }

  /** What a rule's protocol means here: NHN Cloud reads number 0 as every protocol. */
  protocol(value: string | number | undefined): Protocol | undefined {
    const protocol = parseProtocol(value ?? 'All')
    return protocol === 0 && this.spec.rules.protocolZero === 'All' ? 'All' : protocol
  }

  allowsProtocol(protocol: Protocol): boolean {
    return this.#protocols?.has(protocol) ?? true
  }

  protocolNames(): readonly string[] {
    return [...(this.#protocols ?? [])].map(formatProtocol)
  }

  /**
   * The setting of a group, its type's default when it states none; undefined where types have none. Drop is kept
   * whatever the type has by now: to read it as nothing would open what it closes.
   */
  innerAccess(spec: SecurityGroupSpec): 'Accept' | 'Drop' | undefined {
    if (spec.innerAccess === 'Drop') return 'Drop'
    const support = this.groupType(spec.type)?.innerAccess
    return support && (spec.innerAccess ?? support.default)
  }

  /** The profile's own words for a refusal, with the limit in force put in. */
  message(reason: string, limit?: number): string | undefined {
    return this.spec.messages?.[reason]?.replaceAll('{limit}', String(limit ?? ''))
  }
}

/** A rule that a profile brings, as a rule of the group that carries it. */
export function profileRule(rule: ProfileRule, groupName: string): Rule {
  const { remote, ...rest } = rule
  if (remote === undefined) return rest
  if (remote.self === true) return { ...rest, remote: { securityGroupRef: { name: groupName } } }
  return remote.cidr === undefined ? rest : { ...rest, remote: { cidr: remote.cidr } }
}
