import { describe, expect, test } from 'vitest'
import { keyOf } from '../../../src/api/objects.ts'
import type { LabelSelector, SecurityGroup } from '../../../src/api/types.gen.ts'
import { group, instance, valid, vpc } from '../../reference/objects.ts'
import { Installation } from '../installation.ts'

const v = valid(vpc('v'))
const web = { matchLabels: { role: 'web' } }
const open = valid(group('open', 'v', { ingress: [{ protocol: 'TCP' }] }))
const closes = (priority: number, instanceSelector: LabelSelector = web): SecurityGroup =>
  valid(
    group('closes', 'v', {
      instanceSelector,
      ingress: [{ action: 'Drop', protocol: 'TCP', ports: [22], priority }],
    }),
  )
const right = closes(1)
const wrong = closes(5000)
const web1 = valid(instance({ name: 'web-1', labels: { role: 'web' } }, 'v', ['open']))

const rulesOf = ({ model }: Installation, name: string): readonly string[] | undefined =>
  model
    .instanceRuleset(`Instance/default/${name}`)
    ?.ruleSet.ingress.map(({ action, ports, sources }) => [action, ...(ports ?? []), ...sources].join(' '))

describe('a newcomer that a group selects which is not accepted', () => {
  test('has no rules: without that group it would be more open than declared', () => {
    const installation = new Installation(v, open, wrong, web1)
    expect(installation.codes(web1)).toEqual(['SecurityGroupNotAccepted'])
    expect(installation.findings(web1)[0]).toMatchObject({
      message:
        'Instance default/web-1: metadata.labels: SecurityGroup default/closes selects them, and is not accepted',
      hint: 'correct SecurityGroup default/closes first, or change the labels',
    })
    expect(rulesOf(installation, 'web-1')).toBeUndefined()
  })

  test('is in force as soon as the group is right, or gone, or selects somebody else', () => {
    for (const mend of [
      (installation: Installation) => installation.declare(right),
      (installation: Installation) => installation.withdraw(keyOf(wrong)),
      (installation: Installation) => installation.declare(closes(5000, { matchLabels: { role: 'db' } })),
    ]) {
      const installation = new Installation(v, open, wrong, web1)
      mend(installation)
      expect(installation.codes(web1)).toEqual([])
      expect(installation.isAccepted(web1)).toBe(true)
    }
  })

  test('it does not join the default group instead', () => {
    const network = valid(vpc('v', { profileRef: { name: 'alibaba' } }))
    const held = valid(
      group('held', 'v', {
        instanceSelector: web,
        ingress: [{ protocol: 'TCP', ports: [443], remote: { cidr: '192.0.2.0/24' }, priority: 101 }],
      }),
    )
    const newcomer = valid(
      instance({ name: 'web-1', labels: { role: 'web' } }, 'v', [], { addresses: ['10.0.0.1'] }),
    )
    const installation = new Installation(network, held, newcomer)
    expect(rulesOf(installation, 'web-1')).toBeUndefined()
    expect(installation.codes(newcomer)).toEqual(['SecurityGroupNotAccepted'])
  })

  test('one that the group does not select is not concerned', () => {
    const db1 = valid(instance({ name: 'db-1', labels: { role: 'db' } }, 'v', ['open']))
    const elsewhere = valid(instance({ name: 'web-2', labels: { role: 'web' } }, 'w'))
    const installation = new Installation(v, valid(vpc('w')), open, wrong, db1, elsewhere)
    expect(installation.isAccepted(db1)).toBe(true)
    expect(installation.isAccepted(elsewhere)).toBe(true)
  })

  test('one that runs goes on as it was, and a new version of it waits', () => {
    const installation = new Installation(v, open, web1)
    installation.declare(wrong)
    expect(installation.isAccepted(web1)).toBe(true)
    expect(rulesOf(installation, 'web-1')).toEqual(['Allow open/r0', 'Drop profile:standard/implicit'])
    const next = valid(instance({ name: 'web-1', labels: { role: 'web', tier: 'a' } }, 'v', ['open']))
    installation.declare(next)
    expect(installation.inForce(next)).toBe(web1)
    expect(installation.codes(next)).toEqual(['SecurityGroupNotAccepted'])
  })

  test('a group in force selects with its last accepted version, and its refused one holds back the rest', () => {
    const installation = new Installation(v, open, right)
    installation.declare(
      closes(5000, { matchExpressions: [{ key: 'role', operator: 'In', values: ['web', 'api'] }] }),
    )
    const api1 = valid(instance({ name: 'api-1', labels: { role: 'api' } }, 'v', ['open']))
    installation.declare(web1, api1)
    expect(rulesOf(installation, 'web-1')?.[0]).toBe('Drop 22 closes/r0')
    expect(installation.codes(api1)).toEqual(['SecurityGroupNotAccepted'])
    expect(rulesOf(installation, 'api-1')).toBeUndefined()
  })
})

describe('under a quota, a group and an instance that wait for each other', () => {
  const place = valid(vpc('v', { limits: { groupsPerInstance: 1 } }))
  const old = valid(group('old', 'v'))
  const next = valid(group('next', 'v', { instanceSelector: web }))
  const named = valid(instance({ name: 'web-1', labels: { role: 'web' } }, 'v', ['old']))
  const moved = valid(instance({ name: 'web-1', labels: { role: 'web' } }, 'v', []))

  test('come into force together', () => {
    const installation = new Installation(place, old, named)
    installation.declare(next, moved)
    expect(installation.isAccepted(moved) && installation.isAccepted(next)).toBe(true)
  })

  test('come into force in two steps as well: first the instance leaves, then the group comes', () => {
    const installation = new Installation(place, old, named)
    installation.declare(moved)
    installation.declare(next)
    expect(installation.isAccepted(moved) && installation.isAccepted(next)).toBe(true)
  })
})
