import { expect, test } from 'vitest'
import { keyOf } from '../../../src/api/objects.ts'
import type { CompiledSelector } from '../../../src/policy/selector.ts'
import { group, instance, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const selected = (name: string, vpcName: string): ReturnType<typeof group> =>
  group(name, vpcName, { instanceSelector: { matchLabels: { app: 'web' } } })

test('groups that come together share what their selectors are compiled to, and later ones do not', () => {
  const place = new Installation(vpc('v'), vpc('w'), vpc('x'))
  const selectorOf = (name: string): CompiledSelector | undefined =>
    place.model.group(`SecurityGroup/default/${name}`)?.node.selector
  place.declare(selected('g', 'v'), selected('h', 'w'))
  place.model.drain()
  place.declare(selected('i', 'x'))
  expect(selectorOf('g')).toBeDefined()
  expect(selectorOf('h')).toBe(selectorOf('g'))
  expect(selectorOf('i')).not.toBe(selectorOf('g'))
})

test('the addresses of an accepted instance are in canonical text, in the order declared', () => {
  const dual = instance('i', 'v', [], { addresses: ['FD00:0::1', '10.0.0.1'] })
  const place = new Installation(vpc('v'), dual)
  expect(place.model.instanceRuleset(keyOf(dual))?.addresses).toEqual(['fd00::1', '10.0.0.1'])
})
