import { describe, expect, test } from 'vitest'
import { isEmptyChange } from '../../src/controller/desired.ts'
import { isEmptyPlan } from '../../src/controller/plan.ts'
import { StoreError } from '../../src/store/store.ts'
import { addressGroup, group, instance, plainProfile, vpc } from '../reference/objects.ts'
import { Daemon, yamlOf } from './daemon.ts'

const GROUP = 'SecurityGroup/default/web'
const INSTANCE_APP = 'Instance/default/app-1'
const INSTANCE = 'Instance/default/web-1'

const shop = vpc('shop')
const web = (port: number): object => group('web', 'shop', { ingress: [{ protocol: 'TCP', ports: [port] }] })
const member = instance('web-1', 'shop', ['web'], { addresses: ['10.0.0.1'] })

const SHOP = { 'shop/vpc.yaml': [shop], 'shop/web.yaml': [web(443)], 'shop/instances.yaml': [member] }

async function running(): Promise<Daemon> {
  const daemon = new Daemon()
  await daemon.declare(SHOP)
  return daemon
}

const portsOf = async (daemon: Daemon): Promise<readonly string[]> => {
  const ruleset = await daemon.firewall.read()
  return (ruleset.instances.get(INSTANCE)?.ruleSet.ingress ?? []).flatMap(({ ports }) => ports ?? [])
}

describe('the last accepted version stays in force', () => {
  test('and status says which: enforced is older than declared', async () => {
    const daemon = await running()
    await daemon.declare({ 'shop/web.yaml': [group('web', 'shop', { type: 'NoSuchType' })] })
    const object = await daemon.status(GROUP)
    expect(object?.metadata.generation).toBe(2)
    expect(object?.status).toMatchObject({ observedGeneration: 2, enforced: { generation: 1 } })
    expect(await daemon.conditions(GROUP)).toEqual({
      Accepted: 'False NotSupported',
      ResolvedRefs: 'True RefsResolved',
      Ready: 'False NotSupported',
      Stalled: 'True NotSupported',
    })
    expect(await daemon.message(GROUP, 'Accepted')).toMatch(
      /^SecurityGroup default\/web: spec\.type: .*use one of Basic.* The last accepted version stays in force\.$/,
    )
    expect(await portsOf(daemon)).toEqual(['443'])
  })

  test('also after a restart', async () => {
    const daemon = await running()
    await daemon.declare({ 'shop/web.yaml': [group('web', 'shop', { type: 'NoSuchType' })] })
    const before = await daemon.bytes()
    const { change } = await daemon.restart()
    expect(isEmptyChange(change)).toBe(true)
    expect(await daemon.bytes()).toEqual(before)
    expect(await portsOf(daemon)).toEqual(['443'])
  })

  test('of an object that breaks the schema', async () => {
    const daemon = await running()
    daemon.source.write('shop/web.yaml', yamlOf(web(70_000)))
    const { findings } = await daemon.turn()
    expect(findings.map(({ severity }) => severity)).toContain('error')
    expect(await daemon.conditions(GROUP)).toMatchObject({ Accepted: 'False Invalid' })
    expect(await portsOf(daemon)).toEqual(['443'])
  })

  test('what cannot change does not: the VPC of a group', async () => {
    const daemon = await running()
    await daemon.declare({ 'shop/vpc.yaml': [shop, vpc('other')], 'shop/web.yaml': [group('web', 'other')] })
    expect(await daemon.conditions(GROUP)).toMatchObject({ Accepted: 'False Invalid' })
    expect(await portsOf(daemon)).toEqual(['443'])
  })
})

