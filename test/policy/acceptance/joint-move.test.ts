import { describe, expect, test } from 'vitest'
import type { CloudProfileSpec, Instance, SecurityGroup, VPC } from '../../../src/api/types.gen.ts'
import { group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const groupType = (name: string): CloudProfileSpec['groupTypes'][number] => ({
  name,
  implicit: { ingress: 'Drop', egress: 'Drop' },
  remotes: ['CIDR', 'SecurityGroup'],
})
const types = plainProfile('types', { groupTypes: [groupType('Basic'), groupType('Enterprise')] })
const single = plainProfile('single', { quotas: { groupsPerInstance: 1 } })
const oneAddress = [{ ...groupType('Basic'), quotas: { addresses: 1 } }]
const small = plainProfile('small', { quotas: { groupsPerInstance: 1 }, groupTypes: oneAddress })

const typed = (name: string, type: string, labels?: Record<string, string>): SecurityGroup =>
  valid(group(name, 'v', { type, ...(labels && { instanceSelector: { matchLabels: labels } }) }))
const selecting = (name: string, labels?: Record<string, string>): SecurityGroup =>
  valid(group(name, 'v', labels && { instanceSelector: { matchLabels: labels } }))
const member = (groups: readonly string[], name = 'i', address = '10.0.0.1'): Instance =>
  valid({
    ...instance(name, 'v', groups, { addresses: [address] }),
    metadata: { name, labels: { role: 'web' } },
  })

const role = { role: 'web' }
const of = (name: string): VPC => valid(vpc('v', { profileRef: { name } }))

describe('an instance that leaves one group while another begins to select it', () => {
  test('moves in one change where an instance has groups of one type', () => {
    const installation = new Installation(
      types,
      of('types'),
      typed('old', 'Enterprise'),
      typed('new', 'Basic'),
    )
    installation.declare(member(['old']))
    const next = [typed('new', 'Basic', role), member([])]
    installation.declare(...next)
    expect(next.map((object) => installation.isAccepted(object))).toEqual([true, true])
  })

  test('moves in one change where it is full', () => {
    const installation = new Installation(single, of('single'), selecting('old'), member(['old']))
    const next = [selecting('new', role), member([])]
    installation.declare(...next)
    expect(next.map((object) => installation.isAccepted(object))).toEqual([true, true])
  })

  test('moves whichever of the two is declared first', () => {
    const installation = new Installation(single, of('single'), selecting('old'), member(['old']))
    const next = [selecting('new', role), member([])]
    for (const object of next) installation.declare(object)
    expect(next.map((object) => installation.isAccepted(object))).toEqual([true, true])
  })

  test('moves before a younger one for which there is no room', () => {
    const younger = member([], 'j', '10.0.0.2')
    const installation = new Installation(small, of('small'), selecting('old'), member(['old']))
    const next = [selecting('new', role), member([]), younger]
    installation.declare(...next)
    expect(next.map((object) => installation.isAccepted(object))).toEqual([true, true, false])
    expect(installation.codes(younger)).toEqual(['QuotaExceeded'])
  })

  test('keeps its place, as does the group, where there is no room for it after all', () => {
    const other = member([], 'k', '10.0.0.2')
    const installation = new Installation(small, of('small'), selecting('old'), member(['old']), other)
    const next = [selecting('new', role), member([])]
    installation.declare(...next)
    expect(installation.inForce(member([]))).toEqual(member(['old']))
    expect(installation.inForce(selecting('new', role))).toBeUndefined()
    expect(next.map((object) => installation.isAccepted(object))).toEqual([false, false])
  })

  test('does not lose its address to another while that is tried', () => {
    const other = member([], 'j', '10.0.0.2')
    const installation = new Installation(small, of('small'), selecting('old'), member(['old']), other)
    installation.declare(selecting('new', role), member([]))
    const thief = valid(instance('k', 'v', [], { addresses: ['10.0.0.1'] }))
    installation.declare(thief)
    expect(installation.codes(thief)).toContain('AddressTaken')
  })
})

describe('a group that may be meant in the place of a default group', () => {
  test('keeps it away when it was tried together with others in vain', () => {
    const profile = plainProfile('jumpy', {
      quotas: { groupsPerInstance: 1 },
      groupTypes: oneAddress,
      instanceWithoutGroups: 'JoinDefault',
      defaultGroups: [{ name: 'default', create: 'WithVPC', editable: true }],
    })
    const own = valid(group('v-default', 'v', { instanceSelector: { matchLabels: role } }))
    const groups = [selecting('old'), selecting('full')]
    const installation = new Installation(profile, of('jumpy'), ...groups, member(['old']))
    installation.declare(member(['full'], 'j', '10.0.0.2'))
    installation.declare(own, member([]))
    expect(installation.isAccepted(own)).toBe(false)
    expect(installation.model.group('SecurityGroup/default/v-default')).toBeUndefined()
  })
})
