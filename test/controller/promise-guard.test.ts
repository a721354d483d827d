import { describe, expect, test } from 'vitest'
import { API_VERSION } from '../../src/api/objects.ts'
import type { ObjectMeta, ReachabilityCheck, ReachabilityCheckSpec, Rule } from '../../src/api/types.gen.ts'
import { StoreError } from '../../src/store/store.ts'
import { addressGroup, group, instance, plainProfile, vpc, type Unnamed } from '../reference/objects.ts'
import { Daemon } from './daemon.ts'

const KEY = 'ReachabilityCheck/default/db-is-private'
const shop = vpc('shop', { cidrs: ['10.0.0.0/16'] })
const db1 = instance('db-1', 'shop', ['db'], { addresses: ['10.0.0.1'] })
const web1 = instance('web-1', 'shop', ['web'], { addresses: ['10.0.0.2'] })
const web2 = instance('web-2', 'shop', ['web'], { addresses: ['10.0.0.3'] })
const web = group('web', 'shop', { egress: [{}] })

const db = (...ingress: readonly Unnamed<Rule>[]): object => group('db', 'shop', { ingress })
const fromWeb: Unnamed<Rule> = {
  name: 'web',
  protocol: 'TCP',
  ports: [5432],
  remote: { securityGroupRef: { name: 'web' } },
}
const from = (cidr: string, name = 'open', more: Partial<Rule> = {}): Unnamed<Rule> => ({
  name,
  protocol: 'TCP',
  ports: [5432],
  remote: { cidr },
  ...more,
})

const check = (spec: Partial<ReachabilityCheckSpec> = {}, name = 'db-is-private'): ReachabilityCheck => ({
  apiVersion: API_VERSION,
  kind: 'ReachabilityCheck',
  metadata: { name },
  spec: {
    vpcRef: { name: 'shop' },
    from: { internet: true, except: ['203.0.113.0/24'] },
    to: { securityGroupRef: { name: 'db' } },
    expect: 'Denied',
    ...spec,
  },
})
const webReachesDb = check(
  {
    from: { instanceSelector: {} },
    to: { instances: ['db-1'] },
    protocol: 'TCP',
    ports: [5432],
    expect: 'Allowed',
  },
  'web-reaches-db',
)

/** A shop in which the check holds. */
async function shopWith(...checks: readonly object[]): Promise<Daemon> {
  const daemon = new Daemon()
  await daemon.declare({
    'shop.yaml': [shop, web, web1, db1],
    'db.yaml': [db(fromWeb)],
    'checks.yaml': checks,
  })
  return daemon
}

const codes = ({ findings }: Awaited<ReturnType<Daemon['turn']>>): readonly string[] =>
  findings.map(({ code }) => code)

const isBlocked = ({ blocked }: Awaited<ReturnType<Daemon['turn']>>): boolean => blocked !== undefined

async function sources(daemon: Daemon): Promise<readonly string[]> {
  const ingress = (await daemon.firewall.read()).instances.get('Instance/default/db-1')?.ruleSet.ingress
  return (ingress ?? []).flatMap((rule) => (rule.action === 'Allow' ? rule.sources : []))
}

