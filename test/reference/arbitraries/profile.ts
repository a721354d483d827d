import fc from 'fast-check'
import type {
  CloudProfile,
  CloudProfileSpec,
  DefaultGroup,
  GroupType,
  ProfileRule,
  Quotas,
  RuleCapabilities,
  Template,
} from '../../../src/api/types.gen.ts'
import { profile, valid } from '../objects.ts'
import { fitted, ruleArbitrary } from './rule.ts'

const action = fc.constantFrom('Allow' as const, 'Drop' as const)

const groupTypeArbitrary = (name: string): fc.Arbitrary<GroupType> =>
  fc.record(
    {
      name: fc.constant(name),
      implicit: fc.record({ ingress: action, egress: action }),
      remotes: fc.oneof(
        { weight: 3, arbitrary: fc.constant(ALL_REMOTES) },
        { weight: 1, arbitrary: fc.subarray([...ALL_REMOTES], { minLength: 1 }) },
      ),
      innerAccess: fc
        .subarray(['Accept', 'Drop'] as const, { minLength: 1 })
        .chain((allowed) =>
          fc.record({ allowed: fc.constant(allowed), default: fc.constantFrom(...allowed) }),
        ),
      asRemote: fc.boolean(),
    },
    { requiredKeys: ['name', 'implicit', 'remotes'] },
  )

const ALL_REMOTES = ['CIDR', 'SecurityGroup', 'SelfReference', 'AddressGroup'] as const

const priorityArbitrary = fc.constantFrom(
  { min: 1, max: 100, default: 1 },
  { min: 1, max: 3, default: 2 },
  { min: 1, max: 100, default: 100 },
)

const capabilities = {
  protocols: fc.constantFrom(['TCP', 'UDP', 'ICMP', 'ICMPv6', 'All'], ['TCP', 'All'], ['tcp', 'GRE', 'icmp']),
  protocolZero: fc.constantFrom('HOPOPT' as const, 'All' as const),
  etherTypes: fc.subarray(['IPv4', 'IPv6'] as const, { minLength: 1 }),
  sourcePorts: fc.boolean(),
  icmpFields: fc.boolean(),
  portLists: fc.boolean(),
  duplicates: fc.constantFrom('Ignore' as const, 'Refuse' as const),
}

/** Half of them with Drop rules, which need priorities. */
const rulesArbitrary: fc.Arbitrary<RuleCapabilities> = fc.oneof(
  fc.record(
    { actions: fc.constant(['Allow', 'Drop'] as const), priority: priorityArbitrary, ...capabilities },
    { requiredKeys: ['actions', 'priority'] },
  ),
  fc.record(
    { actions: fc.constant(['Allow'] as const), priority: priorityArbitrary, ...capabilities },
    { requiredKeys: ['actions'] },
  ),
)

/** Rules that a profile brings: about anything, and about the group itself. */
const ownRules = (rules: RuleCapabilities): fc.Arbitrary<ProfileRule[]> => {
  const spec: CloudProfileSpec = { groupTypes: [], rules, instanceWithoutGroups: 'DenyAll' }
  return fc.array(ruleArbitrary({ groups: [SELF], lists: [] }), { maxLength: 3 }).map((list) =>
    list
      .flatMap((rule) => fitted(rule, spec, undefined, SELF) ?? [])
      .map(({ remote, ...rule }, index) => ({
        ...rule,
        name: `own${String(index)}`,
        ...(remote && { remote: remote.cidr === undefined ? { self: true } : { cidr: remote.cidr } }),
      })),
  )
}

const SELF = 'self'

const bothDirections = (
  rules: RuleCapabilities,
): { readonly ingress: fc.Arbitrary<ProfileRule[]>; readonly egress: fc.Arbitrary<ProfileRule[]> } => ({
  ingress: ownRules(rules),
  egress: ownRules(rules),
})

