import type { SchemaCase } from './case.ts'

/** Where a list of rules is: the spec around it, and the path of the list. */
export interface RuleList {
  readonly path: string
  /** The spec whose list of rules holds just this one. */
  readonly specWith: (rule: string) => string
}

type Row = Omit<SchemaCase, 'bad' | 'good' | 'field'> & {
  /** The fields of the rule beside its name. */
  readonly bad: string
  readonly good: string
  /** From the rule. */
  readonly field: string
}

const violated = { code: 'RuleViolated' } as const
const portsText = 'ports need one of the protocols TCP, UDP, SCTP, UDP-Lite and DCCP'
const sourcePortsText = 'sourcePorts need one of the protocols TCP, UDP, SCTP, UDP-Lite and DCCP'
const icmpText = 'icmp needs protocol ICMP or ICMPv6'
const icmpFamilyText = 'protocol ICMP is of IPv4: with etherType IPv6 the protocol is ICMPv6'
const icmpv6FamilyText = 'protocol ICMPv6 is of IPv6: with etherType IPv4 the protocol is ICMP'
const cidrText = 'must be an IPv4 or IPv6 prefix or address such as 203.0.113.0/24 or 2001:db8::7'

const rows: readonly Row[] = [
  // Protocols with ports, by name, number and number in quotes.
  ...['TCP', 'udp', 'SCTP', 'UDP-Lite', 'UDPLite', 'Dccp', '6', '17', '132', '136', '33', '"6"', '"136"'].map(
    (protocol): Row => ({
      ...violated,
      name: `ports with ICMP, where protocol ${protocol} has them`,
      bad: 'protocol: ICMP, ports: [80]',
      good: `protocol: ${protocol}, ports: [80]`,
      field: 'ports',
      text: portsText,
    }),
  ),
  {
    ...violated,
    name: 'ports without a protocol',
    bad: 'ports: [80]',
    good: 'ports: []',
    field: 'ports',
    text: portsText,
  },
  {
    ...violated,
    name: 'ports with a protocol number that has none',
    bad: 'protocol: 47, ports: [80]',
    good: 'protocol: 47',
    field: 'ports',
    text: portsText,
  },
  {
    ...violated,
    name: 'sourcePorts with a protocol that has none',
    bad: 'protocol: GRE, sourcePorts: [80]',
    good: 'protocol: SCTP, sourcePorts: [80]',
    field: 'sourcePorts',
    text: sourcePortsText,
  },
  {
    ...violated,
    name: 'sourcePorts without a protocol',
    bad: 'sourcePorts: [80]',
    good: 'sourcePorts: []',
    field: 'sourcePorts',
    text: sourcePortsText,
  },
  ...['ICMP', 'icmpv6', 'IPv6-ICMP', '1', '58', '"1"', '"58"'].map((protocol): Row => ({
    ...violated,
    name: `icmp with TCP, where protocol ${protocol} has it`,
    bad: 'protocol: TCP, icmp: {type: 8}',
    good: `protocol: ${protocol}, icmp: {type: 8}`,
    field: 'icmp',
    text: icmpText,
  })),
  {
    ...violated,
    name: 'icmp without a protocol',
    bad: 'icmp: {type: 8, code: 0}',
    good: 'protocol: ICMP, icmp: {type: 8, code: 0}',
    field: 'icmp',
    text: icmpText,
  },
  ...['ICMP', 'icmp', '1', '"1"'].map((protocol): Row => ({
    ...violated,
    name: `protocol ${protocol} over IPv6`,
    bad: `protocol: ${protocol}, etherType: IPv6`,
    good: `protocol: ${protocol}, etherType: IPv4`,
    field: 'protocol',
    text: icmpFamilyText,
  })),
  ...['ICMPv6', 'ipv6-icmp', '58', '"58"'].map((protocol): Row => ({
    ...violated,
    name: `protocol ${protocol} over IPv4`,
    bad: `protocol: ${protocol}, etherType: IPv4`,
    good: `protocol: ${protocol}, etherType: IPv6`,
    field: 'protocol',
    text: icmpv6FamilyText,
  })),
  {
    ...violated,
    name: 'etherType IPv4 and a remote of IPv6',
    bad: "etherType: IPv4, remote: {cidr: '2001:db8::/32'}",
    good: "etherType: IPv6, remote: {cidr: '2001:db8::/32'}",
    field: 'etherType',
    text: 'etherType and the family of remote.cidr differ',
  },
  {
    ...violated,
    name: 'etherType IPv6 and a remote of IPv4',
    bad: 'etherType: IPv6, remote: {cidr: 192.0.2.7}',
    good: 'etherType: IPv4, remote: {cidr: 192.0.2.7}',
    field: 'etherType',
    text: 'etherType and the family of remote.cidr differ',
  },
  {
    ...violated,
    name: 'ICMP from a remote of IPv6',
    bad: "protocol: ICMP, remote: {cidr: '2001:db8::/32'}",
    good: "protocol: ICMPv6, remote: {cidr: '2001:db8::/32'}",
    field: 'protocol',
    text: 'protocol ICMP is of IPv4 and remote.cidr is of IPv6',
  },
  {
    ...violated,
    name: 'ICMPv6 from a remote of IPv4',
    bad: 'protocol: 58, remote: {cidr: 192.0.2.0/24}',
    good: 'protocol: 1, remote: {cidr: 192.0.2.0/24}',
    field: 'protocol',
    text: 'protocol ICMPv6 is of IPv6 and remote.cidr is of IPv4',
  },
  ...['ports', 'sourcePorts'].flatMap((field): readonly Row[] => [
    {
      ...violated,
      name: `${field} beyond 65535 in a range`,
      bad: `protocol: TCP, ${field}: [8000-65536]`,
      good: `protocol: TCP, ${field}: [8000-65535]`,
      field: `${field}[0]`,
      text: 'ports go from 1 to 65535',
    },
    {
      ...violated,
      name: `${field} beyond 65535 in quotes`,
      bad: `protocol: TCP, ${field}: ["65536"]`,
      good: `protocol: TCP, ${field}: ["65535"]`,
      field: `${field}[0]`,
      text: 'ports go from 1 to 65535',
    },
    {
      ...violated,
      name: `a range of ${field} from the higher to the lower`,
      bad: `protocol: TCP, ${field}: [22, 8080-8000]`,
      good: `protocol: TCP, ${field}: [22, 8080-8080]`,
      field: `${field}[1]`,
      text: 'a range of ports goes from the lower to the higher port',
    },
    {
      name: `${field} 0`,
      code: 'OutOfRange',
      bad: `protocol: TCP, ${field}: [0]`,
      good: `protocol: TCP, ${field}: [1]`,
      field: `${field}[0]`,
      text: '0 is out of range',
      hint: 'write a number from 1 to 65535',
    },
    {
      name: `${field} 65536`,
      code: 'OutOfRange',
      bad: `protocol: TCP, ${field}: [65536]`,
      good: `protocol: TCP, ${field}: [65535]`,
      field: `${field}[0]`,
      text: '65536 is out of range',
    },
    ...['"0"', '"080"', '"80-"', '"-80"', '80:90', 'http', '"80 - 90"', '"80-90-100"'].map((port): Row => ({
      name: `${field} ${port}`,
      code: 'PatternMismatch',
      bad: `protocol: TCP, ${field}: [${port}]`,
      good: `protocol: TCP, ${field}: ["80-90"]`,
      field: `${field}[0]`,
      text: 'does not have the right form',
    })),
    {
      name: `${field} as a fraction`,
      code: 'WrongType',
      bad: `protocol: TCP, ${field}: [80.5]`,
      good: `protocol: TCP, ${field}: [80.0]`,
      field: `${field}[0]`,
      text: 'must be a whole number or text, not 80.5',
    },
    {
      name: `${field} without brackets`,
      code: 'WrongType',
      bad: `protocol: TCP, ${field}: 80`,
      good: `protocol: TCP, ${field}: [80]`,
      field,
      text: 'must be a list, not 80',
      hint: 'put it in brackets: [80]',
    },
  ]),
  ...['0.0.0.0', '10.0.0.0/8', '2001:db8::/32', '::/0'].map((cidr): Row => ({
    ...violated,
    name: `a cidr that is none, where ${cidr} is one`,
    bad: 'remote: {cidr: 10.0.0.0/33}',
    good: `remote: {cidr: '${cidr}'}`,
    field: 'remote.cidr',
    text: `${cidrText} (given: "10.0.0.0/33")`,
  })),
  ...[
    '10.0.0',
    '10.0.0.0/08',
    '010.0.0.0/8',
    '::ffff:10.0.0.1',
    '::ffff:10.0.0.0/104',
    'fe80::1%eth0',
    'web',
  ].map((cidr): Row => ({
    ...violated,
    name: `cidr ${cidr}`,
    bad: `remote: {cidr: '${cidr}'}`,
    good: 'remote: {cidr: 10.0.0.1}',
    field: 'remote.cidr',
    text: cidrText,
  })),
  {
    ...violated,
    name: 'an IPv4 cidr with host bits',
    bad: 'remote: {cidr: 10.0.0.1/8}',
    good: 'remote: {cidr: 10.0.0.1/32}',
    field: 'remote.cidr',
    text: 'has bits set behind the prefix length (given: "10.0.0.1/8")',
    hint: 'write 10.0.0.0/8 for the network or 10.0.0.1/32 for the one address',
  },
  {
    ...violated,
    name: 'an IPv6 cidr with host bits',
    bad: "remote: {cidr: '2001:DB8::1/32'}",
    good: "remote: {cidr: '2001:DB8::/32'}",
    field: 'remote.cidr',
    text: 'has bits set behind the prefix length',
    hint: 'write 2001:db8::/32 for the network or 2001:db8::1/128 for the one address',
  },
  {
    name: 'a protocol number beyond 255',
    code: 'OutOfRange',
    bad: 'protocol: 256',
    good: 'protocol: 255',
    field: 'protocol',
    text: '256 is out of range',
  },
  {
    name: 'a protocol number beyond 255 in quotes',
    code: 'PatternMismatch',
    bad: 'protocol: "256"',
    good: 'protocol: "255"',
    field: 'protocol',
    text: '"256" does not have the right form',
  },
  {
    name: 'an action in another spelling',
    code: 'NotOneOf',
    bad: 'action: allow',
    good: 'action: Allow',
    field: 'action',
    text: '"allow" is not one of Allow, Drop',
    hint: 'did you mean Allow?',
  },
  {
    name: 'an action of another cloud',
    code: 'NotOneOf',
    bad: 'action: Reject',
    good: 'action: Drop',
    field: 'action',
    text: '"Reject" is not one of Allow, Drop',
    hint: 'write one of Allow, Drop',
  },
  {
    name: 'a field that is misspelt',
    code: 'UnknownField',
    bad: 'protocol: TCP, port: [80]',
    good: 'protocol: TCP, ports: [80]',
    field: 'port',
    text: 'no such field',
    hint: 'did you mean ports?',
  },
]