describe('a file that cannot be read keeps what it last gave', () => {
  const hurt: Readonly<Record<string, (daemon: Daemon) => void>> = {
    'a file': (daemon) => {
      daemon.source.spoil('shop/web.yaml')
    },
    'the folder it is in': (daemon) => {
      daemon.source.hide('shop')
    },
    'a file that was emptied, as a shell does before a program writes there': (daemon) => {
      daemon.source.write('shop/web.yaml', '')
    },
    'a file that ends in the middle of a document': (daemon) => {
      daemon.source.write('shop/web.yaml', '{"apiVersion": "palisade.dev/v1alpha1", "kind":')
    },
    'a file whose kind is misspelt': (daemon) => {
      daemon.source.write('shop/web.yaml', yamlOf(web(443)).replace('SecurityGroup', 'SecurityGruop'))
    },
    'a file whose object lost its name': (daemon) => {
      daemon.source.write('shop/web.yaml', yamlOf({ ...web(443), metadata: {} }))
    },
  }

  test.each(Object.entries(hurt))('%s', async (_, damage) => {
    const daemon = await running()
    damage(daemon)
    const { change, findings, heldBack } = await daemon.turn()
    expect(isEmptyChange(change)).toBe(true)
    expect(heldBack).toEqual([])
    expect(findings).not.toEqual([])
    expect(await daemon.conditions(GROUP)).toMatchObject({ Accepted: 'Unknown Unreadable' })
    expect(await portsOf(daemon)).toEqual(['443'])
  })

  test.each(Object.entries(hurt))('%s, and a process that starts now', async (_, damage) => {
    const daemon = await running()
    damage(daemon)
    await daemon.turn()
    const before = await daemon.bytes()
    const { change } = await daemon.restart()
    expect(isEmptyChange(change)).toBe(true)
    expect(await daemon.bytes()).toEqual(before)
    expect(await portsOf(daemon)).toEqual(['443'])
  })

  test('a file that is half written, of which only a beginning can be read', async () => {
    const daemon = await running()
    daemon.source.write('shop/web.yaml', yamlOf(web(443)).split('spec:')[0] ?? '')
    const { change } = await daemon.turn()
    expect(isEmptyChange(change)).toBe(true)
    expect(await daemon.conditions(GROUP)).toMatchObject({ Accepted: 'False Invalid' })
    expect(await portsOf(daemon)).toEqual(['443'])
  })

  test('and is itself again once it can be read', async () => {
    const daemon = await running()
    const before = await daemon.bytes()
    daemon.source.spoil('shop/web.yaml')
    await daemon.turn()
    await daemon.restart()
    await daemon.declare(SHOP)
    expect(await daemon.bytes()).toEqual(before)
  })

  test('what it declared and was refused keeps its generation', async () => {
    const daemon = await running()
    const wrong = [group('web', 'shop', { type: 'NoSuchType' })]
    await daemon.declare({ 'shop/web.yaml': wrong })
    const before = await daemon.bytes()
    daemon.source.spoil('shop/web.yaml')
    await daemon.restart()
    await daemon.declare({ 'shop/web.yaml': wrong })
    expect(await daemon.bytes()).toEqual(before)
  })

  test('what another file declares now is no longer kept for it', async () => {
    const daemon = await running()
    daemon.source.spoil('shop/web.yaml')
    await daemon.declare({ 'shop/moved.yaml': [web(80)] })
    expect(await daemon.conditions(GROUP)).toMatchObject({ Accepted: 'True Accepted' })
    expect(await portsOf(daemon)).toEqual(['80'])
  })

  test('the other objects of an incomplete file are taken as they are', async () => {
    const daemon = new Daemon()
    await daemon.declare({ 'all.yaml': [shop, web(443), member] })
    const broken = yamlOf(shop, web(80), member).replace('kind: Instance', 'kind: Instanse')
    daemon.source.write('all.yaml', broken)
    await daemon.turn()
    expect(await portsOf(daemon)).toEqual(['80'])
    expect(await daemon.conditions(INSTANCE)).toMatchObject({ Accepted: 'Unknown Unreadable' })
  })

  test('a file that is gone is gone', async () => {
    const daemon = await running()
    daemon.source.spoil('shop/instances.yaml')
    await daemon.turn()
    daemon.source.remove('shop/instances.yaml')
    await daemon.turn()
    expect(await daemon.status(INSTANCE)).toBeUndefined()
    expect((await daemon.firewall.read()).instances.size).toBe(0)
  })
})

