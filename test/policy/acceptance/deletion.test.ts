import { describe, expect, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../../src/api/objects.ts'
import type { CloudProfile, SecurityGroup } from '../../../src/api/types.gen.ts'
import { addressGroup, group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const v = valid(vpc('v'))
const naming = (name: string, remote: string, action: 'Allow' | 'Drop' = 'Allow'): SecurityGroup =>
  valid(group(name, 'v', { ingress: [{ action, remote: { securityGroupRef: { name: remote } } }] }))

const rulesOf = (installation: Installation, name = 'i'): readonly string[] =>
  (installation.model.instanceRuleset(`Instance/default/${name}`)?.ruleSet.ingress ?? []).map(
    ({ action, sources }) => `${action} ${sources.join('+')}`,
  )

describe('what others need is kept when it is deleted, and they are named', () => {
  const cases: readonly [string, readonly PalisadeObject[], PalisadeObject, readonly string[]][] = [
    [
      'a profile of a VPC',
      [valid(vpc('v', { profileRef: { name: 'own' } }))],
      valid(plainProfile('own')),
      ['VPC/default/v'],
    ],
    [
      'a VPC of groups and instances',
      [valid(group('g', 'v')), valid(instance('i', 'v'))],
      v,
      ['Instance/default/i', 'SecurityGroup/default/g'],
    ],
    [
      'a group of its members',
      [v, valid(instance('i', 'v', ['g'])), valid(instance('j', 'v', ['g']))],
      valid(group('g', 'v')),
      ['Instance/default/i', 'Instance/default/j'],
    ],
    ['a group that rules name', [v, naming('h', 'g')], valid(group('g', 'v')), ['SecurityGroup/default/h']],
    [
      'an address group that rules name',
      [v, valid(group('g', 'v', { egress: [{ remote: { addressGroupRef: { name: 'l' } } }] }))],
      valid(addressGroup('l', ['192.0.2.0/24'])),
      ['SecurityGroup/default/g'],
    ],
  ]

  test.each(cases)('%s', (_, others, needed, referrers) => {
    const installation = new Installation(needed, ...others)
    for (const object of others) expect(installation.codes(object)).toEqual([])

    installation.withdraw(keyOf(needed))

    expect(installation.inForce(needed)).toBe(needed)
    expect(installation.acceptance.blockedBy(keyOf(needed))).toEqual(referrers)
  })

  test('also who names it in a version that is not in force', () => {
    const [g, h] = [valid(group('g', 'v')), valid(group('h', 'v'))]
    const installation = new Installation(v, g, h, valid(instance('i', 'v', ['g'])))
    installation.declare(valid(instance('i', 'v', ['h', 'missing'])))
    installation.withdraw(keyOf(g), keyOf(h))
    expect(installation.acceptance.blockedBy(keyOf(g))).toEqual(['Instance/default/i'])
    expect(installation.acceptance.blockedBy(keyOf(h))).toEqual(['Instance/default/i'])
  })

  test('each once, though two versions name it', () => {
    const installation = new Installation(v, valid(instance('i', 'v')))
    installation.declare(valid(instance('i', 'v', ['missing'])))
    installation.withdraw(keyOf(v))
    expect(installation.acceptance.blockedBy(keyOf(v))).toEqual(['Instance/default/i'])
  })

  test('it goes when the last who needs it has gone', () => {
    const g = valid(group('g', 'v'))
    const installation = new Installation(v, g, naming('h', 'g'))
    installation.withdraw(keyOf(g))
    installation.withdraw('SecurityGroup/default/h')
    expect(installation.inForce(g)).toBeUndefined()
    expect(installation.acceptance.blockedBy(keyOf(g))).toBeUndefined()
  })

  test('it is itself again when it is declared again', () => {
    const g = valid(group('g', 'v'))
    const installation = new Installation(v, g, naming('h', 'g'))
    installation.withdraw(keyOf(g))
    installation.declare(g)
    expect(installation.isAccepted(g)).toBe(true)
    expect(installation.acceptance.blockedBy(keyOf(g))).toBeUndefined()
  })

  test('it can be named anew while it is kept, for it is in force', () => {
    const g = valid(group('g', 'v'))
    const installation = new Installation(v, g, naming('h', 'g'))
    installation.withdraw(keyOf(g))
    const late = valid(instance('i', 'v', ['g']))
    installation.declare(late)
    expect(installation.isAccepted(late)).toBe(true)
  })
})

describe('what only deleted objects need goes with them', () => {
  test('groups that name each other', () => {
    const ring = [naming('a', 'b', 'Drop'), naming('b', 'c'), naming('c', 'a')]
    const installation = new Installation(v, ...ring)
    installation.withdraw(...ring.map(keyOf))
    expect(ring.map((object) => installation.inForce(object))).toEqual([undefined, undefined, undefined])
  })

  test('a group that names itself', () => {
    const self = naming('a', 'a')
    const installation = new Installation(v, self)
    installation.withdraw(keyOf(self))
    expect(installation.inForce(self)).toBeUndefined()
  })

  test('a VPC with everything in it, in one change', () => {
    const all = [v, valid(group('g', 'v')), naming('h', 'g'), valid(instance('i', 'v', ['g', 'h']))]
    const installation = new Installation(...all)
    installation.withdraw(...all.map(keyOf))
    expect(all.map((object) => installation.inForce(object))).toEqual(all.map(() => undefined))
    expect(installation.model.remote('SecurityGroup/default/g')).toBeUndefined()
  })

  test('what one of them is still needed for keeps all that it needs', () => {
    const all = [naming('a', 'b'), naming('b', 'a')]
    const installation = new Installation(v, ...all, valid(instance('i', 'v', ['a'])))
    installation.withdraw(...all.map(keyOf))
    expect(installation.acceptance.blockedBy('SecurityGroup/default/a')).toEqual([
      'Instance/default/i',
      'SecurityGroup/default/b',
    ])
    expect(installation.acceptance.blockedBy('SecurityGroup/default/b')).toEqual(['SecurityGroup/default/a'])
  })
})

describe('where the profile says Cascade', () => {
  const profile = (deletion: CloudProfile['spec']['deletion'] & object): PalisadeObject[] => [
    valid(plainProfile('own', { deletion })),
    valid(vpc('v', { profileRef: { name: 'own' } })),
  ]

  test('the rules that name a deleted group end', () => {
    const g = valid(group('g', 'v'))
    const both = naming('h', 'g')
    const member = valid(instance('i', 'v', ['h']))
    const installation = new Installation(...profile({ referenced: 'Cascade' }), g, both, member)
    expect(rulesOf(installation)).toEqual(['Allow h/r0', 'Drop profile:own/implicit'])
    installation.withdraw(keyOf(g))
    expect(installation.inForce(g)).toBeUndefined()
    expect(rulesOf(installation)).toEqual(['Drop profile:own/implicit'])
    expect(installation.codes(both)).toEqual(['SecurityGroupNotFound'])
  })

  test('the members lose it, and are told', () => {
    const g = valid(group('g', 'v', { ingress: [{}] }))
    const member = valid(instance('i', 'v', ['g']))
    const installation = new Installation(...profile({ used: 'Cascade' }), g, member)
    installation.withdraw(keyOf(g))
    expect(installation.inForce(g)).toBeUndefined()
    expect(rulesOf(installation)).toEqual(['Drop profile:own/implicit'])
    expect(installation.codes(member)).toEqual(['SecurityGroupNotFound'])
  })

  test('of one kind only, where it says so of one', () => {
    const g = valid(group('g', 'v'))
    const installation = new Installation(
      ...profile({ used: 'Block', referenced: 'Cascade' }),
      g,
      naming('h', 'g'),
      valid(instance('i', 'v', ['g'])),
    )
    installation.withdraw(keyOf(g))
    expect(installation.acceptance.blockedBy(keyOf(g))).toEqual(['Instance/default/i'])
  })

  test('a Drop rule does not end: it may be in force from the time of another profile', () => {
    const g = valid(group('g', 'v'))
    const drop = naming('h', 'g', 'Drop')
    const installation = new Installation(v, g, drop)
    installation.declare(valid(vpc('v', { profileRef: { name: 'nhn' } })))
    expect(installation.codes(drop)).toContain('ActionNotAllowed')
    installation.withdraw(keyOf(g))
    expect(installation.inForce(g)).toBe(g)
  })

  test('nhn: a group that is named goes, one that is in use stays', () => {
    const around = valid(vpc('v', { profileRef: { name: 'nhn' } }))
    const [named, used] = [valid(group('named', 'v')), valid(group('used', 'v'))]
    const installation = new Installation(
      around,
      named,
      used,
      naming('h', 'named'),
      valid(instance('i', 'v', ['used'])),
    )
    installation.withdraw(keyOf(named), keyOf(used))
    expect(installation.inForce(named)).toBeUndefined()
    expect(installation.inForce(used)).toBe(used)
  })
})