/** A rule of a profile is for ever; one of a group may end. */
const endingRows: readonly Row[] = [
  {
    ...violated,
    name: 'a Drop rule that expires',
    bad: 'action: Drop, expires: "2026-12-01T18:00:00Z"',
    good: 'action: Allow, expires: "2026-12-01T18:00:00Z"',
    field: 'expires',
    text: 'a Drop rule does not expire: what it closes would open by itself',
  },
  {
    ...violated,
    name: 'a 29 February of a year that has none',
    bad: 'expires: "2100-02-29T00:00:00Z"',
    good: 'expires: "2028-02-29T00:00:00Z"',
    field: 'expires',
    text: 'its year has no 29 February',
  },
  {
    name: 'an expiry without a time',
    code: 'PatternMismatch',
    bad: 'expires: "2026-12-01"',
    good: 'expires: 2026-12-01T18:00:00+08:00',
    field: 'expires',
    text: '"2026-12-01" does not have the right form',
  },
]

/** Everything that a single rule can have wrong with it, at one of the places where rules are. */
export function ruleCases(list: RuleList): readonly SchemaCase[] {
  return casesOf(rows, list)
}

/** What is wrong with when a rule ends. */
export function endingRuleCases(list: RuleList): readonly SchemaCase[] {
  return casesOf(endingRows, list)
}

function casesOf(of: readonly Row[], { path, specWith }: RuleList): readonly SchemaCase[] {
  return of.map((row) => ({
    ...row,
    name: `${path}: ${row.name}`,
    bad: specWith(`{name: a, ${row.bad}}`),
    good: specWith(`{name: a, ${row.good}}`),
    field: `${path}[0].${row.field}`,
  }))
}
