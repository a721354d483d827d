import { describe, expect, test } from 'vitest'
import { group, instance, vpc } from '../reference/objects.ts'
import { Daemon } from './daemon.ts'

const NEWCOMER = 'Instance/default/web-1'
const around = [
  vpc('v'),
  group('open', 'v', { ingress: [{ protocol: 'TCP' }] }),
  instance({ name: 'web-1', labels: { role: 'web' } }, 'v', ['open']),
]

/** A new group with a typing error in its only rule, which drops. */
const misspelt = (selects: object): object => ({
  apiVersion: 'palisade.dev/v1alpha1',
  kind: 'SecurityGroup',
  metadata: { name: 'closes' },
  spec: {
    vpcRef: { name: 'v' },
    ingress: [{ name: 'ssh', action: 'Drp', protocol: 'TCP', ports: [22] }],
    ...selects,
  },
})

async function acceptedWith(...groups: readonly object[]): Promise<string | undefined> {
  const daemon = new Daemon()
  await daemon.declare({ 'around.yaml': around, 'groups.yaml': groups })
  return (await daemon.conditions(NEWCOMER))['ResolvedRefs']
}

describe('a newcomer waits for a group that selects it and is not even valid', () => {
  const selectors: readonly [string, object, boolean][] = [
    ['by labels that it has', { instanceSelector: { matchLabels: { role: 'web' } } }, true],
    ['by labels that it does not have', { instanceSelector: { matchLabels: { role: 'db' } } }, false],
    [
      'by an expression',
      { instanceSelector: { matchExpressions: [{ key: 'role', operator: 'Exists' }] } },
      true,
    ],
    ['by everything', { instanceSelector: {} }, true],
    ['by a selector that cannot be read', { instanceSelector: { matchLabels: { tier: 1 } } }, true],
    ['by a misspelt selector', { instanceSelector: { matchLabel: { role: 'db' } } }, true],
    [
      'by an unknown operator',
      { instanceSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
      true,
    ],
    [
      'in a VPC that cannot be read',
      { vpcRef: 'v', instanceSelector: { matchLabels: { role: 'web' } } },
      true,
    ],
    ['in another VPC', { vpcRef: { name: 'w' }, instanceSelector: {} }, false],
    ['by nothing', {}, false],
  ]

  test.each(selectors)('%s', async (_, selects, waits) => {
    expect(await acceptedWith(misspelt(selects))).toBe(waits ? 'False RefNotAccepted' : 'True RefsResolved')
  })

  test('also when two documents declare it, one of which selects it', async () => {
    const selecting = group('closes', 'v', { instanceSelector: { matchLabels: { role: 'web' } } })
    expect(await acceptedWith(group('closes', 'v'), selecting)).toBe('False RefNotAccepted')
    expect(await acceptedWith(group('closes', 'v'), group('closes', 'v'))).toBe('True RefsResolved')
  })

  test('and follows when what the group selects is edited while it is still wrong', async () => {
    const daemon = new Daemon()
    const byRole = (role: string): object => misspelt({ instanceSelector: { matchLabels: { role } } })
    await daemon.declare({ 'around.yaml': around, 'groups.yaml': [byRole('web')] })
    expect(await daemon.status(NEWCOMER)).not.toHaveProperty('status.effectiveRules')
    await daemon.declare({ 'groups.yaml': [byRole('db')] })
    expect(await daemon.status(NEWCOMER)).toHaveProperty('status.effectiveRules')
  })
})
