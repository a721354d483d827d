import type { SchemaCase } from './case.ts'
import { endingRuleCases, ruleCases, type RuleList } from './rule.ts'

const withRemote = (list: string, remote: string): string =>
  `{vpcRef: {name: shop}, ${list}: [{name: a, remote: ${remote}}]}`

const remoteText =
  'remote holds exactly one of cidr, securityGroupRef and addressGroupRef; leave remote out to mean anywhere'

const ruleList = (list: string): RuleList => ({
  path: `spec.${list}`,
  specWith: (rule) => `{vpcRef: {name: shop}, ${list}: [${rule}]}`,
})

const listCases = (list: string): readonly SchemaCase[] => [
  ...ruleCases(ruleList(list)),
  ...endingRuleCases(ruleList(list)),
  ...[
    '{}',
    '{cidr: 10.0.0.0/8, securityGroupRef: {name: web}}',
    '{securityGroupRef: {name: web}, addressGroupRef: {name: office}}',
  ].map((remote): SchemaCase => ({
    name: `${list}: the remote ${remote}`,
    bad: withRemote(list, remote),
    good: withRemote(list, '{securityGroupRef: {name: web}}'),
    code: 'RuleViolated',
    field: `spec.${list}[0].remote`,
    text: remoteText,
  })),
  {
    name: `${list}: a remote with a misspelt field says so, and not that it is empty`,
    bad: withRemote(list, '{adressGroupRef: {name: office}}'),
    good: withRemote(list, '{addressGroupRef: {name: office}}'),
    code: 'UnknownField',
    field: `spec.${list}[0].remote.adressGroupRef`,
    text: 'no such field',
    hint: 'did you mean addressGroupRef?',
  },
  {
    name: `${list}: two rules of one name`,
    bad: `{vpcRef: {name: shop}, ${list}: [{name: a}, {name: b}, {name: a}]}`,
    good: `{vpcRef: {name: shop}, ${list}: [{name: a}, {name: b}, {name: c}]}`,
    code: 'DuplicateEntry',
    field: `spec.${list}[2]`,
    text: 'has the same name "a" as entry 0',
    hint: 'give each entry its own name, or keep one of them',
  },
]

const withSelector = (requirement: string): string =>
  `{vpcRef: {name: shop}, instanceSelector: {matchExpressions: [${requirement}]}}`

const valuesCase = (bad: string, good: string): SchemaCase => ({
  name: `the selector ${bad}`,
  bad: withSelector(bad),
  good: withSelector(good),
  code: 'RuleViolated',
  field: 'spec.instanceSelector.matchExpressions[0].values',
  text: 'In and NotIn need values, Exists and DoesNotExist take none',
})

export const securityGroupCases: readonly SchemaCase[] = [
  ...listCases('ingress'),
  ...listCases('egress'),
  valuesCase('{key: role, operator: In}', '{key: role, operator: Exists}'),
  valuesCase('{key: role, operator: NotIn, values: []}', '{key: role, operator: NotIn, values: [web]}'),
  valuesCase('{key: role, operator: Exists, values: [web]}', '{key: role, operator: Exists, values: []}'),
  valuesCase(
    '{key: role, operator: DoesNotExist, values: [web]}',
    '{key: role, operator: In, values: [web]}',
  ),
  {
    name: 'another VPC',
    former: '{vpcRef: {name: shop}}',
    bad: '{vpcRef: {name: lab}}',
    good: '{vpcRef: {name: shop}, ingress: []}',
    code: 'RuleViolated',
    field: 'spec.vpcRef',
    text: 'vpcRef is immutable: declare a new group in the other VPC',
    hint: 'it was {name: "shop"}',
  },
  {
    name: 'a label in the selector without a value: without it every instance would be a member',
    bad: '{vpcRef: {name: shop}, instanceSelector: {matchLabels: {role: }}}',
    good: '{vpcRef: {name: shop}, instanceSelector: {matchLabels: {role: ""}}}',
    code: 'WrongType',
    field: 'spec.instanceSelector.matchLabels.role',
    text: 'must be text, not null',
    hint: 'write "" for an empty text',
  },
]
