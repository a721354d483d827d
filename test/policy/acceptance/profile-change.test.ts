import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import type { CloudProfile, EffectiveRule } from '../../../src/api/types.gen.ts'
import { builtIn } from '../../reference/built-in.ts'
import { group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const inProfile = (name: string): PalisadeObject => valid(vpc('v', { profileRef: { name } }))
const member = valid(instance('i', 'v', ['g'], { addresses: ['10.0.0.1'] }))

const listOf = (installation: Installation, side: 'ingress' | 'egress'): readonly string[] => {
  const rules: readonly EffectiveRule[] =
    installation.model.instanceRuleset('Instance/default/i')?.ruleSet[side] ?? []
  return rules.map(({ action, protocol, sources }) => [action, protocol, sources.join('+')].join(' '))
}

describe('the profile of a VPC changes while it is in use', () => {
  test('everything in it is computed anew: initial rules, inner access, the implicit action', () => {
    const g = valid(group('g', 'v', { displayName: 'some-name' }))
    const installation = new Installation(inProfile('standard'), g, member)
    expect(listOf(installation, 'egress')).toEqual(['Drop All profile:standard/implicit'])

    installation.declare(inProfile('nhn'))
    expect(listOf(installation, 'egress')).toEqual([
      'Allow All g/initial/all-ipv4',
      'Allow All g/initial/all-ipv6',
      'Drop All profile:nhn/implicit',
    ])

    installation.declare(inProfile('alibaba'))
    expect(listOf(installation, 'egress')).toEqual([
      'Allow All g/innerAccess',
      'Allow All profile:alibaba/implicit',
    ])

    installation.declare(inProfile('standard'))
    expect(listOf(installation, 'egress')).toEqual(['Drop All profile:standard/implicit'])
  })

  test('what the new profile refuses is reported and stays as it was accepted', () => {
    const drop = valid(
      group('g', 'v', {
        displayName: 'some-name',
        ingress: [
          { action: 'Drop', protocol: 'TCP', priority: 1 },
          { protocol: 'TCP', priority: 2 },
        ],
      }),
    )
    const installation = new Installation(inProfile('standard'), drop, member)
    installation.declare(inProfile('jdcloud'))
    expect(installation.codes(drop)).toEqual(['ActionNotAllowed', 'PriorityNotAllowed', 'PriorityNotAllowed'])
    expect(installation.inForce(drop)).toBe(drop)
    // A profile without priorities has one: then Drop decides before Allow.
    expect(listOf(installation, 'ingress')).toEqual([
      'Drop TCP g/r0',
      'Allow TCP g/r1',
      'Drop All profile:jdcloud/implicit',
    ])
  })

  test('protocol 0 means what the profile in force says', () => {
    const zero = valid(group('g', 'v', { ingress: [{ protocol: 0 }] }))
    const installation = new Installation(inProfile('standard'), zero, member)
    expect(listOf(installation, 'ingress')[0]).toBe('Allow 0 g/r0')
    installation.declare(inProfile('nhn'))
    expect(listOf(installation, 'ingress')[0]).toBe('Allow All g/r0')
  })

  test('a group whose type the new profile does not have is closed beneath its rules', () => {
    const typed = valid(group('g', 'v', { type: 'Basic', ingress: [{ protocol: 'TCP' }] }))
    const other = valid(
      plainProfile('own', {
        groupTypes: [{ name: 'Only', implicit: { ingress: 'Allow', egress: 'Allow' }, remotes: ['CIDR'] }],
      }),
    )
    const installation = new Installation(other, inProfile('alibaba'), typed, member)
    installation.declare(inProfile('own'))
    expect(installation.codes(typed)).toEqual(['GroupTypeUnknown'])
    expect(listOf(installation, 'egress')).toEqual(['Drop All profile:own/implicit'])
    expect(listOf(installation, 'ingress')).toEqual(['Allow TCP g/r0', 'Drop All profile:own/implicit'])
  })

  test('an instance without groups is judged and placed anew', () => {
    const alone = valid(instance('i', 'v', [], { addresses: ['10.0.0.1'] }))
    const installation = new Installation(inProfile('standard'), alone)
    installation.declare(inProfile('jdcloud'))
    expect(installation.codes(alone)).toEqual(['NoGroups'])
    expect(listOf(installation, 'ingress')).toEqual(['Drop All profile:jdcloud/implicit'])
    installation.declare(inProfile('alibaba'))
    expect(installation.codes(alone)).toEqual([])
    expect(listOf(installation, 'ingress')).toContain('Allow TCP v-default/rdp')
  })
})

describe('a profile is edited while it is in use', () => {
  const closed = {
    groupTypes: [
      {
        name: 'Basic',
        remotes: ['CIDR' as const],
        implicit: { ingress: 'Drop' as const, egress: 'Drop' as const },
      },
    ],
  }

  test('its VPCs follow', () => {
    const g = valid(group('g', 'v'))
    const installation = new Installation(valid(plainProfile('own', closed)), inProfile('own'), g, member)
    installation.declare(
      valid(
        plainProfile('own', { ...closed, initialRules: { ingress: [{ name: 'all', protocol: 'ICMP' }] } }),
      ),
    )
    expect(listOf(installation, 'ingress')).toEqual([
      'Allow ICMP g/initial/all',
      'Drop All profile:own/implicit',
    ])
  })

  test('a group that says inner access Drop keeps it when its type has inner access no more', () => {
    const open = { ingress: 'Allow' as const, egress: 'Allow' as const }
    const type = { name: 'Basic', remotes: ['CIDR' as const], implicit: open }
    const innerAccess = { allowed: ['Accept' as const, 'Drop' as const], default: 'Accept' as const }
    const g = valid(group('g', 'v', { innerAccess: 'Drop' }))
    const before = valid(plainProfile('own', { groupTypes: [{ ...type, innerAccess }] }))
    const installation = new Installation(before, inProfile('own'), g, member)
    const rules = ['Drop All g/innerAccess', 'Allow All profile:own/implicit']
    expect(listOf(installation, 'ingress')).toEqual(rules)
    installation.declare(valid(plainProfile('own', { groupTypes: [type] })))
    expect(installation.codes(g)).toEqual(['InnerAccessNotAllowed'])
    expect(listOf(installation, 'ingress')).toEqual(rules)
  })

  test('a group whose template is gone drops all, also what a rule allows from before the priorities were raised', () => {
    const rules = (min: number): CloudProfile['spec']['rules'] => ({
      actions: ['Allow', 'Drop'],
      priority: { min, max: 100, default: 50 },
    })
    const templates = [{ name: 'Quiet', ingress: [{ name: 'a', action: 'Drop' as const, priority: 1 }] }]
    const guard = valid(group('g', 'v', { template: 'Quiet' }))
    const open = valid(group('h', 'v', { ingress: [{ protocol: 'TCP', priority: 5 }] }))
    const both = valid(instance('i', 'v', ['g', 'h'], { addresses: ['10.0.0.1'] }))
    const before = valid(plainProfile('own', { rules: rules(1), templates }))
    const installation = new Installation(before, inProfile('own'), guard, open, both)
    installation.declare(valid(plainProfile('own', { rules: rules(10) })))
    expect(listOf(installation, 'ingress')).toEqual([
      'Drop All g/template:Quiet',
      'Allow TCP h/r0',
      'Drop All profile:own/implicit',
    ])
  })

  test('an edit that contradicts itself changes nothing', () => {
    const g = valid(group('g', 'v'))
    const installation = new Installation(valid(plainProfile('own', closed)), inProfile('own'), g, member)
    const wrong = valid(
      plainProfile('own', { ...closed, initialRules: { ingress: [{ name: 'all', priority: 5 }] } }),
    )
    installation.declare(wrong)
    expect(installation.codes(wrong)).toEqual(['ProfileInconsistent'])
    expect(listOf(installation, 'ingress')).toEqual(['Drop All profile:own/implicit'])
  })

  test('a built-in profile can be declared anew by its name, and returns when that is taken back', () => {
    const g = valid(group('g', 'v'))
    const installation = new Installation(inProfile('standard'), g, member)
    const standard = builtIn('standard')
    const [type] = standard.spec.groupTypes
    if (type === undefined) throw new Error('never')
    const open: CloudProfile = {
      ...standard,
      spec: { ...standard.spec, groupTypes: [{ ...type, implicit: { ingress: 'Drop', egress: 'Allow' } }] },
    }
    installation.declare(valid(open))
    expect(listOf(installation, 'egress')).toEqual(['Allow All profile:standard/implicit'])
    installation.declare(standard)
    expect(listOf(installation, 'egress')).toEqual(['Drop All profile:standard/implicit'])
  })

  test.each([
    ['^[z-a]$', 'a range that ends before it begins'],
    ['^[\\p{NoSuchScript}]+$', 'a property that does not exist'],
    ['^[\\c]$', 'half an escape'],
  ])('a pattern that is none is found, not stumbled over: %s (%s)', (pattern) => {
    const places = [
      { names: { displayName: { pattern } } },
      { names: { description: { pattern } } },
      { rules: { actions: ['Allow' as const], description: { pattern } } },
    ]
    for (const place of places) {
      const wrong = valid(plainProfile('own', place))
      expect(new Installation(wrong).codes(wrong)).toEqual(['ProfileInconsistent'])
    }
  })
})
