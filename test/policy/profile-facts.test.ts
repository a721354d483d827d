import { describe, expect, test } from 'vitest'
import { group, instance, valid, vpc } from '../reference/objects.ts'
import { Installation } from './installation.ts'

// What the clouds document beyond the three guides, with the built-in profiles.

describe('Alibaba Cloud, enterprise groups', () => {
  const network = valid(vpc('shop', { region: 'r', profileRef: { name: 'alibaba' } }))
  const enterprise = valid(group('batch', 'shop', { type: 'Enterprise' }))

  test('are not what a rule of a basic group may name', () => {
    const naming = valid(
      group('web', 'shop', {
        ingress: [{ protocol: 'TCP', ports: [80], remote: { securityGroupRef: { name: 'batch' } } }],
      }),
    )
    const installation = new Installation(network, enterprise, naming)
    expect(installation.codes(naming)).toEqual(['RemoteNotAllowed'])
    expect(installation.isAccepted(naming)).toBe(false)
  })

  test('are taken by the instances that name them', () => {
    const member = valid(instance('a', 'shop', ['batch']))
    expect(new Installation(network, enterprise, member).codes(member)).toEqual([])
  })

  test('are not in the classic network', () => {
    const classic = valid(
      vpc('classic', { region: 'r', networkType: 'Classic', profileRef: { name: 'alibaba' } }),
    )
    const there = valid(group('there', 'classic', { type: 'Enterprise' }))
    const installation = new Installation(classic, there)
    expect(installation.codes(there)).toEqual(['GroupTypeNotInNetwork'])
    expect(installation.isAccepted(there)).toBe(false)
  })
})

test('JD Cloud names the group that an instance asks for and that does not exist', () => {
  const network = valid(vpc('shop', { region: 'r', profileRef: { name: 'jdcloud' } }))
  const lost = valid(instance('a', 'shop', ['web']))
  expect(new Installation(network, lost).findings(lost)).toMatchObject([
    { code: 'SecurityGroupNotFound', profileText: "SecurityGroups 'web' not found" },
  ])
})