describe('an object that two documents declare', () => {
  test('is declared by neither; both are named, and what was in force stays', async () => {
    const daemon = await running()
    const { findings } = await daemon.declare({ 'shop/more.yaml': [web(22)] })
    const found = findings.filter(({ code }) => code === 'DuplicateObject')
    expect(found.map(({ position }) => position?.file).sort()).toEqual(['shop/more.yaml', 'shop/web.yaml'])
    for (const { message } of found) {
      expect(message).toMatch(/shop\/web\.yaml:\d+.*shop\/more\.yaml:\d+|shop\/more/)
    }
    expect(await daemon.conditions(GROUP)).toMatchObject({ Accepted: 'False Invalid' })
    expect(await portsOf(daemon)).toEqual(['443'])
  })

  test('is not in force at all where it never was', async () => {
    const daemon = new Daemon()
    await daemon.declare({ ...SHOP, 'shop/more.yaml': [web(22)] })
    expect((await daemon.firewall.read()).instances.size).toBe(0)
  })

  test('is what the remaining one says once the other is gone', async () => {
    const daemon = await running()
    await daemon.declare({ 'shop/more.yaml': [web(22)] })
    daemon.source.remove('shop/web.yaml')
    await daemon.turn()
    expect(await portsOf(daemon)).toEqual(['22'])
  })

  test('in one file too', async () => {
    const daemon = await running()
    await daemon.declare({ 'shop/web.yaml': [web(443), web(22)] })
    expect(await daemon.conditions(GROUP)).toMatchObject({ Accepted: 'False Invalid' })
    expect(await portsOf(daemon)).toEqual(['443'])
  })
})