describe('a check that blocks', () => {
  test('is never remembered as accepted, also where the inventory before it could not be written', async () => {
    const daemon = await shopWith(check())
    const write = daemon.store.writeInventory.bind(daemon.store)
    daemon.store.writeInventory = () => Promise.reject(new StoreError('the disk is full'))
    await expect(daemon.declare({ 'more.yaml': [web2] })).rejects.toThrow('the disk is full')
    const written: unknown[] = []
    daemon.store.writeInventory = (inventory) => {
      written.push(inventory.entries.get('SecurityGroup/default/db')?.accepted?.object.spec)
      return write(inventory)
    }
    expect(isBlocked(await daemon.declare({ 'db.yaml': [db(fromWeb, from('0.0.0.0/0'))] }))).toBe(true)
    expect(written.length).toBeGreaterThan(0)
    for (const spec of written) expect(spec).toMatchObject({ ingress: [{ name: 'web' }] })
  })

  test('says in status that it holds', async () => {
    const daemon = await shopWith(check())
    expect(await daemon.conditions(KEY)).toMatchObject({ Holds: 'True PromiseKept', Ready: 'True Ready' })
  })

  test('keeps out the whole change that would break it, and names connection and rule', async () => {
    const daemon = await shopWith(check())
    const before = await daemon.firewall.read()
    const turn = await daemon.declare({
      'db.yaml': [db(fromWeb, from('0.0.0.0/0'))],
      'more.yaml': [addressGroup('office', ['192.0.2.0/24'])],
    })
    expect(isBlocked(turn)).toBe(true)
    expect(turn.findings[0]).toMatchObject({
      code: 'ChangeBlocked',
      message:
        'ReachabilityCheck default/db-is-private: the change is not made, since it would break the check: 0.0.0.0 can reach db-1 (10.0.0.1) on TCP 5432: allowed by db/open',
      position: { file: 'checks.yaml' },
    })
    expect(await daemon.firewall.read()).toBe(before)
    expect(turn.plan).toEqual({ objects: [], instances: [], remotes: [] })
  })

  test('says of every object that waits why it does', async () => {
    const daemon = await shopWith(check())
    await daemon.declare({
      'db.yaml': [db(fromWeb, from('0.0.0.0/0'))],
      'more.yaml': [addressGroup('office', ['192.0.2.0/24'])],
      'shop.yaml': [shop, web, db1],
    })
    expect(await daemon.conditions('SecurityGroup/default/db')).toMatchObject({
      Accepted: 'False ChangeBlocked',
      Ready: 'False ChangeBlocked',
      Stalled: 'True ChangeBlocked',
    })
    expect(await daemon.message('SecurityGroup/default/db', 'Accepted')).toBe(
      'ReachabilityCheck default/db-is-private: the change is not made, since it would break the check: 0.0.0.0 can reach db-1 (10.0.0.1) on TCP 5432: allowed by db/open: take the change back, or change the check if what it says is no longer meant. The last accepted version stays in force.',
    )
    expect(await daemon.conditions('AddressGroup/default/office')).toMatchObject({
      Accepted: 'False ChangeBlocked',
    })
    expect(await daemon.message('AddressGroup/default/office', 'Accepted')).toContain(
      'Nothing of it is in force.',
    )
    expect(await daemon.conditions('Instance/default/web-1')).toMatchObject({
      Accepted: 'True Accepted',
      DeletionBlocked: 'True ChangeBlocked',
      Ready: 'False ChangeBlocked',
    })
    for (const untouched of ['VPC/default/shop', 'Instance/default/db-1', KEY]) {
      expect(await daemon.conditions(untouched)).toMatchObject({
        Accepted: 'True Accepted',
        Ready: 'True Ready',
      })
    }
  })

  test('lets go of what waited, and says so', async () => {
    const daemon = await shopWith(check())
    await daemon.declare({
      'db.yaml': [db(fromWeb, from('0.0.0.0/0'))],
      'more.yaml': [addressGroup('office', ['192.0.2.0/24'])],
      'shop.yaml': [shop, web, db1],
    })
    await daemon.declare({ 'db.yaml': [db(fromWeb)] })
    for (const key of ['SecurityGroup/default/db', 'AddressGroup/default/office']) {
      expect(await daemon.conditions(key)).toMatchObject({ Accepted: 'True Accepted', Ready: 'True Ready' })
    }
    expect(await daemon.status('Instance/default/web-1')).toBeUndefined()
  })

  test('does not hide what is wrong with an object itself', async () => {
    const daemon = await shopWith(check())
    const turn = await daemon.declare({
      'db.yaml': [db(fromWeb, from('0.0.0.0/0'))],
      'shop.yaml': [{ ...shop, spec: { cidrs: ['10.0.0.0/99'] } }, web, web1, db1],
    })
    expect(codes(turn)).toContain('RuleViolated')
    expect(await daemon.conditions('VPC/default/shop')).toMatchObject({ Accepted: 'False Invalid' })
  })

  test('asks nothing again while nothing changes', async () => {
    const daemon = await shopWith(check())
    const first = await daemon.declare({ 'db.yaml': [db(fromWeb, from('0.0.0.0/0'))] })
    const model = daemon.model
    const second = await daemon.turn()
    expect(second.blocked).toBe(first.blocked)
    expect(second.findings).toEqual(first.findings)
    expect(second.isIdle).toBe(true)
    expect(daemon.model).toBe(model)
  })

  test('lets the change through once its time has made it harmless', async () => {
    const daemon = await shopWith(check())
    const soon = from('0.0.0.0/0', 'open', { expires: '2026-01-02T04:00:00Z' })
    const end = Date.parse('2026-01-02T04:00:00Z')
    const turn = await daemon.declare({ 'db.yaml': [db(fromWeb, soon)] })
    expect([isBlocked(turn), turn.next]).toEqual([true, end])
    expect((await daemon.turn()).next).toBe(end)
    daemon.now = new Date(end)
    expect(isBlocked(await daemon.turn())).toBe(false)
  })

  test('lets the change through once it is mended, and remembers what came meanwhile', async () => {
    const daemon = await shopWith(check())
    await daemon.declare({ 'db.yaml': [db(fromWeb, from('0.0.0.0/0'))] })
    expect(isBlocked(await daemon.turn())).toBe(true)
    const turn = await daemon.declare({ 'db.yaml': [db(fromWeb, from('203.0.113.0/24'))] })
    expect([isBlocked(turn), turn.findings]).toEqual([false, []])
    expect(await sources(daemon)).toEqual(['db/open', 'db/web'])
  })

  test('keeps the last good state through a restart', async () => {
    const daemon = await shopWith(check())
    await daemon.declare({ 'db.yaml': [db(fromWeb, from('0.0.0.0/0'))] })
    expect(isBlocked(await daemon.restart())).toBe(true)
    expect(await sources(daemon)).toEqual(['db/web'])
  })

  test('sees a single address among all others', async () => {
    const daemon = await shopWith(check())
    expect(isBlocked(await daemon.declare({ 'db.yaml': [db(fromWeb, from('198.51.100.7/32'))] }))).toBe(true)
    expect(isBlocked(await daemon.declare({ 'db.yaml': [db(fromWeb, from('203.0.113.255/32'))] }))).toBe(
      false,
    )
  })

  test('lets nothing be applied on a first start where it would be broken', async () => {
    const daemon = new Daemon()
    const turn = await daemon.declare({ 'all.yaml': [shop, web, web1, db1, db(from('0.0.0.0/0')), check()] })
    expect(isBlocked(turn)).toBe(true)
    expect((await daemon.firewall.read()).instances.size).toBe(0)
  })

  test('keeps out an instance without the way that it promises', async () => {
    const daemon = await shopWith(webReachesDb)
    const lonely = instance('web-2', 'shop', [], { addresses: ['10.0.0.3'] })
    const turn = await daemon.declare({ 'more.yaml': [lonely] })
    expect(turn.findings[0]?.message).toContain(
      'web-2 (10.0.0.3) cannot reach db-1 (10.0.0.1) on TCP 5432: denied by profile:standard/implicit',
    )
  })

  test('keeps out a change that closes what it promises', async () => {
    const daemon = await shopWith(webReachesDb)
    expect(isBlocked(await daemon.declare({ 'db.yaml': [db()] }))).toBe(true)
    expect(await sources(daemon)).toEqual(['db/web'])
  })
})

