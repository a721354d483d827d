import type { SchemaCase } from './case.ts'

/** A spec with these ends and whatever else. */
const between = (from: string, to: string, rest = 'protocol: TCP, ports: [22]'): string =>
  `{vpcRef: {name: shop}, from: ${from}, to: ${to}, ${rest}, expect: Denied}`

const DB = '{instances: [db-1]}'
const NET = '{internet: true}'
const violated = { code: 'RuleViolated' } as const
const oneText =
  'holds exactly one of instances, instanceSelector, securityGroupRef, addressGroupRef, cidrs and internet'

const endCases = (end: 'from' | 'to'): readonly SchemaCase[] => {
  const withEnd = (text: string): string => (end === 'from' ? between(text, DB) : between(DB, text))
  return [
    ...['{}', '{internet: true, instances: [a]}', '{instanceSelector: {}, cidrs: [192.0.2.1]}'].map(
      (bad): SchemaCase => ({
        ...violated,
        name: `${end}: not just one sort of end: ${bad}`,
        bad: withEnd(bad),
        good: withEnd('{instanceSelector: {}}'),
        field: `spec.${end}`,
        text: oneText,
      }),
    ),
    {
      ...violated,
      name: `${end}: except of instances`,
      bad: withEnd('{instances: [a], except: [192.0.2.0/24]}'),
      good: withEnd('{internet: true, except: [192.0.2.0/24]}'),
      field: `spec.${end}.except`,
      text: 'except goes with addressGroupRef, cidrs and internet',
    },
    ...(['cidrs', 'except'] as const).flatMap((list): readonly SchemaCase[] => {
      const inList = (text: string): string =>
        withEnd(list === 'cidrs' ? `{cidrs: [${text}]}` : `{internet: true, except: [${text}]}`)
      return [
        {
          ...violated,
          name: `${end}.${list}: an entry that is no prefix`,
          bad: inList('office'),
          good: inList('"2001:db8::1"'),
          field: `spec.${end}.${list}[0]`,
          text: 'must be an IPv4 or IPv6 prefix or address such as 203.0.113.0/24 or 2001:db8::7 (given: "office")',
        },
        {
          ...violated,
          name: `${end}.${list}: an entry with host bits`,
          bad: inList('192.0.2.1/24'),
          good: inList('192.0.2.0/24'),
          field: `spec.${end}.${list}[0]`,
          text: 'has bits set behind the prefix length',
        },
      ]
    }),
    {
      ...violated,
      name: `${end}: a requirement without values`,
      bad: withEnd('{instanceSelector: {matchExpressions: [{key: role, operator: In}]}}'),
      good: withEnd('{instanceSelector: {matchExpressions: [{key: role, operator: Exists}]}}'),
      field: `spec.${end}.instanceSelector.matchExpressions[0].values`,
      text: 'In and NotIn need values, Exists and DoesNotExist take none',
    },
  ]
}

const portCase = (bad: string, good: string, text: string): SchemaCase => ({
  ...violated,
  name: `ports: ${bad}`,
  bad: between(NET, DB, `protocol: TCP, ports: [${bad}]`),
  good: between(NET, DB, `protocol: TCP, ports: [${good}]`),
  field: 'spec.ports[0]',
  text,
})

export const reachabilityCheckCases: readonly SchemaCase[] = [
  ...endCases('from'),
  ...endCases('to'),
  {
    ...violated,
    name: 'no end that is an instance',
    bad: between(NET, '{cidrs: [192.0.2.0/24]}'),
    good: between(NET, '{securityGroupRef: {name: db}}'),
    field: 'spec.to',
    text: 'one end at least is instances, instanceSelector or securityGroupRef; between others nothing is decided here',
  },
  {
    ...violated,
    name: 'ports with a protocol that has none',
    bad: between(NET, DB, 'protocol: GRE, ports: [22]'),
    good: between(NET, DB, 'protocol: 17, ports: [22]'),
    field: 'spec.ports',
    text: 'ports need one of the protocols TCP, UDP, SCTP, UDP-Lite and DCCP',
  },
  portCase('"22-70000"', '"22-65535"', 'ports go from 1 to 65535'),
  portCase('"30-22"', '"22-30"', 'a range of ports goes from the lower to the higher port'),
]
