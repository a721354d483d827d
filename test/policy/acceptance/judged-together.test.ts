import { describe, expect, test } from 'vitest'
import type { SecurityGroup } from '../../../src/api/types.gen.ts'
import { group, instance, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const v = valid(vpc('v', { profileRef: { name: 'alibaba' } }))
const typed = (name: string, type: 'Basic' | 'Enterprise'): SecurityGroup => valid(group(name, 'v', { type }))
const both = valid(instance('i', 'v', ['a', 'b'], { addresses: ['10.0.0.1'] }))
const started = (): Installation => new Installation(v, typed('a', 'Basic'), typed('b', 'Basic'), both)

describe('groups that share a member change their type', () => {
  test('together in one change', () => {
    const installation = started()
    const next = [typed('a', 'Enterprise'), typed('b', 'Enterprise')]
    installation.declare(...next)
    expect(next.map((object) => installation.isAccepted(object))).toEqual([true, true])
    expect(installation.isAccepted(both)).toBe(true)
    expect(installation.model.instanceRuleset('Instance/default/i')?.ruleSet.egress).toEqual([
      { action: 'Drop', protocol: 'All', remote: {}, sources: ['profile:alibaba/implicit'] },
    ])
  })

  test('one after the other: the first waits for the second', () => {
    const installation = started()
    const [a, b] = [typed('a', 'Enterprise'), typed('b', 'Enterprise')]
    installation.declare(a)
    expect(installation.codes(a)).toEqual(['GroupTypesMixed'])
    installation.declare(b)
    expect([a, b].map((object) => installation.isAccepted(object))).toEqual([true, true])
  })

  test('not one without the other', () => {
    const installation = started()
    const a = typed('a', 'Enterprise')
    const wrong = valid(group('b', 'v', { type: 'Enterprise', template: 'NoSuchTemplate' }))
    installation.declare(a, wrong)
    expect(installation.codes(a)).toEqual(['GroupTypesMixed'])
    expect(installation.codes(wrong)).toContain('TemplateUnknown')
    expect(installation.inForce(a)).toEqual(typed('a', 'Basic'))
  })

  test('not where a third of another type keeps one of them out', () => {
    const third = typed('c', 'Basic')
    const shared = valid(instance('j', 'v', ['b', 'c'], { addresses: ['10.0.0.2'] }))
    const installation = started()
    installation.declare(third, shared)
    const next = [typed('a', 'Enterprise'), typed('b', 'Enterprise')]
    installation.declare(...next)
    expect(next.map((object) => installation.isAccepted(object))).toEqual([false, false])
    installation.declare(typed('c', 'Enterprise'))
    expect(next.map((object) => installation.isAccepted(object))).toEqual([true, true])
  })
})