describe('a check that blocks and names what is not there', () => {
  const misspelt = check({ to: { instances: ['db-2'] } })

  test('is kept out with the whole change: it would promise nothing', async () => {
    const daemon = await shopWith()
    const turn = await daemon.declare({ 'checks.yaml': [misspelt] })
    expect(turn.blocked?.checks).toEqual([KEY])
    expect(turn.findings[0]?.message).toBe(
      'ReachabilityCheck default/db-is-private: the change is not made, since the check names instance db-2, and there would be none in force, so nothing would be checked of it',
    )
    expect(isBlocked(await daemon.declare({ 'checks.yaml': [check()] }))).toBe(false)
  })

  test('keeps out the change that takes away what it names', async () => {
    const daemon = await shopWith(check({ to: { instances: ['db-1'] } }))
    const turn = await daemon.declare({ 'shop.yaml': [shop, web, web1] })
    expect([isBlocked(turn), await sources(daemon)]).toEqual([true, ['db/web']])
  })

  test('lets it go together with what it names', async () => {
    const daemon = await shopWith(check({ to: { instances: ['db-1'] } }))
    const turn = await daemon.declare({ 'shop.yaml': [shop, web, web1], 'checks.yaml': [] })
    expect(isBlocked(turn)).toBe(false)
  })

  test('comes in with what it names', async () => {
    const daemon = await shopWith()
    const db2 = instance('db-2', 'shop', ['db'], { addresses: ['10.0.0.3'] })
    expect(isBlocked(await daemon.declare({ 'checks.yaml': [misspelt], 'more.yaml': [db2] }))).toBe(false)
  })

  test('is not weakened by an edit that misspells', async () => {
    const daemon = await shopWith(check({ to: { instances: ['db-1'] } }))
    expect(isBlocked(await daemon.declare({ 'checks.yaml': [misspelt] }))).toBe(true)
    const open = await daemon.declare({ 'db.yaml': [db(fromWeb, from('0.0.0.0/0'))] })
    expect([isBlocked(open), await sources(daemon)]).toEqual([true, ['db/web']])
  })
})

