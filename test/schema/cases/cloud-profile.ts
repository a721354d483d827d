import type { SchemaCase } from './case.ts'
import { ruleCases } from './rule.ts'

const groupType = '{name: Basic, implicit: {ingress: Drop, egress: Drop}, remotes: [CIDR]}'

/** A small valid profile with these fields instead of, or besides, its own. */
function profile(fields: Readonly<Record<string, string>>): string {
  const spec = {
    groupTypes: `[${groupType}]`,
    rules: '{actions: [Allow]}',
    instanceWithoutGroups: 'DenyAll',
    ...fields,
  }
  return `{${Object.entries(spec)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')}}`
}

const remoteText = 'remote holds exactly one of cidr and self: true; leave remote out to mean anywhere'

/** Every list of rules in a profile, as the field that holds it and what stands around the list. */
const ruleLists = ['ingress', 'egress'].flatMap((list) => [
  {
    field: 'initialRules',
    path: `spec.initialRules.${list}`,
    around: (rules: string) => `{${list}: ${rules}}`,
  },
  {
    field: 'templates',
    path: `spec.templates[0].${list}`,
    around: (rules: string) => `[{name: t, ${list}: ${rules}}]`,
  },
  {
    field: 'defaultGroups',
    path: `spec.defaultGroups[0].${list}`,
    around: (rules: string) => `[{name: default, create: WhenNeeded, ${list}: ${rules}}]`,
  },
])

const ruleListCases = ruleLists.flatMap(({ field, path, around }): readonly SchemaCase[] => {
  const specWith = (rule: string): string => profile({ [field]: around(`[${rule}]`) })
  return [
    ...ruleCases({ path, specWith }),
    ...['{}', '{self: false}', '{self: true, cidr: 10.0.0.0/8}'].map((remote): SchemaCase => ({
      name: `${path}: the remote ${remote}`,
      bad: specWith(`{name: a, remote: ${remote}}`),
      good: specWith('{name: a, remote: {self: true}}'),
      code: 'RuleViolated',
      field: `${path}[0].remote`,
      text: remoteText,
    })),
  ]
})

const priority = '{min: 1, max: 100, default: 1}'

export const cloudProfileCases: readonly SchemaCase[] = [
  ...ruleListCases,
  {
    name: 'Drop rules that end with the group that they name',
    bad: profile({
      rules: `{actions: [Allow, Drop], priority: ${priority}}`,
      deletion: '{referenced: Cascade}',
    }),
    good: profile({
      rules: `{actions: [Allow, Drop], priority: ${priority}}`,
      deletion: '{referenced: Block}',
    }),
    code: 'RuleViolated',
    field: 'spec.deletion',
    text: 'deletion.referenced Cascade would end Drop rules with the group they name, which opens what they closed: it needs actions [Allow]',
  },
  {
    name: 'JoinDefault with an empty list of default groups',
    bad: profile({ instanceWithoutGroups: 'JoinDefault', defaultGroups: '[]' }),
    good: profile({ instanceWithoutGroups: 'JoinDefault', defaultGroups: '[{name: d, create: WithVPC}]' }),
    code: 'RuleViolated',
    field: 'spec.instanceWithoutGroups',
    text: 'JoinDefault needs a default group',
  },
  {
    name: 'JoinDefault without default groups',
    bad: profile({ instanceWithoutGroups: 'JoinDefault' }),
    good: profile({ instanceWithoutGroups: 'Refuse' }),
    code: 'RuleViolated',
    field: 'spec.instanceWithoutGroups',
    text: 'JoinDefault needs a default group',
  },
  {
    name: 'Drop rules without priorities',
    bad: profile({ rules: '{actions: [Drop]}' }),
    good: profile({ rules: `{actions: [Drop], priority: ${priority}}` }),
    code: 'RuleViolated',
    field: 'spec.rules',
    text: 'Drop rules need priorities',
  },
  {
    name: 'a default priority below the least',
    bad: profile({ rules: '{actions: [Allow], priority: {min: 2, max: 3, default: 1}}' }),
    good: profile({ rules: '{actions: [Allow], priority: {min: 2, max: 3, default: 2}}' }),
    code: 'RuleViolated',
    field: 'spec.rules.priority',
    text: 'priorities need min <= default <= max',
  },
  {
    name: 'a default priority above the greatest',
    bad: profile({ rules: '{actions: [Allow], priority: {min: 2, max: 3, default: 4}}' }),
    good: profile({ rules: '{actions: [Allow], priority: {min: 2, max: 3, default: 3}}' }),
    code: 'RuleViolated',
    field: 'spec.rules.priority',
    text: 'priorities need min <= default <= max',
  },
  {
    name: 'a default inner access that is not allowed',
    bad: profile({
      groupTypes: `[${groupType.slice(0, -1)}, innerAccess: {allowed: [Drop], default: Accept}}]`,
    }),
    good: profile({
      groupTypes: `[${groupType.slice(0, -1)}, innerAccess: {allowed: [Drop], default: Drop}}]`,
    }),
    code: 'RuleViolated',
    field: 'spec.groupTypes[0].innerAccess.default',
    text: 'default is one of allowed',
  },
  {
    name: 'a range for cidrs without a length',
    bad: profile({ networks: '{cidrs: {within: [10.0.0.0]}}' }),
    good: profile({ networks: '{cidrs: {within: [10.0.0.0/8]}}' }),
    code: 'RuleViolated',
    field: 'spec.networks.cidrs.within[0]',
    text: 'must be an IPv4 or IPv6 prefix such as 10.0.0.0/8',
    hint: 'write 10.0.0.0/32 for the one address',
  },
  {
    name: 'a range for cidrs with host bits',
    bad: profile({ networks: '{cidrs: {within: [10.0.0.1/8]}}' }),
    good: profile({ networks: '{cidrs: {within: [10.0.0.0/8]}}' }),
    code: 'RuleViolated',
    field: 'spec.networks.cidrs.within[0]',
    text: 'has bits set behind the prefix length',
  },
  ...['^(a+)+$', '[a-z]', '^[a-z]+', '^[a]*[b]*[c]*$', '^.*$'].map((pattern): SchemaCase => ({
    name: `the pattern ${pattern} for names, which is not of the form that is matched in linear time`,
    bad: profile({ names: `{displayName: {pattern: '${pattern}'}}` }),
    good: profile({ names: "{displayName: {pattern: '^[a-z][a-z0-9]*$'}}" }),
    code: 'PatternMismatch',
    field: 'spec.names.displayName.pattern',
    text: 'does not have the right form',
  })),
  {
    name: 'two group types of one name',
    bad: profile({ groupTypes: `[${groupType}, ${groupType}]` }),
    good: profile({ groupTypes: `[${groupType}, ${groupType.replace('Basic', 'Other')}]` }),
    code: 'DuplicateEntry',
    field: 'spec.groupTypes[1]',
    text: 'has the same name "Basic" as entry 0',
  },
  {
    name: 'no group types',
    bad: profile({ groupTypes: '[]' }),
    good: profile({ groupTypes: `[${groupType}]` }),
    code: 'TooFew',
    field: 'spec.groupTypes',
    text: 'has too few entries',
    hint: 'at least 1',
  },
]
