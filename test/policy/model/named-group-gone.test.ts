import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import type { CloudProfileSpec } from '../../../src/api/types.gen.ts'
import { group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const inProfile = (name: string): PalisadeObject => valid(vpc('v', { profileRef: { name } }))

const profile = (name: string, spec: Partial<CloudProfileSpec> = {}): PalisadeObject =>
  valid(
    plainProfile(name, {
      rules: { actions: ['Allow', 'Drop'], priority: { min: 1, max: 100, default: 50 } },
      defaultGroups: [
        { name: 'default', create: 'WhenNeeded', ingress: [{ name: 'ssh', protocol: 'TCP', ports: [22] }] },
        {
          name: 'guard',
          create: 'WhenNeeded',
          editable: true,
          ingress: [{ name: 'quiet', action: 'Drop', priority: 1 }],
        },
      ],
      instanceWithoutGroups: 'JoinDefault',
      ...spec,
    }),
  )

const onlyDefault: Partial<CloudProfileSpec> = {
  defaultGroups: [
    { name: 'default', create: 'WhenNeeded', ingress: [{ name: 'ssh', protocol: 'TCP', ports: [22] }] },
  ],
}

const open = valid(group('open', 'v', { ingress: [{ protocol: 'TCP', ports: [80] }] }))
const guarded = valid(instance('i', 'v', ['open', 'v-guard'], { addresses: ['10.0.0.1'] }))
const alone = valid(instance('i', 'v', ['v-guard'], { addresses: ['10.0.0.1'] }))

const rulesOf = ({ model }: Installation): readonly string[] =>
  (model.instanceRuleset('Instance/default/i')?.ruleSet.ingress ?? []).flatMap(({ sources }) => sources)

const groupsOf = ({ model }: Installation): readonly string[] =>
  (model.instance('Instance/default/i')?.node.signature.groups ?? []).map(({ key }) => key)

describe('an instance in force names a group that is not there any more', () => {
  const member = (installation: Installation): readonly string[] | undefined =>
    installation.model.prefixes('SecurityGroup/default/open')

  test.each<[string, (installation: Installation) => void, string]>([
    [
      'the profile has it no more',
      (installation) => installation.declare(profile('own', onlyDefault)),
      'profile:own/implicit',
    ],
    [
      'its VPC moves to another profile',
      (installation) => installation.declare(profile('other', onlyDefault), inProfile('other')),
      'profile:other/implicit',
    ],
  ])('%s: nothing is open to it, whatever its other groups allow', (_name, change, implicit) => {
    const installation = new Installation(profile('own'), inProfile('own'), open, guarded)
    expect(rulesOf(installation)).toEqual(['v-guard/quiet', 'open/r0', 'profile:own/implicit'])
    change(installation)
    expect(rulesOf(installation)).toEqual([implicit])
    expect(installation.codes(guarded)).toEqual(['SecurityGroupNotFound'])
    // Rules elsewhere that are about the members of the other group still are about it.
    expect(groupsOf(installation)).toEqual(['SecurityGroup/default/open'])
    expect(member(installation)).toEqual(['10.0.0.1/32'])
  })

  test('it does not join the default group, as who names none does', () => {
    const installation = new Installation(profile('own'), inProfile('own'), alone)
    installation.declare(profile('own', onlyDefault))
    expect(rulesOf(installation)).toEqual(['profile:own/implicit'])
    expect(groupsOf(installation)).toEqual([])
    expect(installation.model.group('SecurityGroup/default/v-default')).toBeUndefined()
  })

  test('it has its rules again once the group is there', () => {
    const installation = new Installation(profile('own'), inProfile('own'), open, guarded)
    installation.declare(profile('own', onlyDefault))
    installation.declare(profile('own'))
    expect(rulesOf(installation)).toEqual(['v-guard/quiet', 'open/r0', 'profile:own/implicit'])
  })

  test('instances that have the same groups and lack none are not closed with it', () => {
    const other = valid(instance('j', 'v', ['open']))
    const installation = new Installation(profile('own'), inProfile('own'), open, guarded, other)
    installation.declare(profile('own', onlyDefault))
    const { ingress = [] } = installation.model.instanceRuleset('Instance/default/j')?.ruleSet ?? {}
    expect(ingress.flatMap(({ sources }) => sources)).toEqual(['open/r0', 'profile:own/implicit'])
    expect(rulesOf(installation)).toEqual(['profile:own/implicit'])
  })

  test('a deletion that cascades opens nothing either, until the instance names it no more', () => {
    const cascade = profile('own', { ...onlyDefault, deletion: { used: 'Cascade' } })
    const lock = valid(group('lock', 'v', { ingress: [{ action: 'Drop', priority: 1 }] }))
    const locked = valid(instance('i', 'v', ['open', 'lock']))
    const installation = new Installation(cascade, inProfile('own'), open, lock, locked)
    installation.withdraw('SecurityGroup/default/lock')
    expect(rulesOf(installation)).toEqual(['profile:own/implicit'])
    installation.declare(valid(instance('i', 'v', ['open'])))
    expect(rulesOf(installation)).toEqual(['open/r0', 'profile:own/implicit'])
  })
})