describe('what a check keeps out', () => {
  test('is known as it was asked for', async () => {
    const daemon = await shopWith(check())
    const { blocked, plan } = await daemon.declare({ 'db.yaml': [db(fromWeb, from('0.0.0.0/0'))] })
    expect(plan.objects).toEqual([])
    expect(blocked?.plan.objects.map(({ action, key }) => [action, key])).toEqual([
      ['Change', 'SecurityGroup/default/db'],
    ])
    expect(blocked?.model.object('SecurityGroup/default/db')).toMatchObject({
      spec: { ingress: [{ name: 'web' }, { name: 'open' }] },
    })
  })
})

describe('a check that is broken by what is in force', () => {
  /** The database is open to two networks, and then somebody promises that it is not. */
  async function open(): Promise<Daemon> {
    const daemon = await shopWith()
    await daemon.declare({
      'db.yaml': [db(fromWeb, from('192.0.2.0/24', 'a'), from('198.51.100.0/24', 'b'))],
    })
    return daemon
  }

  test('comes into force and is reported: it undoes nothing', async () => {
    const daemon = await open()
    const turn = await daemon.declare({ 'checks.yaml': [check()] })
    expect([isBlocked(turn), codes(turn)]).toEqual([false, ['CheckBroken']])
    expect(await daemon.conditions(KEY)).toMatchObject({
      Accepted: 'True Accepted',
      Holds: 'False PromiseBroken',
      Ready: 'False PromiseBroken',
    })
  })

  test('lets through what repairs it in part, and what has nothing to do with it', async () => {
    const daemon = await open()
    await daemon.declare({ 'checks.yaml': [check()] })
    const part = await daemon.declare({ 'db.yaml': [db(fromWeb, from('192.0.2.0/24', 'a'))] })
    expect([isBlocked(part), codes(part)]).toEqual([false, ['CheckBroken']])
    const other = await daemon.declare({ 'more.yaml': [addressGroup('office', ['192.0.2.0/24'])] })
    expect(isBlocked(other)).toBe(false)
    const whole = await daemon.declare({ 'db.yaml': [db(fromWeb)] })
    expect([isBlocked(whole), codes(whole)]).toEqual([false, []])
    expect(await daemon.conditions(KEY)).toMatchObject({ Holds: 'True PromiseKept' })
  })

  test.each([
    ['another network', from('192.0.2.0/23', 'a')],
    ['another port', from('192.0.2.0/24', 'a', { ports: [5432, 5433] })],
    ['another network in its place', from('192.0.3.0/24', 'a')],
  ])('keeps out what makes it worse: %s', async (_, rule) => {
    const daemon = await open()
    await daemon.declare({ 'checks.yaml': [check()] })
    const turn = await daemon.declare({ 'db.yaml': [db(fromWeb, rule, from('198.51.100.0/24', 'b'))] })
    expect([isBlocked(turn), codes(turn)[0]]).toEqual([true, 'ChangeBlocked'])
  })

  test('keeps out a change that repairs it and breaks another', async () => {
    const daemon = await open()
    await daemon.declare({ 'checks.yaml': [check(), webReachesDb] })
    expect(isBlocked(await daemon.declare({ 'db.yaml': [db()] }))).toBe(true)
  })

  test('by time alone blocks nothing: what expires closes', async () => {
    const daemon = new Daemon()
    const until = { ...fromWeb, expires: '2026-02-01T00:00:00Z' }
    await daemon.declare({ 'all.yaml': [shop, web, web1, db1, db(until), webReachesDb] })
    daemon.now = new Date('2026-02-01T00:00:00Z')
    const turn = await daemon.turn()
    expect([isBlocked(turn), await sources(daemon)]).toEqual([false, []])
    expect(codes(turn)).toContain('CheckBroken')
  })
})