describe('a firewall that refuses a change', () => {
  const attached = instance('web-1', 'shop', ['web'], {
    addresses: ['10.0.0.1'],
    attachment: { nodeName: 'host-a', interface: 'pal1' },
  })

  test('is said in the status of the instance, until it takes it', async () => {
    const daemon = await running()
    daemon.firewall.failNext('the kernel is full')
    const { refusal } = await daemon.declare({ 'shop/web.yaml': [web(80)] })
    expect(refusal).toBe('the kernel is full')
    expect(await daemon.conditions(INSTANCE)).toMatchObject({
      Accepted: 'True Accepted',
      Programmed: 'False ApplyFailed',
      Ready: 'False ApplyFailed',
      Reconciling: 'True ApplyFailed',
    })
    expect(await portsOf(daemon)).toEqual(['443'])

    const retry = await daemon.turn()
    expect(retry.refusal).toBeUndefined()
    expect(await portsOf(daemon)).toEqual(['80'])
    expect(await daemon.conditions(INSTANCE)).toMatchObject({
      Programmed: 'True NotEnforced',
      Ready: 'True Ready',
    })
  })

  test('also where it keeps no more than the former members of a group that rules name', async () => {
    const daemon = new Daemon()
    const open = group('web', 'shop', { ingress: [{ remote: { securityGroupRef: { name: 'db' } } }] })
    const db = instance('db-1', 'shop', ['db'], { addresses: ['10.0.0.9'] })
    const other = [group('db', 'shop'), vpc('spare'), group('x', 'spare'), group('y', 'spare')]
    await daemon.declare({ 'shop.yaml': [shop, open, attached, ...other], 'db.yaml': [db] })
    expect(await daemon.conditions(INSTANCE)).toMatchObject({ Programmed: 'True Programmed' })

    daemon.source.remove('db.yaml')
    daemon.firewall.failNext('the kernel is full')
    await daemon.turn()
    expect((await daemon.firewall.read()).remotes.get('SecurityGroup/default/db')).toEqual(['10.0.0.9/32'])
    expect(await daemon.conditions(INSTANCE)).toMatchObject({ Programmed: 'False ApplyFailed' })

    await daemon.turn()
    expect((await daemon.firewall.read()).remotes.get('SecurityGroup/default/db')).toEqual([])
    expect(await daemon.conditions(INSTANCE)).toMatchObject({ Programmed: 'True Programmed' })
  })

  test('leaves the instances that the change was not about as they are', async () => {
    const daemon = await running()
    const other = [group('app', 'shop'), instance('app-1', 'shop', ['app'])]
    await daemon.declare({ 'shop/app.yaml': other })
    daemon.firewall.failNext('the kernel is full')
    await daemon.declare({ 'shop/web.yaml': [web(80)] })
    expect(await daemon.conditions('Instance/default/app-1')).toMatchObject({
      Programmed: 'True NotEnforced',
    })
  })

  test('for some instances is said of those, and all others have what they should', async () => {
    const daemon = await running()
    const app = instance('app-1', 'shop', ['web'], { addresses: ['10.0.0.2'] })
    await daemon.declare({ 'shop/app.yaml': [app] })
    daemon.firewall.failNext('one interface is enslaved', new Map([[INSTANCE, 'its interface is enslaved']]))
    expect((await daemon.declare({ 'shop/web.yaml': [web(80)] })).refusal).toBe('one interface is enslaved')
    expect(await daemon.conditions(INSTANCE)).toMatchObject({ Programmed: 'False ApplyFailed' })
    expect(await daemon.message(INSTANCE, 'Programmed')).toBe('its interface is enslaved')
    expect(await daemon.conditions('Instance/default/app-1')).toMatchObject({
      Programmed: 'True NotEnforced',
    })
    expect(await portsOf(daemon)).toEqual(['443'])

    const { change } = await daemon.turn()
    expect(change.put.map((one) => one.instance)).toEqual([INSTANCE])
    expect(await portsOf(daemon)).toEqual(['80'])
    expect(await daemon.conditions(INSTANCE)).toMatchObject({ Programmed: 'True NotEnforced' })
  })

  test.each([
    ['for itself', new Map([[INSTANCE_APP, 'its interface is enslaved']])],
    ['with all', undefined],
  ])('and is deleted, the firewall is told: it might take it when it can (refused %s)', async (_, faults) => {
    const daemon = await running()
    const app = instance('app-1', 'shop', ['web'], { addresses: ['10.0.0.2'] })
    daemon.firewall.failNext('no', faults)
    await daemon.declare({ 'shop/app.yaml': [app] })
    daemon.source.remove('shop/app.yaml')
    expect((await daemon.turn()).change.remove).toEqual([INSTANCE_APP])
    expect((await daemon.turn()).change.remove).toEqual([])
  })

  test('or loses what it held, without any change, is said of whom that concerns', async () => {
    const daemon = await running()
    daemon.firewall.loseNext('the namespace is gone', new Map([[INSTANCE, 'its namespace is gone']]))
    expect((await daemon.turn()).refusal).toBe('the namespace is gone')
    expect(await daemon.conditions(INSTANCE)).toMatchObject({ Programmed: 'False ApplyFailed' })
    await daemon.turn()
    expect(await daemon.conditions(INSTANCE)).toMatchObject({ Programmed: 'True NotEnforced' })
  })

  test('is not asked about instances of other nodes, which it cannot speak for', async () => {
    const daemon = new Daemon()
    daemon.node = 'host-b'
    await daemon.declare({ 'shop.yaml': [shop, web(80), attached] })
    expect(await daemon.conditions(INSTANCE)).toEqual({
      Accepted: 'True Accepted',
      ResolvedRefs: 'True RefsResolved',
      Programmed: 'Unknown OtherNode',
      Ready: 'Unknown OtherNode',
    })
    expect(await daemon.message(INSTANCE, 'Programmed')).toBe(
      'The instance is attached to node host-a; here, on host-b, its rules are computed and not enforced.',
    )
  })

  test('is asked again after a restart', async () => {
    const daemon = await running()
    daemon.firewall.failNext('the kernel is full')
    await daemon.declare({ 'shop/web.yaml': [web(80)] })
    await daemon.restart()
    expect(await portsOf(daemon)).toEqual(['80'])
    expect(await daemon.conditions(INSTANCE)).toMatchObject({ Programmed: 'True NotEnforced' })
  })
})

