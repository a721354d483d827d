import { expect, test } from 'vitest'
import { API_VERSION, keyOf } from '../../../src/api/objects.ts'
import type { ReachabilityCheck } from '../../../src/api/types.gen.ts'
import { formatAddress } from '../../../src/net/address.ts'
import { assess, Evidence, type Assessment } from '../../../src/policy/assurance/evaluate.ts'
import { ReachabilityMemory } from '../../../src/policy/reachability/reachability.ts'
import { group, instance, plainProfile, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const nobodyReachesUs: ReachabilityCheck = {
  apiVersion: API_VERSION,
  kind: 'ReachabilityCheck',
  metadata: { name: 'c' },
  spec: {
    vpcRef: { name: 'v' },
    from: { cidrs: ['10.0.0.0/8'] },
    to: { instanceSelector: {} },
    expect: 'Denied',
  },
}

const open = plainProfile('open', {
  groupTypes: [
    { name: 'Basic', implicit: { ingress: 'Allow', egress: 'Drop' }, remotes: ['CIDR', 'SecurityGroup'] },
  ],
  instanceWithoutGroups: 'DenyAll',
})

function assessed(place: Installation): Assessment {
  return assess(nobodyReachesUs, new Evidence(place.model, new ReachabilityMemory()))
}

test('machines that may not send do not hide an address between theirs from which the same packets come through', () => {
  const closed = [1, 2, 3, 4, 5].map((last) =>
    instance(`closed-${String(last)}`, 'v', [], { addresses: [`10.0.0.${String(last)}`] }),
  )
  const member = instance('member', 'v', ['g'], { addresses: ['10.0.0.9'] })
  const place = new Installation(
    open,
    vpc('v', { profileRef: { name: 'open' }, cidrs: ['10.0.0.0/16'] }),
    group('g', 'v'),
    ...closed,
    member,
  )
  const { violation } = assessed(place)
  expect(violation?.to.instance?.object.metadata.name).toBe('member')
  expect(violation && formatAddress(violation.from.address)).toBe('10.0.0.0')
})

test.each([
  ['named', { instances: ['i1', 'i2', 'i3', 'i4', 'i5'] }],
  ['selected', { instanceSelector: {} }],
  ['meant by their addresses', { cidrs: ['10.0.0.0/24'] }],
])('of several that are %s and reached, the first is told of, in whatever order they came', (_, to) => {
  const check = {
    ...nobodyReachesUs,
    spec: { ...nobodyReachesUs.spec, from: { cidrs: ['10.9.0.0/16'] }, to },
  }
  const numbers = ['1', '2', '3', '4', '5']
  // Each is of a group of its own, so that no two are alike.
  const groups = numbers.map((number) => group(`g${number}`, 'v'))
  const instances = numbers.map((number) => {
    const meta = { name: `i${number}`, labels: { number } }
    return instance(meta, 'v', [`g${number}`], { addresses: [`10.0.0.${number}`] })
  })
  for (const order of [instances, instances.toReversed()]) {
    const place = new Installation(open, vpc('v', { profileRef: { name: 'open' } }), ...groups)
    for (const one of order) place.declare(one)
    for (const one of order.slice(0, 1)) {
      place.withdraw(keyOf(one))
      place.declare(one)
    }
    const { violation } = assess(check, new Evidence(place.model, new ReachabilityMemory()))
    expect(violation?.to.instance?.key).toBe('Instance/default/i1')
  }
})