describe('a check that warns', () => {
  test('is reported as a warning and keeps nothing out', async () => {
    const daemon = await shopWith(check({ enforcement: 'Warn' }))
    const turn = await daemon.declare({ 'db.yaml': [db(fromWeb, from('0.0.0.0/0'))] })
    expect(isBlocked(turn)).toBe(false)
    expect(turn.findings).toMatchObject([{ code: 'CheckBroken', severity: 'warning' }])
    expect(await daemon.conditions(KEY)).toMatchObject({ Holds: 'False PromiseBroken' })
  })

  test('says what it names and is not there', async () => {
    const daemon = await shopWith(check({ enforcement: 'Warn', to: { instances: ['db-2'] } }))
    const turn = await daemon.turn()
    expect(turn.findings).toMatchObject([{ code: 'CheckIncomplete', severity: 'warning' }])
    expect(turn.findings[0]?.message).toContain('there is no instance db-2 in force')
    expect(await daemon.conditions(KEY)).toMatchObject({ Holds: 'False PromiseIncomplete' })
  })
})

describe('a change that is blocked in one namespace', () => {
  const other = <T extends { readonly metadata: ObjectMeta }>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, namespace: 'other' },
  })
  const otherShop = [other(shop), other(web), other(web1)]

  test('does not hold what is asked for in another', async () => {
    const daemon = await shopWith(check())
    const turn = await daemon.declare({
      'db.yaml': [db(fromWeb, from('0.0.0.0/0'))],
      'other.yaml': otherShop,
    })
    expect(turn.blocked?.plan.objects.map(({ key }) => key)).toEqual(['SecurityGroup/default/db'])
    expect(turn.plan.objects.map(({ key }) => key)).toEqual([
      'Instance/other/web-1',
      'SecurityGroup/other/web',
      'VPC/other/shop',
    ])
    expect((await daemon.firewall.read()).instances.has('Instance/other/web-1')).toBe(true)
    expect(await daemon.conditions('Instance/other/web-1')).toMatchObject({ Ready: 'True Ready' })
    expect(await sources(daemon)).toEqual(['db/web'])
  })

  test('goes on to be held while the other changes, and after a restart', async () => {
    const daemon = await shopWith(check())
    await daemon.declare({ 'db.yaml': [db(fromWeb, from('0.0.0.0/0'))], 'other.yaml': otherShop })
    const next = await daemon.declare({ 'other.yaml': [...otherShop, other(web2)] })
    expect(next.plan.objects.map(({ key }) => key)).toEqual(['Instance/other/web-2'])
    expect(isBlocked(await daemon.restart())).toBe(true)
    expect(await sources(daemon)).toEqual(['db/web'])
  })

  test('is held together with a profile, where that is what breaks the check', async () => {
    const lenient = (egress: 'Allow' | 'Drop'): object =>
      plainProfile('mine', {
        groupTypes: [{ name: 'Basic', implicit: { ingress: 'Drop', egress }, remotes: ['CIDR'] }],
      })
    const daemon = new Daemon()
    await daemon.declare({
      'profile.yaml': [lenient('Drop')],
      'cloud.yaml': [
        vpc('cloud', { cidrs: ['10.0.0.0/16'], profileRef: { name: 'mine' } }),
        group('quiet', 'cloud'),
        instance('web-1', 'cloud', ['quiet'], { addresses: ['10.0.0.2'] }),
        check(
          { vpcRef: { name: 'cloud' }, from: { instances: ['web-1'] }, to: { internet: true } },
          'stays-inside',
        ),
      ],
    })
    const key = 'ReachabilityCheck/default/stays-inside'
    expect(await daemon.conditions(key)).toMatchObject({ Ready: 'True Ready' })
    const turn = await daemon.declare({ 'profile.yaml': [lenient('Allow')], 'other.yaml': otherShop })
    expect(turn.blocked?.plan.objects.map((change) => change.key)).toEqual(['CloudProfile//mine'])
    expect(await daemon.conditions('CloudProfile//mine')).toMatchObject({ Accepted: 'False ChangeBlocked' })
    expect(await daemon.conditions('Instance/other/web-1')).toMatchObject({ Ready: 'True Ready' })
  })
})