describe('what was lost outside is put right by the next process', () => {
  test('statuses that were deleted come back as they were', async () => {
    const daemon = await running()
    const before = await daemon.bytes()
    daemon.now = new Date('2027-01-01T00:00:00Z')
    await daemon.store.writeStatus([], [GROUP, INSTANCE])
    const { plan } = await daemon.restart()
    expect(isEmptyPlan(plan)).toBe(true)
    expect(await daemon.bytes()).toEqual(before)
  })

  test('statuses of what nobody knows go', async () => {
    const daemon = await running()
    const before = await daemon.bytes()
    const stray = { ...addressGroup('stray', ['192.0.2.0/24']), status: {} }
    await daemon.store.writeStatus([stray], [])
    await daemon.restart()
    expect(await daemon.bytes()).toEqual(before)
  })

  test('rules that somebody changed in the firewall are programmed again', async () => {
    const daemon = await running()
    const before = await daemon.firewall.read()
    daemon.firewall.tamper({ instances: new Map(), remotes: new Map([['SecurityGroup/x/y', ['0.0.0.0/0']]]) })
    await daemon.restart()
    expect(await daemon.firewall.read()).toEqual(before)
  })
})

describe('an object between two files', () => {
  const steps: Readonly<Record<string, (daemon: Daemon) => void>> = {
    'the first breaks': (daemon) => {
      daemon.source.write('shop/web.yaml', 'kind: [')
    },
    'the second breaks': (daemon) => {
      daemon.source.spoil('shop/more.yaml')
    },
    'the first goes': (daemon) => {
      daemon.source.remove('shop/web.yaml')
    },
    'the second goes': (daemon) => {
      daemon.source.remove('shop/more.yaml')
    },
    'the second comes back': (daemon) => {
      daemon.source.write('shop/more.yaml', yamlOf(web(22)))
    },
  }

  const orders: readonly (readonly string[])[] = [
    ['the first breaks', 'the second goes'],
    ['the second breaks', 'the first goes'],
    ['the first breaks', 'the second breaks'],
    ['the first breaks', 'the second breaks', 'the first goes'],
    ['the first breaks', 'the second breaks', 'the second goes'],
    ['the first breaks', 'the second goes', 'the second comes back'],
    ['the first breaks', 'the second breaks', 'the second comes back'],
  ]

  const ways: readonly (readonly [string, readonly string[], boolean])[] = orders.flatMap((order) =>
    [false, true].map((restarts) => [
      `${order.join(', then ')}${restarts ? ', each seen by a new process' : ''}`,
      order,
      restarts,
    ]),
  )

  test.each(ways)(
    'keeps what was in force while one may still declare it: %s',
    async (_, order, restarts) => {
      const daemon = await running()
      await daemon.declare({ 'shop/more.yaml': [web(22)] })
      for (const step of order) {
        steps[step]?.(daemon)
        const { heldBack } = await (restarts ? daemon.restart() : daemon.turn())
        expect(heldBack).toEqual([])
        expect(await portsOf(daemon)).toEqual(['443'])
        expect((await daemon.conditions(GROUP))['Accepted']).toMatch(/^(False Invalid|Unknown Unreadable)$/)
      }
    },
  )

  test('keeps it when one breaks and the other goes at once', async () => {
    const daemon = await running()
    await daemon.declare({ 'shop/more.yaml': [web(22)] })
    steps['the second breaks']?.(daemon)
    steps['the first goes']?.(daemon)
    await daemon.turn()
    expect(await portsOf(daemon)).toEqual(['443'])
  })

  test('says which file is the other, though it cannot be read', async () => {
    const daemon = await running()
    await daemon.declare({ 'shop/more.yaml': [web(22)] })
    steps['the first breaks']?.(daemon)
    const { findings } = await daemon.turn()
    const [found] = findings.filter(({ code }) => code === 'DuplicateObject')
    expect(found?.message).toMatch(
      /is declared in shop\/more\.yaml:\d+, and was in shop\/web\.yaml, which cannot be read now$/,
    )
  })

  test('is what the other says once the first can be read and no longer has it', async () => {
    const daemon = await running()
    await daemon.declare({ 'shop/more.yaml': [web(22)] })
    steps['the first breaks']?.(daemon)
    await daemon.turn()
    await daemon.declare({ 'shop/web.yaml': [group('app', 'shop')] })
    expect(await portsOf(daemon)).toEqual(['22'])
  })

  test('goes with the last file that may declare it', async () => {
    const daemon = await running()
    await daemon.declare({
      'shop/more.yaml': [web(22)],
      'shop/instances.yaml': [instance('db-1', 'shop', [])],
    })
    for (const step of ['the first breaks', 'the second goes', 'the first goes']) {
      steps[step]?.(daemon)
      await daemon.turn()
    }
    expect(await daemon.status(GROUP)).toBeUndefined()
  })
})

