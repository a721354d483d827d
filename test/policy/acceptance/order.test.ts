import { describe, expect, test } from 'vitest'
import type { Instance, SecurityGroup, VPC } from '../../../src/api/types.gen.ts'
import { group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const two = (limit = 2): VPC => valid(vpc('v', { limits: { securityGroups: limit } }))
const g = (name: string, description?: string): SecurityGroup =>
  valid(group(name, 'v', description === undefined ? {} : { description }))

const accepted = (installation: Installation, ...names: readonly string[]): string[] =>
  names.filter((name) => installation.isAccepted(g(name)) || installation.inForce(g(name)) !== undefined)

describe('under a quota the older is served first', () => {
  test('within one change, whatever its name', () => {
    const installation = new Installation(two(), g('z'), g('m'), g('a'))
    expect(accepted(installation, 'a', 'm', 'z')).toEqual(['m', 'z'])
  })

  test('of the same age, by name', () => {
    const installation = new Installation(two(1))
    const order = 7
    const declare = ['b', 'a', 'c'].map((name) => ({
      key: `SecurityGroup/default/${name}`,
      object: g(name),
      order,
    }))
    installation.acceptance.apply({ declare, withdraw: [] })
    expect(accepted(installation, 'a', 'b', 'c')).toEqual(['a'])
  })

  test('a newcomer never evicts, and a new version of one in force is no newcomer', () => {
    const installation = new Installation(two(), g('a'), g('b'), g('c'))
    const next = g('b', 'second version')
    installation.declare(g('aa'), next)
    expect(installation.isAccepted(next)).toBe(true)
    expect(accepted(installation, 'a', 'aa', 'b', 'c')).toEqual(['a', 'b'])
  })

  test('a freed place goes to the one that has waited longest', () => {
    const installation = new Installation(two(), g('z'), g('y'), g('x'), g('w'))
    installation.withdraw('SecurityGroup/default/z')
    expect(accepted(installation, 'w', 'x', 'y')).toEqual(['x', 'y'])
  })

  test('and not to a newcomer of the very change that frees it', () => {
    const installation = new Installation(two(), g('z'), g('y'), g('x'))
    installation.change([g('a')], ['SecurityGroup/default/z'])
    expect(accepted(installation, 'a', 'x', 'y')).toEqual(['x', 'y'])
  })

  test('a raised limit lets in as many as fit, the oldest first', () => {
    const installation = new Installation(two(1), g('z'), g('y'), g('x'), g('w'))
    installation.declare(two(3))
    expect(accepted(installation, 'w', 'x', 'y', 'z')).toEqual(['x', 'y', 'z'])
  })

  test('an instance that waits for room in a group goes before a newcomer of the change that makes it', () => {
    const full = valid(vpc('v', { limits: { addressesPerGroup: 1 } }))
    const on = (name: string, groups: readonly string[], last: number): Instance =>
      valid(instance(name, 'v', groups, { addresses: [`10.0.0.${String(last)}`] }))
    const waiting = on('b', ['g'], 2)
    const installation = new Installation(full, g('g'), on('a', ['g'], 1), waiting)
    expect(installation.codes(waiting)).toEqual(['QuotaExceeded'])

    const newcomer = on('c', ['g'], 3)
    installation.declare(newcomer, on('a', [], 1))

    expect(installation.isAccepted(waiting)).toBe(true)
    expect(installation.codes(newcomer)).toEqual(['QuotaExceeded'])
  })
})

describe('what others waited for comes', () => {
  test('a group that selects makes room for an instance that was refused for having none', () => {
    const jdcloud = valid(vpc('v', { profileRef: { name: 'jdcloud' } }))
    const web = valid(instance({ name: 'i', labels: { role: 'web' } }, 'v'))
    const installation = new Installation(jdcloud, web)
    expect(installation.codes(web)).toEqual(['NoGroups'])
    installation.declare(
      valid(group('g', 'v', { displayName: 'g', instanceSelector: { matchLabels: { role: 'web' } } })),
    )
    expect(installation.isAccepted(web)).toBe(true)
  })

  test.each([
    ['a profile', valid(plainProfile('own')), valid(vpc('v', { profileRef: { name: 'own' } }))],
    ['a VPC', valid(vpc('v')), valid(group('g', 'v'))],
    ['a group', valid(group('h', 'v')), valid(instance('i', 'v', ['h']))],
  ])('%s, and who names it is accepted', (_, late, early) => {
    const before = early.kind === 'Instance' ? [valid(vpc('v'))] : []
    const installation = new Installation(...before, early)
    expect(installation.isAccepted(early)).toBe(false)
    installation.declare(late)
    expect(installation.isAccepted(early)).toBe(true)
    expect(installation.codes(early)).toEqual([])
  })
})
