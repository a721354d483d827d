import fc from 'fast-check'
import { expect, test } from 'vitest'
import { API_VERSION } from '../../src/api/objects.ts'
import type { CheckEnd } from '../../src/api/types.gen.ts'
import { addressGroup, group, instance, vpc } from '../reference/objects.ts'
import { Daemon } from './daemon.ts'

const ENDS: readonly CheckEnd[] = [
  { internet: true },
  { cidrs: ['10.0.0.0/30', '192.0.2.0/24'] },
  { addressGroupRef: { name: 'office' } },
  { instances: ['one', 'two'] },
  { instanceSelector: { matchLabels: { role: 'web' } } },
  { securityGroupRef: { name: 'db' } },
]

/** A check for each two ends of which one is instances, and for either expectation. */
const CHECKS = ENDS.flatMap((from, index) =>
  ENDS.flatMap((to, place) =>
    place < 3 && index < 3
      ? []
      : (['Allowed', 'Denied'] as const).map((promised) => ({
          apiVersion: API_VERSION,
          kind: 'ReachabilityCheck',
          metadata: { name: `c-${String(index)}-${String(place)}-${promised.toLowerCase()}` },
          spec: {
            vpcRef: { name: 'shop' },
            from,
            to,
            protocol: 'TCP',
            expect: promised,
            enforcement: 'Warn',
          },
        })),
  ),
)

const remoteArbitrary = fc.constantFrom(
  { cidr: '0.0.0.0/0' },
  { cidr: '192.0.2.0/25' },
  { securityGroupRef: { name: 'db' } },
  { addressGroupRef: { name: 'office' } },
)
const groupArbitrary = (name: string): fc.Arbitrary<object> =>
  fc
    .record({
      remotes: fc.array(remoteArbitrary, { maxLength: 2 }),
      selects: fc.constantFrom(undefined, { matchLabels: { role: 'web' } }),
      isOpen: fc.boolean(),
    })
    .map(({ remotes, selects, isOpen }) =>
      group(name, 'shop', {
        ingress: remotes.map((remote, index) => ({ name: `r-${String(index)}`, protocol: 'TCP', remote })),
        egress: isOpen ? [{}] : [],
        ...(selects !== undefined && { instanceSelector: selects }),
      }),
    )
const instanceArbitrary = (name: string, address: string): fc.Arbitrary<object | undefined> =>
  fc.option(
    fc
      .record({ groups: fc.subarray(['db', 'web']), role: fc.constantFrom('web', 'other') })
      .map(({ groups, role }) => {
        const made = instance(name, 'shop', groups, { addresses: [address] })
        return { ...made, metadata: { ...made.metadata, labels: { role } } }
      }),
    { nil: undefined, freq: 6 },
  )

/** Files by their names; each step writes one of them anew. */
const fileArbitrary = fc.oneof(
  groupArbitrary('db').map((one) => ({ 'db.yaml': [one] })),
  groupArbitrary('web').map((one) => ({ 'web.yaml': [one] })),
  instanceArbitrary('one', '10.0.0.1').map((one) => ({ 'one.yaml': one === undefined ? [] : [one] })),
  instanceArbitrary('two', '10.0.0.2').map((one) => ({ 'two.yaml': one === undefined ? [] : [one] })),
  fc
    .constantFrom(['192.0.2.0/24'], ['192.0.2.128/25'], ['10.0.0.1/32'])
    .map((cidrs) => ({ 'office.yaml': [addressGroup('office', cidrs)] })),
)

async function started(): Promise<Daemon> {
  const daemon = new Daemon()
  await daemon.declare({
    'shop.yaml': [vpc('shop', { cidrs: ['10.0.0.0/16'] })],
    'db.yaml': [group('db', 'shop', {})],
    'web.yaml': [group('web', 'shop', {})],
    'office.yaml': [addressGroup('office', ['192.0.2.0/24'])],
    'checks.yaml': CHECKS,
  })
  return daemon
}

const broken = ({ findings }: Awaited<ReturnType<Daemon['turn']>>): readonly string[] =>
  findings.flatMap(({ code, object }) => (code.startsWith('Check') ? [`${code} ${object ?? ''}`] : [])).sort()

test('checks that are assessed when something at their ends changes come out as though all were', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(fileArbitrary, { minLength: 3, maxLength: 8 }), async (steps) => {
      const [daemon, forgetful] = [await started(), await started()]
      for (const files of steps) {
        const turn = await daemon.declare(files)
        for (const [name, objects] of Object.entries(files)) {
          forgetful.source.write(
            name,
            ['# manifest', ...objects.map((one) => JSON.stringify(one))].join('\n---\n'),
          )
        }
        const anew = await forgetful.restart()
        expect(broken(turn)).toEqual(broken(anew))
        for (const one of broken(turn)) seen.add(one)
      }
    }),
    { numRuns: 25, interruptAfterTimeLimit: 15_000 },
  )
  expect(seen.size).toBeGreaterThan(5)
})