describe('a profile of the user that stands for a built-in one', () => {
  test('is not replaced by the built-in one while its file cannot be read', async () => {
    const daemon = new Daemon()
    const open = { ...plainProfile('standard', {}) }
    await daemon.declare({ 'profile.yaml': [open], 'shop/vpc.yaml': [shop] })
    const before = (await daemon.status('CloudProfile/standard'))?.spec
    daemon.source.spoil('profile.yaml')
    await daemon.turn()
    expect((await daemon.status('CloudProfile/standard'))?.spec).toEqual(before)
    await daemon.restart()
    expect((await daemon.status('CloudProfile/standard'))?.spec).toEqual(before)
  })
})

describe('statuses that cannot be written', () => {
  /** A store whose status folder is read-only for so many calls. */
  function unwritable(daemon: Daemon, calls: number): void {
    const write = daemon.store.writeStatus.bind(daemon.store)
    let left = calls
    daemon.store.writeStatus = (put, remove) =>
      left-- > 0 ? Promise.reject(new StoreError('status cannot be written')) : write(put, remove)
  }

  test('do not keep rules from being programmed, and are written as soon as they can be', async () => {
    const daemon = await running()
    unwritable(daemon, 2)
    const { unreported } = await daemon.declare({ 'shop/web.yaml': [web(80)] })
    expect(unreported).toBe('status cannot be written')
    expect(await portsOf(daemon)).toEqual(['80'])
    await daemon.declare({ 'shop/web.yaml': [web(81)] })
    expect(await portsOf(daemon)).toEqual(['81'])
    expect((await daemon.status(GROUP))?.metadata.generation).toBe(1)
    expect((await daemon.turn()).unreported).toBeUndefined()
    expect((await daemon.status(GROUP))?.metadata.generation).toBe(3)
    expect((await daemon.status(INSTANCE))?.status).toMatchObject({
      effectiveRules: { ingress: [{ ports: ['81'] }, {}] },
    })
  })

  test.each([
    ['are written', (daemon: Daemon) => daemon.declare({ 'shop/web.yaml': [web(80)] })],
    [
      'are removed',
      (daemon: Daemon) => {
        daemon.source.remove('shop/instances.yaml')
        return daemon.turn()
      },
    ],
  ])('%s by the next process', async (_, act) => {
    const daemon = await running()
    unwritable(daemon, 1)
    await act(daemon)
    const other = await running()
    await act(other)
    await daemon.restart()
    expect(await daemon.bytes()).toEqual(await other.bytes())
  })
})