const templates = (rules: RuleCapabilities): fc.Arbitrary<Template[]> =>
  fc.uniqueArray(
    fc.record({ name: fc.constantFrom(...TEMPLATES), ...bothDirections(rules) }, { requiredKeys: ['name'] }),
    { maxLength: 2, selector: ({ name }) => name },
  )

/** The names of the templates that random profiles may have. */
export const TEMPLATES = ['t0', 't1'] as const

const defaultGroups = (rules: RuleCapabilities, types: readonly GroupType[]): fc.Arbitrary<DefaultGroup[]> =>
  fc.uniqueArray(
    fc.record(
      {
        name: fc.constantFrom('default', 'extra'),
        create: fc.constantFrom('WithVPC' as const, 'WhenNeeded' as const),
        editable: fc.boolean(),
        type: fc.constantFrom(...types.map(({ name }) => name)),
        ...bothDirections(rules),
      },
      { requiredKeys: ['name', 'create'] },
    ),
    { maxLength: 2, selector: ({ name }) => name },
  )

/** Mostly without quotas; else small ones, which a small world reaches. */
const quotas: fc.Arbitrary<Quotas> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        securityGroups: fc.record({
          limit: fc.integer({ min: 1, max: 4 }),
          per: fc.constantFrom('VPC' as const, 'Region' as const, 'Namespace' as const),
        }),
        rules: fc.record({
          limit: fc.integer({ min: 2, max: 6 }),
          per: fc.constantFrom('SecurityGroup' as const, 'Direction' as const),
          addressGroups: fc.constantFrom('One' as const, 'Entries' as const, 'MaxEntries' as const),
        }),
        groupsPerInstance: fc.integer({ min: 1, max: 3 }),
        rulesPerInstance: fc.integer({ min: 3, max: 10 }),
      },
      { requiredKeys: [] },
    ),
  },
)

/** Profiles of every shape that the schema and the checks of profiles accept; no two alike, none a cloud's. */
export function profileArbitrary(name: string): fc.Arbitrary<CloudProfile> {
  const types = fc
    .tuple(groupTypeArbitrary('T0'), fc.option(groupTypeArbitrary('T1'), { nil: undefined }))
    .map(([first, second]) => (second === undefined ? [first] : [first, second]))
  return fc.tuple(types, rulesArbitrary).chain(([groupTypes, rules]) =>
    fc
      .record(
        {
          groupTypes: fc.constant(groupTypes),
          rules: fc.constant(rules),
          mixedGroupTypes: fc.constantFrom('Refuse' as const, 'Allow' as const),
          initialRules: fc.record(bothDirections(rules), { requiredKeys: [] }),
          templates: templates(rules),
          defaultGroups: defaultGroups(rules, groupTypes),
          instanceWithoutGroups: fc.constantFrom(
            'JoinDefault' as const,
            'DenyAll' as const,
            'Refuse' as const,
          ),
          deletion: fc.record(
            { used: fc.constantFrom(...DELETION), referenced: fc.constantFrom(...DELETION) },
            { requiredKeys: [] },
          ),
          quotas,
        },
        {
          requiredKeys: ['groupTypes', 'rules', 'instanceWithoutGroups', 'mixedGroupTypes', 'defaultGroups'],
        },
      )
      .map((spec) => valid(profile(name, possible(spec)))),
  )
}

const DELETION = ['Block', 'Cascade'] as const

/** Without what the schema refuses: JoinDefault without default groups, Cascade where rules drop. */
function possible({ deletion, ...spec }: CloudProfileSpec): CloudProfileSpec {
  const homeless = (spec.defaultGroups ?? []).length === 0 && spec.instanceWithoutGroups === 'JoinDefault'
  const drops = spec.rules.actions.includes('Drop')
  return {
    ...spec,
    ...(homeless && { instanceWithoutGroups: 'DenyAll' }),
    ...(deletion && { deletion: drops ? { ...deletion, referenced: 'Block' } : deletion }),
  }
}
