import { describe, expect, test } from 'vitest'
import type { PalisadeObject } from '../../src/api/objects.ts'
import { isEmptyPlan } from '../../src/controller/plan.ts'
import { addressGroup, group, instance, plainProfile, vpc } from '../reference/objects.ts'
import { Daemon } from './daemon.ts'
import { fileOf, RecordedEngine } from './recorded-engine.ts'

const shop = vpc('shop')
const limited = vpc('shop', { limits: { securityGroups: 2 } })
const g = (name: string): PalisadeObject => group(name, 'shop')

const inForce = (daemon: Daemon, ...names: readonly string[]): Promise<readonly string[]> =>
  Promise.all(
    names.map(async (name) => {
      const conditions = await daemon.conditions(`SecurityGroup/default/${name}`)
      return conditions['Accepted'] === 'True Accepted' ? [name] : []
    }),
  ).then((lists) => lists.flat())

describe('the order of acceptance', () => {
  test('is by name among those that come together, whatever file they are in', async () => {
    const daemon = new Daemon()
    await daemon.declare({ 'z.yaml': [g('a'), limited], 'a.yaml': [g('c'), g('b')] })
    expect(await inForce(daemon, 'a', 'b', 'c')).toEqual(['a', 'b'])
  })

  test('is remembered through restarts and edits', async () => {
    const daemon = new Daemon()
    await daemon.declare({ '1.yaml': [limited, g('z')] })
    await daemon.declare({ '2.yaml': [g('y'), g('x')] })
    await daemon.declare({ '3.yaml': [g('a')] })
    expect(await inForce(daemon, 'a', 'x', 'y', 'z')).toEqual(['x', 'z'])
    await daemon.restart()
    await daemon.declare({ '2.yaml': [group('y', 'shop', { description: 'edited' }), g('x')] })
    expect(await inForce(daemon, 'a', 'x', 'y', 'z')).toEqual(['x', 'z'])
    await daemon.declare({ '1.yaml': [limited] })
    // y has waited longer than a, whatever has been edited since.
    expect(await inForce(daemon, 'a', 'x', 'y', 'z')).toEqual(['x', 'y'])
  })

  test('is kept by an object that cannot be read for a while', async () => {
    const daemon = new Daemon()
    await daemon.declare({ '1.yaml': [limited, g('y'), g('z')] })
    await daemon.declare({ '2.yaml': [g('w')] })
    await daemon.declare({ '3.yaml': [g('a')] })
    daemon.source.spoil('2.yaml')
    await daemon.turn()
    await daemon.restart()
    await daemon.declare({ '1.yaml': [limited, g('y')], '2.yaml': [g('w')] })
    expect(await inForce(daemon, 'a', 'w', 'y')).toEqual(['w', 'y'])
  })

  test('begins anew for an object that was deleted and comes back', async () => {
    const daemon = new Daemon()
    await daemon.declare({ '1.yaml': [limited, g('y'), g('z')], '2.yaml': [g('zz')] })
    await daemon.declare({ '1.yaml': [limited, g('y')] })
    await daemon.declare({ '1.yaml': [limited, g('y'), g('z')] })
    expect(await inForce(daemon, 'y', 'z', 'zz')).toEqual(['y', 'zz'])
  })
})

describe('a deletion that is blocked', () => {
  const members = Array.from({ length: 12 }, (_, index) => instance(`i${String(index)}`, 'shop', ['web']))

  async function blocked(): Promise<Daemon> {
    const daemon = new Daemon()
    await daemon.declare({ 'web.yaml': [g('web')], 'rest.yaml': [shop, ...members] })
    daemon.source.remove('web.yaml')
    await daemon.turn()
    return daemon
  }

  test('is a condition that names ten of those in the way and counts the rest', async () => {
    const daemon = await blocked()
    expect(await daemon.conditions('SecurityGroup/default/web')).toMatchObject({
      Accepted: 'True Accepted',
      DeletionBlocked: 'True InUse',
      Ready: 'False InUse',
    })
    expect(await daemon.message('SecurityGroup/default/web', 'DeletionBlocked')).toMatch(
      /^SecurityGroup default\/web was deleted and stays in force, since Instance default\/i0, .* and 2 more still need it\.$/,
    )
  })

  test('is a finding of every turn, until it is no more', async () => {
    const daemon = await blocked()
    const codes = async (): Promise<readonly string[]> =>
      (await daemon.turn()).findings.map(({ code }) => code)
    expect(await codes()).toEqual(['DeletionBlocked'])
    await daemon.declare({
      'rest.yaml': [shop, ...members.map(({ metadata }) => instance(metadata.name, 'shop'))],
    })
    expect(await codes()).toEqual([])
    expect(await daemon.status('SecurityGroup/default/web')).toBeUndefined()
  })

  test('outlives a restart', async () => {
    const daemon = await blocked()
    const before = await daemon.bytes()
    expect(isEmptyPlan((await daemon.restart()).plan)).toBe(true)
    expect(await daemon.bytes()).toEqual(before)
  })
})

