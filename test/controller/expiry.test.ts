import { describe, expect, test, vi } from 'vitest'
import { formatMoment, parseMoment } from '../../src/core/moment.ts'
import { StoreError } from '../../src/store/store.ts'
import { addressGroup, group, instance, vpc } from '../reference/objects.ts'
import { Daemon } from './daemon.ts'

const KEY = 'Instance/default/web-1'
const GROUP = 'SecurityGroup/default/web'
const END = '2026-06-01T12:00:00Z'

const web = (expires: string): object =>
  group('web', 'shop', {
    ingress: [
      { name: 'ssh', protocol: 'TCP', ports: [22], remote: { cidr: '203.0.113.0/24' }, expires },
      { name: 'http', protocol: 'TCP', ports: [80] },
    ],
  })

const rest = [vpc('shop'), instance('web-1', 'shop', ['web'])]

/** A daemon in whose shop ssh is open until noon of 1 June. */
async function opened(now: string, expires = END): Promise<Daemon> {
  const daemon = new Daemon()
  daemon.now = new Date(now)
  await daemon.declare({ 'web.yaml': [web(expires)], 'rest.yaml': rest })
  return daemon
}

async function turnAt(daemon: Daemon, now: string): ReturnType<Daemon['turn']> {
  daemon.now = new Date(now)
  return daemon.turn()
}

/** The ports that the firewall lets in. */
async function ports(daemon: Daemon): Promise<readonly string[]> {
  const ingress = (await daemon.firewall.read()).instances.get(KEY)?.ruleSet.ingress ?? []
  return ingress.flatMap((rule) => (rule.action === 'Allow' ? (rule.ports ?? []) : []))
}

const codes = ({ findings }: Awaited<ReturnType<Daemon['turn']>>): readonly string[] =>
  findings.map(({ code }) => code)

const text = (moment: number | undefined): string | undefined =>
  moment === undefined ? undefined : formatMoment(moment)

describe('a rule that expires', () => {
  test('is open until the second before, and closed from its moment on', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    await turnAt(daemon, '2026-06-01T11:59:59Z')
    expect(await ports(daemon)).toEqual(['22', '80'])
    const turn = await turnAt(daemon, END)
    expect(await ports(daemon)).toEqual(['80'])
    expect(codes(turn)).toEqual(['RuleExpired'])
    expect(turn.findings[0]?.position?.file).toBe('web.yaml')
  })

  test('closes although nothing can be written, and all else waits', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    const write = vi
      .spyOn(daemon.store, 'writeInventory')
      .mockRejectedValueOnce(new StoreError('the disk is full'))
    daemon.now = new Date(END)
    await expect(daemon.turn()).rejects.toThrow('the disk is full')
    expect(await ports(daemon)).toEqual(['80'])

    write.mockRejectedValueOnce(new StoreError('the disk is full'))
    const more = group('web', 'shop', { ingress: [{ name: 'more', protocol: 'TCP', ports: [443] }] })
    await expect(daemon.declare({ 'web.yaml': [more] })).rejects.toThrow('the disk is full')
    expect(await ports(daemon)).toEqual(['80'])
    await daemon.turn()
    expect(await ports(daemon)).toEqual(['443'])
  })

  test('says in the effective rules when it ends, and another time is another digest', async () => {
    const digests = new Set<unknown>()
    for (const expires of [END, '2026-06-01T20:00:00+08:00', '2026-06-01T12:00:01Z']) {
      const status = (await (await opened('2026-05-01T00:00:00Z', expires)).status(KEY))?.status
      const rules = status !== undefined && 'effectiveRules' in status ? status.effectiveRules : undefined
      digests.add(rules?.digest)
      expect(rules?.ingress.find(({ sources }) => sources.includes('web/ssh'))?.expires).toBe(
        formatMoment(parseMoment(expires) ?? NaN),
      )
    }
    expect(digests.size).toBe(2)
  })

  test('that lasts as long as its twin lasts shows the later time, or none', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    const twin = { protocol: 'TCP', ports: [22], remote: { cidr: '203.0.113.0/24' } }
    const later = { ...twin, name: 'later', expires: '2026-07-01T00:00:00Z' }
    const sooner = { ...twin, name: 'sooner', expires: END }
    const shown = async (...ingress: readonly (typeof twin & { name: string })[]): Promise<unknown> => {
      await daemon.declare({ 'web.yaml': [group('web', 'shop', { ingress })] })
      const rule = (await daemon.firewall.read()).instances.get(KEY)?.ruleSet.ingress[0]
      return [rule?.sources, rule?.expires]
    }
    expect(await shown(sooner, later)).toEqual([['web/later', 'web/sooner'], '2026-07-01T00:00:00Z'])
    expect(await shown(sooner, { ...twin, name: 'ever' })).toEqual([['web/ever', 'web/sooner'], undefined])
    daemon.now = new Date('2026-06-02T00:00:00Z')
    expect(await shown(sooner, later)).toEqual([['web/later'], '2026-07-01T00:00:00Z'])
  })

  test('contributes nothing where it is declared after its time', async () => {
    expect(await ports(await opened('2026-06-02T00:00:00Z'))).toEqual(['80'])
  })

  test('is announced a day and an hour before, and the daemon knows when to look again', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    const told: unknown[] = []
    for (const now of ['2026-05-31T11:59:59Z', '2026-05-31T12:00:00Z', '2026-06-01T11:00:00Z', END]) {
      const turn = await turnAt(daemon, now)
      const conditions = await daemon.conditions(GROUP)
      told.push([text(turn.next), codes(turn), conditions['Expiring'], conditions['Ready']])
    }
    expect(told).toEqual([
      ['2026-05-31T12:00:00Z', [], undefined, 'True Ready'],
      ['2026-06-01T11:00:00Z', ['RuleExpiresSoon'], 'True RuleExpiresSoon', 'True Ready'],
      [END, ['RuleExpiresSoon'], 'True RuleExpiresSoon', 'True Ready'],
      [undefined, ['RuleExpired'], undefined, 'True Ready'],
    ])
  })

  test('says what will close, and when', async () => {
    const daemon = await opened('2026-06-01T11:30:00Z')
    expect(await daemon.message(GROUP, 'Expiring')).toBe(
      `SecurityGroup default/web: rule ssh will close within an hour, at ${END}: give it a later time if it is needed longer.`,
    )
  })

  test('opens again when somebody gives it a later time', async () => {
    const daemon = await opened(END)
    await daemon.declare({ 'web.yaml': [web('2026-06-02T00:00:00Z')] })
    expect(await ports(daemon)).toEqual(['22', '80'])
  })
})

