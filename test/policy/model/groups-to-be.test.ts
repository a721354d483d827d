import { describe, expect, test } from 'vitest'
import type { CloudProfileSpec } from '../../../src/api/types.gen.ts'
import { group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const groupType = (name: string): CloudProfileSpec['groupTypes'][number] => ({
  name,
  implicit: { ingress: 'Drop', egress: 'Drop' },
  remotes: ['CIDR'],
})

const v = valid(vpc('v', { profileRef: { name: 'own' } }))
const basic = valid(group('basic', 'v', { type: 'Basic' }))
const joining = valid(instance('i', 'v', ['basic', 'v-default'], { addresses: ['10.0.0.1'] }))
const withDefaultOf = (type: string, more: Partial<CloudProfileSpec> = {}): Installation =>
  new Installation(
    plainProfile('own', {
      groupTypes: [groupType('Basic'), groupType('Enterprise')],
      defaultGroups: [{ name: 'default', type, create: 'WhenNeeded' }],
      ...more,
    }),
    v,
    basic,
  )

describe('a default group that comes into being because an instance names it', () => {
  test('counts for the types of the groups of that instance', () => {
    const installation = withDefaultOf('Enterprise')
    installation.declare(joining)
    expect(installation.codes(joining)).toEqual(['GroupTypesMixed'])
    expect(installation.isAccepted(joining)).toBe(false)
  })

  test('with the type that the profile gives it now', () => {
    const installation = withDefaultOf('Basic')
    installation.declare(joining)
    expect(installation.codes(joining)).toEqual([])
  })

  test('counts for the number of its groups', () => {
    const installation = withDefaultOf('Basic', { quotas: { groupsPerInstance: 1 } })
    installation.declare(joining)
    expect(installation.codes(joining)).toEqual(['QuotaExceeded'])
  })

  test('counts for the number of its rules', () => {
    const remote = { cidr: '192.0.2.0/24' }
    const ingress = [{ name: 'office', remote, protocol: 'All' as const, action: 'Allow' as const }]
    const installation = withDefaultOf('Basic', {
      quotas: { rulesPerInstance: 0 },
      defaultGroups: [{ name: 'default', type: 'Basic', create: 'WhenNeeded', ingress }],
    })
    installation.declare(joining)
    expect(installation.codes(joining)).toEqual(['QuotaExceeded'])
  })
})

describe('a default group that an instance without groups joins', () => {
  const homeless = (name: string, address: string): ReturnType<typeof instance> =>
    valid(instance(name, 'v', [], { addresses: [address] }))
  const joins = { instanceWithoutGroups: 'JoinDefault' } as const
  const groupTypes = [{ ...groupType('Basic'), quotas: { members: 1 } }]

  test('counts for the number of its rules', () => {
    const remote = { cidr: '192.0.2.0/24' }
    const ingress = [{ name: 'office', remote, protocol: 'All' as const, action: 'Allow' as const }]
    const installation = withDefaultOf('Basic', {
      ...joins,
      quotas: { rulesPerInstance: 0 },
      defaultGroups: [{ name: 'default', type: 'Basic', create: 'WhenNeeded', ingress }],
    })
    const one = homeless('one', '10.0.0.1')
    installation.declare(one)
    expect(installation.codes(one)).toEqual(['QuotaExceeded'])
  })

  test('takes as many members as its type may have', () => {
    const installation = withDefaultOf('Basic', { ...joins, groupTypes })
    const [one, two] = [homeless('one', '10.0.0.1'), homeless('two', '10.0.0.2')]
    installation.declare(one)
    installation.declare(two)
    expect(installation.isAccepted(one)).toBe(true)
    expect(installation.codes(two)).toEqual(['QuotaExceeded'])
  })

  test('is of no account where the profile has such an instance join none', () => {
    const installation = withDefaultOf('Basic', { groupTypes })
    const [one, two] = [homeless('one', '10.0.0.1'), homeless('two', '10.0.0.2')]
    installation.declare(one)
    installation.declare(two)
    expect(installation.codes(two)).toEqual([])
  })
})