describe('groups that palisade makes', () => {
  const network = vpc('shop', { profileRef: { name: 'alibaba' } })
  const key = 'SecurityGroup/default/shop-default'

  test('have a status of their own while they are there, and none when they go', async () => {
    const daemon = new Daemon()
    await daemon.declare({
      'vpc.yaml': [network],
      'i.yaml': [instance('i', 'shop', [], { addresses: ['10.0.0.1'] })],
    })
    expect((await daemon.status(key))?.status).toMatchObject({
      memberCount: 1,
      members: [{ name: 'i', addresses: ['10.0.0.1'] }],
      rules: { ingress: 3, egress: 0, total: 3, unresolved: 0 },
    })
    expect(await daemon.conditions(key)).toMatchObject({ Ready: 'True Ready' })
    daemon.source.remove('i.yaml')
    await daemon.turn()
    expect(await daemon.status(key)).toBeUndefined()
  })

  test('are not deleted by a source that has never declared them', async () => {
    const daemon = new Daemon()
    await daemon.declare({ 'all.yaml': [network, instance('i', 'shop')] })
    const before = await daemon.bytes()
    await daemon.restart()
    expect(await daemon.bytes()).toEqual(before)
  })

  test('give way to a declared one, and come back when that goes', async () => {
    const daemon = new Daemon()
    const own = group('shop-default', 'shop', { ingress: [] })
    await daemon.declare({ 'all.yaml': [network, instance('i', 'shop')] })
    await daemon.declare({ 'own.yaml': [own] })
    expect((await daemon.status(key))?.metadata.labels).toBeUndefined()
    expect((await daemon.status(key))?.status).toMatchObject({ memberCount: 1, rules: { ingress: 0 } })
    daemon.source.remove('own.yaml')
    await daemon.turn()
    expect((await daemon.status(key))?.metadata.labels).toEqual({ 'palisade.dev/default': 'default' })
    expect((await daemon.status(key))?.status).toMatchObject({ memberCount: 1, rules: { ingress: 3 } })
  })
})

describe('a plan', () => {
  const engineWith = (...objects: readonly PalisadeObject[]): RecordedEngine => {
    const engine = new RecordedEngine()
    engine.reconcile([fileOf('all.yaml', objects)])
    return engine
  }
  const web = (port: number): PalisadeObject =>
    group('web', 'shop', { ingress: [{ name: 'in', protocol: 'TCP', ports: [port] }] })
  const members = ['a', 'b'].map((name, index) =>
    instance(name, 'shop', ['web'], { addresses: [`10.0.0.${String(index)}`] }),
  )

  test('of a first look creates everything, alike instances together', () => {
    const engine = new RecordedEngine()
    const { plan } = engine.reconcile([fileOf('all.yaml', [shop, web(80), ...members])])
    expect(plan.objects.map(({ action, key }) => `${action} ${key}`)).toEqual([
      'Create Instance/default/a',
      'Create Instance/default/b',
      'Create SecurityGroup/default/web',
      'Create VPC/default/shop',
    ])
    expect(plan.instances).toHaveLength(1)
    expect(plan.instances[0]).toMatchObject({
      action: 'Create',
      instances: ['Instance/default/a', 'Instance/default/b'],
    })
  })

  test('names the fields that change, and the rules that come and go', () => {
    const engine = engineWith(shop, web(80), ...members)
    const { plan } = engine.reconcile([fileOf('all.yaml', [shop, web(443), ...members])])
    expect(plan.objects).toEqual([
      { action: 'Change', key: 'SecurityGroup/default/web', fields: ['spec.ingress.in.ports'] },
    ])
    expect(plan.instances).toHaveLength(1)
    expect(
      plan.instances[0]?.rules.map(({ action, direction, rule }) => [action, direction, rule.ports]),
    ).toEqual([
      ['Remove', 'Ingress', ['80']],
      ['Add', 'Ingress', ['443']],
    ])
  })

  test('of the same again is empty', () => {
    const engine = engineWith(shop, web(80), ...members)
    expect(isEmptyPlan(engine.reconcile([fileOf('other.yaml', [...members, web(80), shop])]).plan)).toBe(true)
  })

  test('says which addresses come to stand behind a group that rules name', () => {
    const open = group('open', 'shop', { ingress: [{ remote: { securityGroupRef: { name: 'web' } } }] })
    const watching = instance('w', 'shop', ['open'])
    const [a, b] = members
    if (a === undefined || b === undefined) throw new Error('never')
    const engine = engineWith(shop, web(80), open, watching, a)
    const { plan } = engine.reconcile([fileOf('all.yaml', [shop, web(80), open, watching, b])])
    expect(plan.remotes).toEqual([
      { remote: 'SecurityGroup/default/web', added: ['10.0.0.1/32'], removed: ['10.0.0.0/32'] },
    ])
  })

  test('deletes with the rules that go', () => {
    const engine = engineWith(shop, web(80), ...members)
    const { plan } = engine.reconcile([fileOf('all.yaml', [shop, web(80), ...members.slice(1)])])
    expect(plan.objects).toEqual([{ action: 'Delete', key: 'Instance/default/a', fields: [] }])
    expect(plan.instances[0]).toMatchObject({ action: 'Delete', instances: ['Instance/default/a'] })
    expect(plan.instances[0]?.rules.every(({ action }) => action === 'Remove')).toBe(true)
  })

  test('does not speak of the built-in profiles', () => {
    expect(isEmptyPlan(new RecordedEngine().reconcile([]).plan)).toBe(true)
  })
})

