import type { SchemaCase } from './case.ts'

const withAddress = (address: string): string => `{vpcRef: {name: shop}, addresses: ['${address}']}`
const withAttachment = (fields: string): string =>
  `{vpcRef: {name: shop}, attachment: {nodeName: a, ${fields}}}`

export const instanceCases: readonly SchemaCase[] = [
  {
    name: 'another VPC',
    former: '{vpcRef: {name: shop}}',
    bad: '{vpcRef: {name: lab}}',
    good: '{vpcRef: {name: shop}, subnet: a}',
    code: 'RuleViolated',
    field: 'spec.vpcRef',
    text: 'vpcRef is immutable: declare a new instance in the other VPC',
    hint: 'it was {name: "shop"}',
  },
  ...['10.0.0.256', '10.0.0', '010.0.0.1', 'fe80::1%eth0', '::ffff:10.0.0.1', 'web', ''].map(
    (address): SchemaCase => ({
      name: `the address "${address}"`,
      bad: withAddress(address),
      good: withAddress('10.0.0.1'),
      code: 'RuleViolated',
      field: 'spec.addresses[0]',
      text: `must be an IPv4 or IPv6 address such as 10.0.1.10 or fd00:10::10 (given: "${address}")`,
    }),
  ),
  {
    name: 'an address with a prefix length',
    bad: withAddress('FD00::1/64'),
    good: withAddress('FD00::1'),
    code: 'RuleViolated',
    field: 'spec.addresses[0]',
    text: 'must be an IPv4 or IPv6 address such as 10.0.1.10 or fd00:10::10',
    hint: 'write fd00::1, without a prefix length',
  },
  {
    name: 'neither interface nor host',
    bad: withAttachment('host: false'),
    good: withAttachment('host: true'),
    code: 'RuleViolated',
    field: 'spec.attachment',
    text: 'attachment holds exactly one of interface and host: true',
  },
  {
    name: 'both interface and host',
    bad: withAttachment('interface: eth0, host: true'),
    good: withAttachment('interface: eth0, host: false'),
    code: 'RuleViolated',
    field: 'spec.attachment',
    text: 'attachment holds exactly one of interface and host: true',
  },
  {
    name: 'a network namespace of the node itself',
    bad: withAttachment('netns: shop, host: true'),
    good: withAttachment('netns: shop, interface: eth0'),
    code: 'RuleViolated',
    field: 'spec.attachment.netns',
    text: 'netns goes with interface',
  },
  // "eth*" is a wildcard in nftables; a slash or a colon is never part of an interface's name.
  ...['eth*', 'a/b', 'a:b', 'a b', '-a', '.', 'a"b', 'ethü'].map((name): SchemaCase => ({
    name: `the interface ${name}`,
    bad: withAttachment(`interface: '${name}'`),
    good: withAttachment('interface: br-lan_1.100@2'),
    code: 'PatternMismatch',
    field: 'spec.attachment.interface',
    text: 'does not have the right form',
  })),
  {
    name: 'an interface whose name the kernel would cut',
    bad: withAttachment('interface: abcdefghijklmnop'),
    good: withAttachment('interface: abcdefghijklmno'),
    code: 'TooLong',
    field: 'spec.attachment.interface',
    text: 'has 16 characters',
    hint: 'at most 15 characters are allowed',
  },
  {
    name: 'a MAC address with dashes',
    bad: '{vpcRef: {name: shop}, mac: 02-00-00-00-00-01}',
    good: '{vpcRef: {name: shop}, mac: 02:00:00:00:00:aF}',
    code: 'PatternMismatch',
    field: 'spec.mac',
    text: '"02-00-00-00-00-01" does not have the right form',
  },
  {
    name: 'a group twice',
    bad: '{vpcRef: {name: shop}, securityGroupRefs: [{name: web}, {name: web}]}',
    good: '{vpcRef: {name: shop}, securityGroupRefs: [{name: web}, {name: db}]}',
    code: 'DuplicateEntry',
    field: 'spec.securityGroupRefs[1]',
    text: 'has the same name "web" as entry 0',
  },
  {
    name: 'no VPC',
    bad: '{subnet: a}',
    good: '{vpcRef: {name: shop}, subnet: a}',
    code: 'MissingField',
    field: 'spec.vpcRef',
    text: 'is required',
    hint: 'The VPC that the object belongs to. Immutable.',
  },
]