describe('an instance that a server has let go, and that a check names', () => {
  const named = check({ to: { instances: ['db-1'] } })
  const inCluster = async (): Promise<Daemon> => {
    const daemon = new Daemon()
    daemon.isInCluster = true
    await daemon.declare({
      'shop.yaml': [shop, web, web1, db1],
      'db.yaml': [db(fromWeb)],
      'checks.yaml': [named],
    })
    return daemon
  }

  test('is gone, the check says so, and closing goes on', async () => {
    const daemon = await inCluster()
    const turn = await daemon.declare({ 'shop.yaml': [shop, web, web1] })
    expect([isBlocked(turn), codes(turn)]).toEqual([false, ['CheckIncomplete']])
    expect(await daemon.conditions(KEY)).toMatchObject({ Holds: 'False PromiseIncomplete' })
    expect((await daemon.firewall.read()).instances.has('Instance/default/db-1')).toBe(false)
    expect(isBlocked(await daemon.declare({ 'db.yaml': [db()] }))).toBe(false)
    expect(isBlocked(await daemon.restart())).toBe(false)
  })

  test('is gone as well where another change of the same look is held', async () => {
    const daemon = await inCluster()
    const both = [named, check({}, 'group-is-private')]
    const web3 = instance('web-3', 'shop', ['db'], { addresses: ['10.0.0.4'] })
    await daemon.declare({ 'checks.yaml': both, 'more.yaml': [web3] })
    const turn = await daemon.declare({
      'shop.yaml': [shop, web, web1],
      'db.yaml': [db(fromWeb, from('0.0.0.0/0'))],
    })
    expect(turn.blocked?.checks).toEqual(['ReachabilityCheck/default/group-is-private'])
    expect(await daemon.conditions(KEY)).toMatchObject({ Holds: 'False PromiseIncomplete' })
    expect((await daemon.firewall.read()).instances.has('Instance/default/db-1')).toBe(false)
    expect(await daemon.conditions('SecurityGroup/default/db')).toMatchObject({
      Accepted: 'False ChangeBlocked',
    })
    expect(isBlocked(await daemon.restart())).toBe(true)
  })
})
