import { describe, expect, test } from 'vitest'
import { keyOf, type PalisadeObject } from '../../../src/api/objects.ts'
import type { EffectiveRule, SecurityGroup } from '../../../src/api/types.gen.ts'
import { addressGroup, group, instance, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const v = valid(vpc('v'))
const https = { protocol: 'TCP', ports: [443] }

const ingressOf = (installation: Installation, name = 'i'): readonly EffectiveRule[] =>
  installation.model.instanceRuleset(`Instance/default/${name}`)?.ruleSet.ingress ?? []

/** The rules of an instance down to the implicit one, shortly. */
const shortly = (installation: Installation, name = 'i'): string[] =>
  ingressOf(installation, name).map(({ action, ports, sources }) =>
    [action, ports?.join(',') ?? '*', sources.join('+')].join(' '),
  )

const CLOSED = ['Drop * profile:standard/implicit']

describe('what is not accepted changes nothing', () => {
  const first = valid(group('g', 'v', { ingress: [https] }))
  const member = valid(instance('i', 'v', ['g']))

  test('the last accepted version of a group stays in force', () => {
    const installation = new Installation(v, first, member)
    const wrong = valid(group('g', 'v', { ingress: [{ ...https, ports: [22], priority: 5000 }] }))
    installation.declare(wrong)
    expect(installation.isAccepted(wrong)).toBe(false)
    expect(installation.inForce(wrong)).toBe(first)
    expect(shortly(installation)).toEqual(['Allow 443 g/r0', ...CLOSED])
  })

  test('also one whose new version cannot be read at all', () => {
    const installation = new Installation(v, first, member)
    installation.spoil(keyOf(first))
    expect(installation.inForce(first)).toBe(first)
    expect(installation.isAccepted(first)).toBe(false)
    expect(shortly(installation)).toEqual(['Allow 443 g/r0', ...CLOSED])
  })

  test('a group that was never accepted opens nothing, and its members stay as they were', () => {
    const wrong = valid(group('g', 'v', { type: 'NoSuchType', ingress: [https] }))
    const installation = new Installation(v, wrong, member)
    expect(installation.codes(member)).toEqual(['SecurityGroupNotAccepted'])
    expect(installation.model.instanceRuleset('Instance/default/i')).toBeUndefined()
  })

  test('an instance that names a missing group keeps its own last version, and its rules', () => {
    const installation = new Installation(v, first, member)
    const wrong = valid(instance('i', 'v', ['g', 'missing']))
    installation.declare(wrong)
    expect(installation.codes(wrong)).toEqual(['SecurityGroupNotFound'])
    expect(installation.inForce(wrong)).toBe(member)
    expect(shortly(installation)).toEqual(['Allow 443 g/r0', ...CLOSED])
  })

  test('a version that is right again is in force again', () => {
    const installation = new Installation(v, first, member)
    installation.declare(valid(group('g', 'v', { type: 'NoSuchType' })))
    const right = valid(group('g', 'v', { ingress: [{ ...https, ports: [80] }] }))
    installation.declare(right)
    expect(installation.inForce(right)).toBe(right)
    expect(shortly(installation)).toEqual(['Allow 80 g/r0', ...CLOSED])
  })

  test('the profile of a VPC stays when the new one does not exist', () => {
    const installation = new Installation(v, first, member)
    installation.declare(valid(vpc('v', { profileRef: { name: 'nowhere' } })))
    expect(shortly(installation)).toEqual(['Allow 443 g/r0', ...CLOSED])
  })
})

describe('an Allow rule whose remote does not resolve contributes nothing', () => {
  const remotes: readonly [string, object][] = [
    ['a group', { securityGroupRef: { name: 'h' } }],
    ['an address group', { addressGroupRef: { name: 'h' } }],
  ]

  test.each(remotes)('%s that is not there', (_, remote) => {
    const partly = valid(group('g', 'v', { ingress: [https, { protocol: 'TCP', ports: [22], remote }] }))
    const installation = new Installation(v, partly, valid(instance('i', 'v', ['g'])))
    expect(installation.isAccepted(partly)).toBe(true)
    expect(installation.findings(partly).map(({ severity, refuses }) => [severity, refuses])).toEqual([
      ['error', false],
    ])
    expect(shortly(installation)).toEqual(['Allow 443 g/r0', ...CLOSED])
  })

  test('it counts as unresolved, and counts again once the remote is there', () => {
    const partly = valid(group('g', 'v', { ingress: [{ remote: { securityGroupRef: { name: 'h' } } }] }))
    const installation = new Installation(v, partly, valid(instance('i', 'v', ['g'])))
    const unresolved = (): number | undefined => {
      const found = installation.model.group(keyOf(partly))
      return found?.vpc.compiled(found.node).ingress.unresolved
    }
    expect(unresolved()).toBe(1)
    installation.declare(valid(group('h', 'v')))
    expect(unresolved()).toBe(0)
    expect(installation.codes(partly)).toEqual([])
    expect(shortly(installation)).toEqual(['Allow * g/r0', ...CLOSED])
  })

  test('a group of another VPC is no remote, whatever its members', () => {
    const foreign = [valid(vpc('w')), valid(group('h', 'w')), valid(instance('j', 'w', ['h']))]
    const wrong = valid(group('g', 'v', { ingress: [{ remote: { securityGroupRef: { name: 'h' } } }] }))
    const installation = new Installation(v, ...foreign, wrong, valid(instance('i', 'v', ['g'])))
    expect(installation.codes(wrong)).toEqual(['OtherVPC'])
    expect(shortly(installation)).toEqual(CLOSED)
  })
})

describe('a Drop rule whose remote does not resolve makes its group not accepted', () => {
  const dropFrom = (name: string, remote: string, extra: object[] = []): SecurityGroup =>
    valid(
      group(name, 'v', {
        ingress: [{ action: 'Drop', remote: { securityGroupRef: { name: remote } } }, ...extra],
      }),
    )

  test('for what it closes would be open', () => {
    const wrong = dropFrom('g', 'missing', [https])
    const installation = new Installation(v, wrong)
    expect(installation.codes(wrong)).toEqual(['SecurityGroupNotFound'])
    expect(installation.inForce(wrong)).toBeUndefined()
  })

  test('also where the list of addresses cannot be read', () => {
    const wrong = valid(
      group('g', 'v', { ingress: [{ action: 'Drop', remote: { addressGroupRef: { name: 'l' } } }] }),
    )
    const installation = new Installation(v)
    installation.spoil('AddressGroup/default/l')
    installation.declare(wrong)
    expect(installation.codes(wrong)).toEqual(['AddressGroupNotAccepted'])
    installation.declare(valid(addressGroup('l', ['192.0.2.0/24'])))
    expect(installation.isAccepted(wrong)).toBe(true)
  })

  test('two that name each other are accepted together', () => {
    const [a, b] = [dropFrom('a', 'b'), dropFrom('b', 'a')]
    const installation = new Installation(v, a, b)
    expect([a, b].flatMap((object) => installation.codes(object))).toEqual([])
    expect([a, b].every((object) => installation.isAccepted(object))).toBe(true)
  })

  test('so are three in a ring that come one by one, when the last is there', () => {
    const ring = [dropFrom('a', 'b'), dropFrom('b', 'c'), dropFrom('c', 'a')]
    const installation = new Installation(v)
    const accepted = (): boolean[] => ring.map((object) => installation.isAccepted(object))
    const steps = ring.map((object) => {
      installation.declare(object)
      return accepted()
    })
    expect(steps).toEqual([
      [false, false, false],
      [false, false, false],
      [true, true, true],
    ])
  })

  test('one of a ring that is refused for something else keeps all of them out', () => {
    const wrong = valid(
      group('b', 'v', {
        type: 'NoSuchType',
        ingress: [{ action: 'Drop', remote: { securityGroupRef: { name: 'a' } } }],
      }),
    )
    const installation = new Installation(v, dropFrom('a', 'b'), wrong)
    expect(installation.codes(dropFrom('a', 'b'))).toEqual(['SecurityGroupNotAccepted'])
    expect(installation.inForce(wrong)).toBeUndefined()
  })

  test('a ring for which there is not room enough stays out as a whole', () => {
    const [a, b] = [dropFrom('a', 'b'), dropFrom('b', 'a')]
    const installation = new Installation(valid(vpc('v', { limits: { securityGroups: 1 } })), a, b)
    expect(installation.inForce(a)).toBeUndefined()
    expect(installation.inForce(b)).toBeUndefined()
    expect(installation.codes(b)).toEqual(['QuotaExceeded'])
    installation.declare(valid(vpc('v', { limits: { securityGroups: 2 } })))
    expect(installation.isAccepted(a) && installation.isAccepted(b)).toBe(true)
  })
})

describe('what was in force before a restart', () => {
  const around: readonly PalisadeObject[] = [v, valid(group('g', 'v', { ingress: [https] }))]

  test('is in force again before anything is declared', () => {
    const before = new Installation(...around, valid(instance('i', 'v', ['g'])))
    const after = new Installation()
    const restored = [...before.model.objects()].reverse()
    after.acceptance.restore(restored)
    expect(shortly(after)).toEqual(shortly(before))
  })

  test('is not in force where what it needs is gone', () => {
    const after = new Installation()
    after.acceptance.restore([valid(group('g', 'nowhere')), valid(instance('i', 'nowhere'))])
    expect([...after.model.objects()].filter(({ kind }) => kind !== 'CloudProfile')).toEqual([])
  })
})
