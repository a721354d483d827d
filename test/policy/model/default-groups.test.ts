import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../../src/api/objects.ts'
import type { DefaultGroup, SecurityGroup } from '../../../src/api/types.gen.ts'
import { mayReplaceDefault } from '../../../src/policy/model/default-groups.ts'
import { group, instance, plainProfile, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const KEY = 'SecurityGroup/default/v-default'

const profile = (one: Partial<DefaultGroup>, joins = true): PalisadeObject =>
  valid(
    plainProfile('own', {
      defaultGroups: [
        {
          name: 'default',
          create: 'WhenNeeded',
          ingress: [{ name: 'a', protocol: 'TCP', ports: [22] }],
          ...one,
        },
      ],
      instanceWithoutGroups: joins ? 'JoinDefault' : 'DenyAll',
    }),
  )

const v = valid(vpc('v', { profileRef: { name: 'own' } }))
const homeless = valid(instance('i', 'v', [], { addresses: ['10.0.0.1'] }))

const isThere = ({ model }: Installation): boolean => model.group(KEY) !== undefined
const isGenerated = ({ model }: Installation): boolean | undefined => model.group(KEY)?.node.generated

const sourcesOf = ({ model }: Installation, name = 'i'): readonly string[] =>
  (model.instanceRuleset(`Instance/default/${name}`)?.ruleSet.ingress ?? []).flatMap(({ sources }) => sources)

const OPEN = ['v-default/a', 'profile:own/implicit']
const CLOSED = ['profile:own/implicit']

describe('a default group that comes with its VPC', () => {
  test('is there without anybody in it, and marked as made', () => {
    const installation = new Installation(profile({ create: 'WithVPC' }), v)
    const object = installation.model.group(KEY)?.node.object
    expect(isGenerated(installation)).toBe(true)
    expect(object?.metadata.labels).toEqual({ 'palisade.dev/default': 'default' })
    expect(object?.spec.displayName).toBe('default')
  })

  test('goes with its VPC', () => {
    const installation = new Installation(profile({ create: 'WithVPC' }), v)
    installation.withdraw('VPC/default/v')
    expect(isThere(installation)).toBe(false)
  })

  test('follows the profile when that is edited, and goes when the profile has it no more', () => {
    const installation = new Installation(profile({ create: 'WithVPC' }), v, homeless)
    expect(sourcesOf(installation)).toEqual(OPEN)
    installation.declare(profile({ create: 'WithVPC', ingress: [] }))
    expect(sourcesOf(installation)).toEqual(CLOSED)
    installation.declare(valid(plainProfile('own')))
    expect(isThere(installation)).toBe(false)
  })
})

describe('a default group that comes when needed', () => {
  test('is not there while nobody needs it', () => {
    expect(isThere(new Installation(profile({}), v))).toBe(false)
  })

  test('comes with the first instance without groups and goes with the last', () => {
    const installation = new Installation(profile({}), v, homeless, valid(instance('j', 'v')))
    expect(sourcesOf(installation)).toEqual(OPEN)
    installation.withdraw('Instance/default/i')
    expect(isThere(installation)).toBe(true)
    installation.withdraw('Instance/default/j')
    expect(isThere(installation)).toBe(false)
  })

  test('goes when its member joins a group by name, though its own rule names it', () => {
    const self = profile({ ingress: [{ name: 'members', remote: { self: true } }] })
    const installation = new Installation(self, v, valid(group('g', 'v')), homeless)
    expect(isThere(installation)).toBe(true)
    installation.declare(valid(instance('i', 'v', ['g'])))
    expect(isThere(installation)).toBe(false)
  })

  test('comes when an instance names it', () => {
    const named = valid(instance('i', 'v', ['v-default']))
    const installation = new Installation(profile({}), v, named)
    expect(installation.codes(named)).toEqual([])
    expect(sourcesOf(installation)).toEqual(OPEN)
  })

  test('comes when a rule names it, a Drop rule too, and stands for its members', () => {
    const drops = valid(
      plainProfile('own', {
        rules: { actions: ['Allow', 'Drop'], priority: { min: 1, max: 9, default: 1 } },
        defaultGroups: [{ name: 'default', create: 'WhenNeeded' }],
        instanceWithoutGroups: 'JoinDefault',
      }),
    )
    const naming = valid(
      group('g', 'v', { ingress: [{ action: 'Drop', remote: { securityGroupRef: { name: 'v-default' } } }] }),
    )
    const installation = new Installation(drops, v, naming, valid(instance('m', 'v', ['g'])))
    expect(installation.codes(naming)).toEqual([])
    expect(installation.model.remote(KEY)).toEqual([])
    installation.declare(homeless)
    expect(installation.model.remote(KEY)).toEqual(['10.0.0.1/32'])
  })

  test('an instance that a group selects is not without groups', () => {
    const web = valid(instance({ name: 'i', labels: { role: 'web' } }, 'v'))
    const selecting = valid(group('g', 'v', { instanceSelector: { matchLabels: { role: 'web' } } }))
    const installation = new Installation(profile({}), v, selecting, web)
    expect(isThere(installation)).toBe(false)
    expect(sourcesOf(installation)).toEqual(CLOSED)
    installation.withdraw('SecurityGroup/default/g')
    expect(sourcesOf(installation)).toEqual(OPEN)
  })

  test('does not come for an instance that names another default group, which comes with it', () => {
    const two = valid(
      plainProfile('own', {
        defaultGroups: [
          { name: 'default', create: 'WhenNeeded' },
          { name: 'extra', create: 'WhenNeeded' },
        ],
        instanceWithoutGroups: 'JoinDefault',
      }),
    )
    const installation = new Installation(two, v, valid(instance('i', 'v', ['v-extra'])))
    expect(isThere(installation)).toBe(false)
    expect(installation.model.group('SecurityGroup/default/v-extra')).toBeDefined()
  })

  test('does not keep an instance from a group that selects it, though that is of another type', () => {
    const implicit = { ingress: 'Drop', egress: 'Drop' } as const
    const types = valid(
      plainProfile('own', {
        groupTypes: [
          { name: 'Basic', implicit, remotes: ['CIDR'] },
          { name: 'Other', implicit, remotes: ['CIDR'] },
        ],
        quotas: { groupsPerInstance: 1 },
        defaultGroups: [{ name: 'default', create: 'WhenNeeded', type: 'Other' }],
        instanceWithoutGroups: 'JoinDefault',
      }),
    )
    const installation = new Installation(types, v, homeless)
    const selecting = valid(group('g', 'v', { instanceSelector: {} }))
    installation.declare(selecting)
    expect(installation.codes(selecting)).toEqual([])
    expect(isThere(installation)).toBe(false)
  })

  test('nobody joins it where instances without groups are isolated', () => {
    const installation = new Installation(profile({}, false), v, homeless)
    expect(isThere(installation)).toBe(false)
    expect(sourcesOf(installation)).toEqual(CLOSED)
  })
})

describe('a declared group in the place of a default group', () => {
  const own = (ports: readonly number[]): SecurityGroup =>
    valid(group('v-default', 'v', { ingress: [{ name: 'own', protocol: 'TCP', ports: [...ports] }] }))

  test('replaces it where the profile lets it be edited', () => {
    const installation = new Installation(profile({ editable: true }), v, homeless, own([443]))
    expect(isGenerated(installation)).toBe(false)
    expect(sourcesOf(installation)).toEqual(['v-default/own', 'profile:own/implicit'])
  })

  test('also one that is there already, and its members stay', () => {
    const installation = new Installation(profile({ editable: true }), v, homeless)
    expect(sourcesOf(installation)).toEqual(OPEN)
    installation.declare(own([443]))
    expect(sourcesOf(installation)).toEqual(['v-default/own', 'profile:own/implicit'])
  })

  test('keeps it away while it is not accepted: to open what the default opens is no answer', () => {
    const wrong = valid(group('v-default', 'v', { type: 'NoSuchType' }))
    const installation = new Installation(profile({ editable: true }), v, homeless, wrong)
    expect(sourcesOf(installation)).toEqual(CLOSED)
    installation.withdraw(KEY)
    expect(sourcesOf(installation)).toEqual(OPEN)
  })

  describe('while it is not accepted, whoever would join it', () => {
    const wrong = valid(group('v-default', 'v', { type: 'NoSuchType' }))
    const selecting = valid(group('g', 'v', { instanceSelector: {} }))
    const editable = profile({ editable: true })

    test('says that it denies everything for that reason', () => {
      const installation = new Installation(editable, v, homeless)
      installation.declare(wrong)
      expect(installation.isAccepted(homeless)).toBe(true)
      expect(installation.findings(homeless)).toMatchObject([
        { code: 'SecurityGroupNotAccepted', refuses: false, path: ['spec', 'securityGroupRefs'] },
      ])
    })

    test.each<[string, (installation: Installation) => void]>([
      ['it is accepted', (installation) => installation.declare(own([443]))],
      ['it is declared no more', (installation) => installation.withdraw(KEY)],
      ['another group selects it', (installation) => installation.declare(selecting)],
      ['its profile has it join none', (installation) => installation.declare(profile({}, false))],
    ])('until %s', (_name, change) => {
      const installation = new Installation(editable, v, wrong, homeless)
      expect(installation.codes(homeless)).toEqual(['SecurityGroupNotAccepted'])
      change(installation)
      expect(installation.codes(homeless)).toEqual([])
    })

    test('says so once no group selects it any more', () => {
      const installation = new Installation(editable, v, selecting, wrong, homeless)
      expect(installation.codes(homeless)).toEqual([])
      installation.withdraw('SecurityGroup/default/g')
      expect(installation.codes(homeless)).toEqual(['SecurityGroupNotAccepted'])
    })
  })

  test('does not keep it away if it is of another VPC, where it is refused', () => {
    const foreign = valid(group('v-default', 'w'))
    const installation = new Installation(profile({ editable: true }), v, homeless, valid(vpc('w')), foreign)
    expect(installation.isAccepted(foreign)).toBe(false)
    expect(sourcesOf(installation)).toEqual(OPEN)
  })

  test('and the default one returns when it is deleted', () => {
    const installation = new Installation(profile({ editable: true }), v, homeless, own([443]))
    installation.withdraw(KEY)
    expect(isGenerated(installation)).toBe(true)
    expect(sourcesOf(installation)).toEqual(OPEN)
  })

  test('is refused where the profile does not', () => {
    const installation = new Installation(profile({}), v, homeless, own([443]))
    expect(installation.codes(own([443]))).toEqual(['DefaultGroupNotEditable'])
    expect(sourcesOf(installation)).toEqual(OPEN)
  })

  test('stays in force as it was accepted when a later version is refused', () => {
    const installation = new Installation(profile({ editable: true }), v, homeless, own([443]))
    installation.declare(valid(group('v-default', 'v', { type: 'NoSuchType' })))
    expect(sourcesOf(installation)).toEqual(['v-default/own', 'profile:own/implicit'])
  })
})

describe('two groups of one name would be one to the firewall', () => {
  const w = valid(vpc('w'))
  const foreign = valid(
    group('v-default', 'w', { ingress: [{ remote: { securityGroupRef: { name: 'v-default' } } }] }),
  )
  const stranger = valid(instance('j', 'w', ['v-default'], { addresses: ['10.9.9.9'] }))
  const self = profile({ create: 'WithVPC', ingress: [{ name: 'members', remote: { self: true } }] })

  test('so a group of another VPC cannot have the name of a default group', () => {
    const installation = new Installation(self, v, w, homeless, foreign)
    expect(installation.codes(foreign)).toEqual(['DefaultGroupNotEditable'])
    expect(installation.model.remote(KEY)).toEqual(['10.0.0.1/32'])
  })

  test('and where it has it first, the VPC does without its default group', () => {
    const installation = new Installation(w, foreign, stranger)
    installation.declare(self, v, homeless)
    expect(sourcesOf(installation)).toEqual(CLOSED)
    expect(installation.model.remote(KEY)).toEqual(['10.9.9.9/32'])
    installation.withdraw('Instance/default/j', KEY)
    expect(sourcesOf(installation)).toEqual(['v-default/members', 'profile:own/implicit'])
    expect(installation.model.remote(KEY)).toEqual(['10.0.0.1/32'])
  })

  test('and the name that a profile gives has no hyphen, so that it tells the VPC from the group', () => {
    const wrong = valid(plainProfile('own', { defaultGroups: [{ name: 'b-default', create: 'WithVPC' }] }))
    expect(new Installation(wrong).codes(wrong)).toEqual(['ProfileInconsistent'])
  })

  test('two namespaces each have their own', () => {
    const other = valid(vpc({ name: 'v', namespace: 'other' }, { profileRef: { name: 'own' } }))
    const there = valid(instance({ name: 'i', namespace: 'other' }, 'v', [], { addresses: ['10.0.0.2'] }))
    const installation = new Installation(self, v, other, homeless, there)
    expect(installation.model.remote(KEY)).toEqual(['10.0.0.1/32'])
    expect(installation.model.remote('SecurityGroup/other/v-default')).toEqual(['10.0.0.2/32'])
  })
})

test.each([
  ['v', 'v-default', true],
  ['v', 'v-eu-default', false],
  ['v-eu', 'v-eu-default', true],
  ['w', 'v-default', false],
])(
  'a group of VPC %s that is called %s may be meant for the default group of its VPC: %s',
  (vpcName, name, isMeant) => {
    expect(mayReplaceDefault(group(name, vpcName))).toBe(isMeant)
  },
)
