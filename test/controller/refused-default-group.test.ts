import { describe, expect, test } from 'vitest'
import { restoredModel } from '../../src/cli/wiring.ts'
import { group, instance, plainProfile, vpc } from '../reference/objects.ts'
import { Daemon } from './daemon.ts'

const INSTANCE = 'Instance/default/web-1'

const portsOf = async (daemon: Daemon): Promise<readonly string[]> => {
  const ruleset = await daemon.firewall.read()
  return (ruleset.instances.get(INSTANCE)?.ruleSet.ingress ?? []).flatMap(({ ports }) => ports ?? [])
}

describe('a group that was never accepted keeps a default group away', () => {
  const home = plainProfile('open', {
    defaultGroups: [
      {
        name: 'default',
        create: 'WhenNeeded',
        editable: true,
        ingress: [{ name: 'ssh', protocol: 'TCP', ports: [22] }],
      },
    ],
    instanceWithoutGroups: 'JoinDefault',
  })
  const around = {
    'shop/profile.yaml': [home],
    'shop/vpc.yaml': [vpc('shop', { profileRef: { name: 'open' } })],
    'shop/instances.yaml': [instance('web-1', 'shop', [], { addresses: ['10.0.0.1'] })],
  }

  describe.each([
    ['valid and refused', group('shop-default', 'shop', { type: 'NoSuchType' })],
    ['not even valid', group('shop-default', 'shop', { ingress: [{ protocol: 'TCP', ports: [70_000] }] })],
  ])('%s', (_name, refused) => {
    async function closed(): Promise<Daemon> {
      const daemon = new Daemon()
      await daemon.declare({ ...around, 'shop/default.yaml': [refused] })
      expect(await portsOf(daemon)).toEqual([])
      return daemon
    }

    test('also after a restart that cannot see what is declared', async () => {
      const daemon = await closed()
      daemon.source.hide('shop')
      await daemon.restart()
      await daemon.turn()
      expect(await portsOf(daemon)).toEqual([])
      expect(daemon.model?.instance(INSTANCE)?.node.signature.groups).toEqual([])
      daemon.source.reveal('shop')
      await daemon.turn()
      expect(await portsOf(daemon)).toEqual([])
    })

    test('and comes after those that were there, though a default group had its name', async () => {
      const daemon = new Daemon()
      await daemon.declare(around)
      await daemon.declare({ 'shop/default.yaml': [refused] })
      const orders = new Map(
        [...(await daemon.store.readInventory()).entries].map(([key, { order }]) => [key, order]),
      )
      expect(orders.get('SecurityGroup/default/shop-default')).toBeGreaterThan(
        orders.get(INSTANCE) ?? Infinity,
      )
    })

    test('until nobody declares it any more, also after a restart', async () => {
      const daemon = await closed()
      daemon.source.remove('shop/default.yaml')
      await daemon.restart()
      expect(await portsOf(daemon)).toEqual(['22'])
    })
  })

  test('unless it is a group of another VPC, also after a restart that cannot see what is declared', async () => {
    const daemon = new Daemon()
    const stranger = group('shop-default', 'other', { type: 'NoSuchType' })
    await daemon.declare({ ...around, 'shop/other.yaml': [vpc('other')], 'shop/stranger.yaml': [stranger] })
    expect(await portsOf(daemon)).toEqual(['22'])
    daemon.source.hide('shop')
    const remembered = restoredModel(await daemon.store.readInventory())
    const { ruleSet } = remembered.instanceRuleset(INSTANCE) ?? {}
    expect(ruleSet?.ingress.flatMap(({ ports }) => ports ?? [])).toEqual(['22'])
    await daemon.restart()
    expect(await portsOf(daemon)).toEqual(['22'])
    expect(daemon.model?.instance(INSTANCE)?.node.signature.groups).toHaveLength(1)
  })
})
