import { describe, expect, test } from 'vitest'
import { isHeldBack, parseAllowance, type DeletionAllowance } from '../../src/controller/deletion-brake.ts'
import { isEmptyPlan } from '../../src/controller/plan.ts'
import { addressGroup, group, instance, vpc } from '../reference/objects.ts'
import { Daemon } from './daemon.ts'

const keys = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `VPC/default/v${String(index)}`)

describe('a change that deletes a lot', () => {
  const cases: readonly (readonly [
    string,
    DeletionAllowance,
    deleted: number,
    total: number,
    held: boolean,
  ])[] = [
    ['nothing is no deletion', { type: 'Default' }, 0, 0, false],
    ['half goes', { type: 'Default' }, 5, 10, false],
    ['half of an odd number is not reached', { type: 'Default' }, 5, 11, false],
    ['one more than half is held', { type: 'Default' }, 6, 11, true],
    ['more than half is held', { type: 'Default' }, 6, 10, true],
    ['all is held, even of one', { type: 'Default' }, 1, 1, true],
    ['all is held', { type: 'Default' }, 2, 2, true],
    ['one of two goes', { type: 'Default' }, 1, 2, false],
    ['all may go when all are allowed', { type: 'All' }, 10, 10, false],
    ['as many as are allowed go', { type: 'Count', count: 3 }, 3, 100, false],
    ['one more than allowed is held', { type: 'Count', count: 3 }, 4, 100, true],
    ['a count of 0 holds the first', { type: 'Count', count: 0 }, 1, 100, true],
    ['a share that is allowed goes', { type: 'Percent', percent: 80 }, 8, 10, false],
    ['more than that share is held', { type: 'Percent', percent: 80 }, 9, 10, true],
    ['a share of 100 lets all go', { type: 'Percent', percent: 100 }, 10, 10, false],
    ['a share of 0 holds the first', { type: 'Percent', percent: 0 }, 1, 1000, true],
  ]

  test.each(cases)('%s', (_, allowance, deleted, total, held) => {
    expect(isHeldBack(keys(deleted), () => total, allowance)).toBe(held)
  })
})

describe('how much may be deleted, as it is written', () => {
  test.each([
    ['all', { type: 'All' }],
    ['20', { type: 'Count', count: 20 }],
    ['0', { type: 'Count', count: 0 }],
    ['80%', { type: 'Percent', percent: 80 }],
    ['100%', { type: 'Percent', percent: 100 }],
  ])('%s', (text, allowance) => {
    expect(parseAllowance(text)).toEqual(allowance)
  })

  test.each(['', 'ALL', '-1', '101%', '1.5', '50 %', '1e3', '1234567890', '%', ' 5'])('not %j', (text) => {
    expect(parseAllowance(text)).toBeUndefined()
  })
})