describe('the whole of a VPC', () => {
  test('goes in one change, and nothing of it stays in the firewall', () => {
    const engine = new RecordedEngine()
    const self = group('web', 'shop', { ingress: [{ remote: { securityGroupRef: { name: 'web' } } }] })
    const listed = group('app', 'shop', { ingress: [{ remote: { addressGroupRef: { name: 'l' } } }] })
    const list = addressGroup('l', ['192.0.2.0/24'])
    const all = [shop, self, listed, instance('i', 'shop', ['web', 'app'], { addresses: ['10.0.0.1'] })]
    engine.reconcile([fileOf('all.yaml', [list, ...all])])
    expect(engine.ruleset.remotes.size).toBe(2)
    engine.reconcile([fileOf('all.yaml', [list])])
    expect(engine.ruleset).toEqual({ instances: new Map(), remotes: new Map() })
    engine.restart()
    expect(isEmptyPlan(engine.reconcile().plan)).toBe(true)
  })
})

describe('namespaces', () => {
  test('keep groups, lists and instances of one name apart', () => {
    const inSpace = (namespace: string, address: string): PalisadeObject[] => [
      vpc({ name: 'shop', namespace }),
      addressGroup({ name: 'l', namespace }, [address]),
      group({ name: 'web', namespace }, 'shop', {
        ingress: [{ remote: { addressGroupRef: { name: 'l' } } }],
      }),
      instance({ name: 'i', namespace }, 'shop', ['web']),
    ]
    const engine = new RecordedEngine()
    engine.reconcile([fileOf('all.yaml', [...inSpace('one', '192.0.2.1'), ...inSpace('two', '192.0.2.2')])])
    expect(engine.ruleset.remotes.get('AddressGroup/one/l')).toEqual(['192.0.2.1/32'])
    expect(engine.ruleset.remotes.get('AddressGroup/two/l')).toEqual(['192.0.2.2/32'])
    for (const [namespace, address] of [
      ['one', '192.0.2.1/32'],
      ['two', '192.0.2.2/32'],
    ]) {
      const object = engine.statuses.get(`Instance/${String(namespace)}/i`)
      const rules = object?.kind === 'Instance' ? object.status?.effectiveRules : undefined
      expect(rules?.ingress[0]?.remote).toEqual({ addressGroup: 'l', addresses: [address] })
    }
  })
})

describe('a profile of the user', () => {
  test('takes the place of a built-in one of its name and gives it back', async () => {
    const daemon = new Daemon()
    const open = plainProfile('standard', {
      groupTypes: [{ name: 'Basic', implicit: { ingress: 'Allow', egress: 'Allow' }, remotes: ['CIDR'] }],
    })
    await daemon.declare({ 'shop.yaml': [shop, g('web'), instance('i', 'shop', ['web'])] })
    const verdict = async (): Promise<string | undefined> =>
      (await daemon.firewall.read()).instances.get('Instance/default/i')?.ruleSet.ingress[0]?.action
    expect(await verdict()).toBe('Drop')
    await daemon.declare({ 'profile.yaml': [open] })
    expect(await verdict()).toBe('Allow')
    daemon.source.remove('profile.yaml')
    await daemon.turn()
    expect(await verdict()).toBe('Drop')
  })
})
