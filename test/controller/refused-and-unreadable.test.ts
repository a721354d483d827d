import { describe, expect, test } from 'vitest'
import { group, instance, vpc } from '../reference/objects.ts'
import { Daemon } from './daemon.ts'

const NEWCOMER = 'Instance/default/web-1'
const LOCK = 'SecurityGroup/default/lock'
const UNREADABLE = 'lock: ['

const around = [vpc('v'), group('open', 'v', { instanceSelector: {}, ingress: [{ protocol: 'TCP' }] })]
const newcomer = instance({ name: 'web-1', labels: { role: 'web' } }, 'v', [], { addresses: ['10.0.0.1'] })
const byRole = { instanceSelector: { matchLabels: { role: 'web' } } }
const drop = { name: 'ssh', protocol: 'TCP', ports: [22], action: 'Drop' } as const
const refused = group('lock', 'v', { ...byRole, type: 'NoSuchType', ingress: [drop] })
const invalid = group('lock', 'v', { ...byRole, ingress: [{ ...drop, ports: [70_000] }] })

/** The file of the group is unreadable as the process starts again, and somebody new is declared. */
async function restarted(daemon: Daemon): Promise<Daemon> {
  daemon.source.write('lock.yaml', UNREADABLE)
  await daemon.restart()
  await daemon.declare({ 'newcomer.yaml': [newcomer] })
  return daemon
}

describe('what was refused before a restart and cannot be read after it', () => {
  const histories: readonly [string, readonly (readonly object[])[]][] = [
    ['that was never accepted', [[refused]]],
    ['that was never valid', [[invalid]]],
    ['whose edit was refused', [[group('lock', 'v')], [refused]]],
    ['whose edit is not valid', [[group('lock', 'v')], [invalid]]],
    ['that two documents declare', [[refused, group('lock', 'v')]]],
  ]

  test.each(histories)('a newcomer waits for a group %s', async (_, versions) => {
    const daemon = new Daemon()
    await daemon.declare({ 'around.yaml': around })
    for (const objects of versions) await daemon.declare({ 'lock.yaml': objects })
    await restarted(daemon)
    expect((await daemon.conditions(NEWCOMER))['ResolvedRefs']).toBe('False RefNotAccepted')
    await daemon.restart()
    expect(daemon.model?.object(NEWCOMER)).toBeUndefined()
  })

  test.each([
    ['is right', [group('lock', 'v', { ...byRole, ingress: [drop] })]],
    ['selects nobody', [group('lock', 'v', { type: 'NoSuchType' })]],
    ['is not declared any more', []],
  ])('and waits no longer once it %s', async (_, objects) => {
    const daemon = new Daemon()
    await daemon.declare({ 'around.yaml': around, 'lock.yaml': [refused] })
    await restarted(daemon)
    await daemon.declare({ 'lock.yaml': objects })
    expect((await daemon.conditions(NEWCOMER))['Accepted']).toBe('True Accepted')
    daemon.source.write('lock.yaml', UNREADABLE)
    await daemon.restart()
    expect((await daemon.conditions(NEWCOMER))['Accepted']).toBe('True Accepted')
  })

  test('has the status that it has without a restart, and nothing is written anew', async () => {
    const [once, again] = [new Daemon(), new Daemon()]
    for (const daemon of [once, again]) {
      await daemon.declare({ 'around.yaml': around, 'lock.yaml': [refused] })
      daemon.source.write('lock.yaml', UNREADABLE)
    }
    await once.turn()
    await again.restart()
    expect(await again.status(LOCK)).toEqual(await once.status(LOCK))
    expect(await again.message(LOCK, 'Accepted')).toContain('cannot be read')
    expect((await again.turn()).isIdle).toBe(true)
  })

  test('comes into force when what it lacked is there', async () => {
    const daemon = new Daemon()
    const lacking = group('lock', 'v', {
      ...byRole,
      ingress: [{ ...drop, remote: { addressGroupRef: { name: 'office' } } }],
    })
    await daemon.declare({ 'around.yaml': around, 'lock.yaml': [lacking] })
    await restarted(daemon)
    expect(daemon.model?.object(NEWCOMER)).toBeUndefined()
    const office = {
      apiVersion: 'palisade.dev/v1alpha1',
      kind: 'AddressGroup',
      metadata: { name: 'office' },
      spec: { cidrs: ['192.0.2.0/24'] },
    }
    await daemon.declare({ 'office.yaml': [office] })
    expect(daemon.model?.instance(NEWCOMER)?.node.signature.groups.map(({ key }) => key)).toContain(LOCK)
  })
})