describe('a source that is held back', () => {
  const list = (name: string): object => addressGroup(name, ['192.0.2.0/24'])
  const TEN = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`l${String(index)}.yaml`, [list(`l${String(index)}`)]]),
  )

  async function tenLists(): Promise<Daemon> {
    const daemon = new Daemon()
    await daemon.declare(TEN)
    return daemon
  }

  const remove = (daemon: Daemon, count: number): void => {
    for (let index = 0; index < count; index++) daemon.source.remove(`l${String(index)}.yaml`)
  }

  const names = async (daemon: Daemon): Promise<string[]> =>
    (await daemon.store.readStatus())
      .filter(({ kind }) => kind === 'AddressGroup')
      .map(({ metadata }) => metadata.name)

  test('five of ten go', async () => {
    const daemon = await tenLists()
    remove(daemon, 5)
    expect((await daemon.turn()).heldBack).toEqual([])
    expect(await names(daemon)).toEqual(['l5', 'l6', 'l7', 'l8', 'l9'])
  })

  test('six of ten do not, are named, and everything stays as it was', async () => {
    const daemon = await tenLists()
    const before = await daemon.bytes()
    remove(daemon, 6)
    const { heldBack, findings, plan } = await daemon.turn()
    expect(heldBack).toEqual(
      Array.from({ length: 6 }, (_, index) => `AddressGroup/default/l${String(index)}`),
    )
    expect(isEmptyPlan(plan)).toBe(true)
    expect(findings.map(({ code }) => code)).toContain('DeletionHeldBack')
    expect(findings.map(({ message }) => message).join()).toContain('6 of 10 objects')
    expect(await daemon.bytes()).toEqual(before)
  })

  test('nor does what else came with them', async () => {
    const daemon = await tenLists()
    remove(daemon, 6)
    await daemon.declare({ 'new.yaml': [list('new')] })
    expect(await names(daemon)).not.toContain('new')
  })

  test('after a restart neither', async () => {
    const daemon = await tenLists()
    const before = await daemon.bytes()
    remove(daemon, 6)
    await daemon.turn()
    expect((await daemon.restart()).heldBack).toHaveLength(6)
    expect(await daemon.bytes()).toEqual(before)
  })

  test('goes once somebody says so', async () => {
    const daemon = await tenLists()
    remove(daemon, 6)
    await daemon.turn()
    expect((await daemon.restart({ type: 'Count', count: 6 })).heldBack).toEqual([])
    expect(await names(daemon)).toEqual(['l6', 'l7', 'l8', 'l9'])
  })

  test('is no longer held back when the files are there again, and takes what is new', async () => {
    const daemon = await tenLists()
    remove(daemon, 6)
    await daemon.turn()
    const { heldBack } = await daemon.declare({ ...TEN, 'new.yaml': [list('new')] })
    expect(heldBack).toEqual([])
    expect(await names(daemon)).toHaveLength(11)
  })

  test('an empty source deletes nothing, not even one object', async () => {
    const daemon = new Daemon()
    await daemon.declare({ 'one.yaml': [list('one')] })
    daemon.source.remove('one.yaml')
    expect((await daemon.turn()).heldBack).toEqual(['AddressGroup/default/one'])
    expect(await names(daemon)).toEqual(['one'])
  })

  test('an empty source on an empty state is nothing to do', async () => {
    const { heldBack, findings, plan } = await new Daemon().turn()
    expect(heldBack).toEqual([])
    expect(findings).toEqual([])
    expect(isEmptyPlan(plan)).toBe(true)
  })

  test('names twenty at most', async () => {
    const daemon = new Daemon()
    await daemon.declare({ 'many.yaml': Array.from({ length: 30 }, (_, index) => list(`x${String(index)}`)) })
    daemon.source.remove('many.yaml')
    const { findings } = await daemon.turn()
    expect(findings[0]?.message).toMatch(/x\d+ and 10 more$/)
  })

  test('what cannot be read is not deleted and does not count', async () => {
    const daemon = await tenLists()
    for (let index = 0; index < 9; index++) daemon.source.spoil(`l${String(index)}.yaml`)
    daemon.source.remove('l9.yaml')
    expect((await daemon.turn()).heldBack).toEqual([])
    expect(await names(daemon)).toHaveLength(9)
  })

  test('what was let through and is kept for others does not count again, restarts or not', async () => {
    const daemon = new Daemon()
    const used = ['a', 'b', 'c'].map((name) => group(name, 'shop'))
    const user = instance('i', 'shop', ['a', 'b', 'c'])
    await daemon.declare({ 'shop.yaml': [vpc('shop'), user], 'groups.yaml': used })
    daemon.source.remove('groups.yaml')
    expect((await daemon.restart()).heldBack).toHaveLength(3)
    expect((await daemon.restart({ type: 'All' })).heldBack).toEqual([])
    expect((await daemon.restart()).heldBack).toEqual([])
    expect((await daemon.turn()).findings.map(({ code }) => code)).toEqual(Array(3).fill('DeletionBlocked'))
    // Of the two that are still declared, one may go.
    await daemon.declare({ 'shop.yaml': [vpc('shop')] })
    expect(await daemon.status('SecurityGroup/default/a')).toBeUndefined()
  })

  test('what is declared again counts again', async () => {
    const daemon = new Daemon()
    const files = {
      'shop.yaml': [vpc('shop'), instance('i', 'shop', ['a', 'b', 'c'])],
      'groups.yaml': ['a', 'b', 'c'].map((name) => group(name, 'shop')),
    }
    await daemon.declare(files)
    daemon.source.remove('groups.yaml')
    await daemon.restart({ type: 'All' })
    await daemon.declare(files)
    daemon.source.remove('groups.yaml')
    expect((await daemon.restart()).heldBack).toHaveLength(3)
  })
})
