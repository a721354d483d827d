import { expect, test } from 'vitest'
import { changeLine } from '../../../src/cli/live/change-line.ts'
import type { ObjectChange, Plan } from '../../../src/controller/plan.ts'

const nothing: Plan = { objects: [], instances: [], remotes: [] }

const changed = (name: string, fields: readonly string[] = []): ObjectChange => ({
  action: 'Change',
  key: `SecurityGroup/default/${name}`,
  fields,
})

test('a change that reaches no instance says so', () => {
  expect(changeLine({ ...nothing, objects: [changed('web', ['spec.description'])] })).toBe(
    'SecurityGroup default/web changed (spec.description): no rules differ',
  )
})

test('the first three of many objects are named', () => {
  const objects = ['a', 'b', 'c', 'd', 'e'].map((name) => changed(name))
  expect(changeLine({ ...nothing, objects })).toBe(
    'SecurityGroup default/a changed, SecurityGroup default/b changed, SecurityGroup default/c changed and 2 more: no rules differ',
  )
})

test('what no object explains is a repair', () => {
  const instances = [
    {
      action: 'Create' as const,
      instances: ['Instance/default/web-1', 'Instance/default/web-2'],
      rules: [
        {
          action: 'Add' as const,
          direction: 'Ingress' as const,
          rule: { action: 'Drop' as const, protocol: 'All', remote: {}, sources: ['x'] },
        },
      ],
    },
  ]
  expect(changeLine({ ...nothing, instances })).toBe('rules programmed anew: 2 instances, +1 -0 rules')
})

test('addresses that come and go are counted', () => {
  const remotes = [{ remote: 'AddressGroup/default/office', added: ['10.0.0.0/8'], removed: [] }]
  const objects: readonly ObjectChange[] = [
    { action: 'Change', key: 'AddressGroup/default/office', fields: ['spec.cidrs'] },
  ]
  expect(changeLine({ objects, instances: [], remotes })).toBe(
    'AddressGroup default/office changed (spec.cidrs): AddressGroup default/office +1 -0 addresses',
  )
})

test('a field with a name of any sort drives no terminal', () => {
  expect(changeLine({ ...nothing, objects: [changed('web', ['metadata.labels["\x1b[2J"]'])] })).not.toMatch(
    /\p{Cc}/u,
  )
})
