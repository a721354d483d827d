import type { SchemaCase } from './case.ts'

export const addressGroupCases: readonly SchemaCase[] = [
  {
    name: 'more cidrs than maxEntries',
    bad: '{cidrs: [192.0.2.1, 192.0.2.2], maxEntries: 1}',
    good: '{cidrs: [192.0.2.1, 192.0.2.2], maxEntries: 2}',
    code: 'RuleViolated',
    field: 'spec.cidrs',
    text: 'has more cidrs than maxEntries',
  },
  {
    name: 'an entry that is no prefix and no address',
    bad: '{cidrs: [192.0.2.0/24, office]}',
    good: '{cidrs: [192.0.2.0/24, "2001:db8::1"]}',
    code: 'RuleViolated',
    field: 'spec.cidrs[1]',
    text: 'must be an IPv4 or IPv6 prefix or address such as 203.0.113.0/24 or 2001:db8::7 (given: "office")',
  },
  {
    name: 'an entry with host bits',
    bad: '{cidrs: [192.0.2.1/24]}',
    good: '{cidrs: [192.0.2.0/24]}',
    code: 'RuleViolated',
    field: 'spec.cidrs[0]',
    text: 'has bits set behind the prefix length',
    hint: 'write 192.0.2.0/24 for the network or 192.0.2.1/32 for the one address',
  },
  {
    name: 'no cidrs',
    bad: '{description: x}',
    good: '{description: x, cidrs: []}',
    code: 'MissingField',
    field: 'spec.cidrs',
    text: 'is required',
  },
]