describe('a rule that has expired stays closed', () => {
  test('when the clock goes back, and the daemon says so', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    await turnAt(daemon, END)
    const turn = await turnAt(daemon, '2026-05-20T00:00:00Z')
    expect(await ports(daemon)).toEqual(['80'])
    expect(codes(turn)).toEqual(['ClockWentBack', 'RuleExpired'])
    expect((await turnAt(daemon, '2026-06-01T11:59:30Z')).findings.map(({ code }) => code)).toEqual([
      'RuleExpired',
    ])
  })

  test('when the daemon starts anew with a clock that went back', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    await turnAt(daemon, END)
    daemon.now = new Date('2026-05-20T00:00:00Z')
    await daemon.restart()
    expect(await ports(daemon)).toEqual(['80'])
  })

  test('when it had expired before it was declared, and the clock goes back', async () => {
    const daemon = await opened('2026-07-01T00:00:00Z')
    daemon.now = new Date('2026-05-20T00:00:00Z')
    await daemon.restart()
    expect(await ports(daemon)).toEqual(['80'])
  })

  test('when the daemon was killed after it remembered and before it programmed, and the clock goes back', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    const before = await daemon.firewall.read()
    await turnAt(daemon, END)
    daemon.firewall.tamper(before)
    daemon.now = new Date('2026-05-20T00:00:00Z')
    await daemon.restart()
    expect(await ports(daemon)).toEqual(['80'])
  })

  test('until a person says that the clock is right', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    await turnAt(daemon, '2126-01-01T00:00:00Z')
    daemon.now = new Date('2026-05-20T00:00:00Z')
    await daemon.restart({ type: 'Default' }, true)
    expect(await ports(daemon)).toEqual(['22', '80'])
    const turn = await daemon.restart()
    expect(codes(turn)).toEqual([])
    expect(await ports(daemon)).toEqual(['22', '80'])
  })
})

describe('a rule closes in time', () => {
  test('also while the source is held back, before and after a restart', async () => {
    for (const isAnew of [false, true]) {
      const daemon = await opened('2026-05-01T00:00:00Z')
      daemon.source.remove('rest.yaml')
      daemon.now = new Date(END)
      const turn = isAnew ? await daemon.restart() : await daemon.turn()
      expect(turn.heldBack).not.toEqual([])
      expect(await ports(daemon)).toEqual(['80'])
      expect((await daemon.conditions(KEY))['Accepted']).toBe('True Accepted')
    }
  })

  test('also when the firewall refused at first', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    daemon.firewall.failNext('busy')
    await turnAt(daemon, END)
    expect(await ports(daemon)).toEqual(['22', '80'])
    await daemon.turn()
    expect(await ports(daemon)).toEqual(['80'])
  })

  test('and what needs no write causes none: an idle look keeps the inventory', async () => {
    const daemon = await opened('2026-05-01T00:00:00Z')
    const before = await daemon.store.readInventory()
    await turnAt(daemon, '2026-05-02T00:00:00Z')
    expect(await daemon.store.readInventory()).toBe(before)
    await daemon.declare({ 'more.yaml': [addressGroup('office', ['192.0.2.0/24'])] })
    expect((await daemon.store.readInventory()).moment).toBe('2026-05-02T00:00:00Z')
  })
})
