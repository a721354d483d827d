import fc from 'fast-check'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import type { Remote, Rule } from '../../../src/api/types.gen.ts'
import { addressGroup, group, instance } from '../../reference/objects.ts'
import { NODE } from '../node-of-a-cluster.ts'

export const GROUPS = ['web', 'app', 'db', 'ops'] as const
export const LISTS = ['office', 'partners'] as const
export const INSTANCES = ['i0', 'i1', 'i2', 'i3', 'i4'] as const

/** The one port that only versions open that have to be refused. */
export const REFUSED_PORT = 666

type GroupName = (typeof GROUPS)[number]
type ListName = (typeof LISTS)[number]
type InstanceName = (typeof INSTANCES)[number]

type Victim = 'server' | 'controller' | 'agent'

/** What somebody does to the cluster, or what befalls it. */
export type Step =
  | { readonly act: 'Apply'; readonly object: PalisadeObject }
  | { readonly act: 'Delete'; readonly what: string }
  | { readonly act: 'Kill'; readonly victim: Victim }
  | { readonly act: 'Wait'; readonly ms: number }

const port = fc.integer({ min: 1000, max: 9999 })

function rule(remote: Remote, on: number): Omit<Rule, 'name'> {
  return { protocol: 'TCP', ports: [on], remote }
}

const remoteOf = (groups: readonly GroupName[], lists: readonly ListName[]): fc.Arbitrary<Remote> =>
  fc.oneof(
    fc.constant({ cidr: '203.0.113.0/24' }),
    ...(groups.length === 0
      ? []
      : [fc.constantFrom(...groups).map((name) => ({ securityGroupRef: { name } }))]),
    ...(lists.length === 0 ? [] : [fc.constantFrom(...lists).map((name) => ({ addressGroupRef: { name } }))]),
  )

/** A version of a group that is accepted once what it names is there. */
export function groupArbitrary(
  name: GroupName,
  groups: readonly GroupName[],
  lists: readonly ListName[],
): fc.Arbitrary<PalisadeObject> {
  const rules = fc.array(fc.tuple(remoteOf(groups, lists), port), { minLength: 1, maxLength: 4 })
  return rules.map((all) => group(name, 'shop', { ingress: all.map(([remote, on]) => rule(remote, on)) }))
}

/** Each instance has an address and an interface of its own. */
export function instanceArbitrary(
  name: InstanceName,
  groups: readonly GroupName[],
): fc.Arbitrary<PalisadeObject> {
  return fc
    .subarray([...groups], { minLength: Math.min(1, groups.length) })
    .map((named) => instanceIn(name, named))
}

function instanceIn(name: InstanceName, groups: readonly string[]): PalisadeObject {
  const number = INSTANCES.indexOf(name)
  return instance(name, 'shop', groups, {
    addresses: [`10.0.0.${String(10 + number)}`],
    attachment: { nodeName: NODE, netns: 'shop', interface: `eth${String(number)}` },
  })
}

export function listArbitrary(name: ListName): fc.Arbitrary<PalisadeObject> {
  return fc.integer({ min: 0, max: 255 }).map((net) => addressGroup(name, [`198.51.${String(net)}.0/24`]))
}

/** The schema takes it, and nothing else does: an address group of this name is never there. */
const refused: fc.Arbitrary<PalisadeObject> = fc.oneof(
  fc
    .constantFrom(...GROUPS)
    .map((name) =>
      group(name, 'shop', { ingress: [rule({ addressGroupRef: { name: 'nobodys' } }, REFUSED_PORT)] }),
    ),
  fc.constantFrom(...INSTANCES).map((name) => instanceIn(name, ['nobodys'])),
)

const accepted: fc.Arbitrary<PalisadeObject> = fc.oneof(
  ...GROUPS.map((name) => groupArbitrary(name, GROUPS, LISTS)),
  ...INSTANCES.map((name) => instanceArbitrary(name, GROUPS)),
  ...LISTS.map(listArbitrary),
)

const names = [
  ...GROUPS.map((name) => `securitygroup/${name}`),
  ...INSTANCES.map((name) => `instance/${name}`),
  ...LISTS.map((name) => `addressgroup/${name}`),
]

const applied = (object: PalisadeObject): Step => ({ act: 'Apply', object })
const deleted = (what: string): Step => ({ act: 'Delete', what })
const killed = (victim: Victim): Step => ({ act: 'Kill', victim })
const waited = (ms: number): Step => ({ act: 'Wait', ms })

// A server takes seconds to be back, and nothing is edited in them.
const victim = fc.constantFrom<Victim>('server', 'controller', 'controller', 'agent', 'agent')

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: accepted.map(applied) },
  { weight: 3, arbitrary: refused.map(applied) },
  { weight: 2, arbitrary: fc.constantFrom(...names).map(deleted) },
  { weight: 3, arbitrary: victim.map(killed) },
  { weight: 3, arbitrary: fc.integer({ min: 20, max: 400 }).map(waited) },
)

export const stepsArbitrary = (length: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(step, { minLength: length, maxLength: length })
