import { describe, expect, test } from 'vitest'
import { keyOf } from '../../../src/api/objects.ts'
import type { LabelSelector, SecurityGroup } from '../../../src/api/types.gen.ts'
import { group, instance, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const v = valid(vpc('v', { profileRef: { name: 'jdcloud' } }))
const selecting = (instanceSelector: LabelSelector): SecurityGroup =>
  valid(group('g', 'v', { instanceSelector }))
const web = selecting({ matchLabels: { role: 'web' } })
const member = valid(instance({ name: 'i', labels: { role: 'web' } }, 'v', [], { addresses: ['10.0.0.1'] }))

describe('a member whose last group goes, where a profile takes no instance without groups, says so', () => {
  test('when the group selects somebody else', () => {
    const installation = new Installation(v, web, member)
    expect(installation.isAccepted(member)).toBe(true)
    installation.declare(selecting({ matchLabels: { role: 'db' } }))
    expect(installation.codes(member)).toEqual(['NoGroups'])
    installation.declare(web)
    expect(installation.codes(member)).toEqual([])
  })

  test('when the group is deleted', () => {
    const installation = new Installation(v, web, member)
    installation.withdraw(keyOf(web))
    expect(installation.codes(member)).toEqual(['NoGroups'])
    expect(installation.inForce(member)).toBe(member)
    expect(installation.model.instanceRuleset(keyOf(member))?.ruleSet.ingress).toMatchObject([
      { action: 'Drop' },
    ])
  })

  test('not when another group still selects it', () => {
    const other = valid(group('h', 'v', { instanceSelector: {} }))
    const installation = new Installation(v, web, other, member)
    installation.withdraw(keyOf(web))
    expect(installation.codes(member)).toEqual([])
  })
})
