import { cp, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordedFirewall } from '../../src/firewall/recorded.ts'
import type { Ruleset } from '../../src/policy/ruleset.ts'
import { cli } from './captured-io.ts'
import { install, start, type Installation } from './installation.ts'
import { KILL_AT, KILL_IN } from './kill-at.ts'
import { SHOP, workplace, type Workplace } from './workplace.ts'

/** Children at a time: as many as small machines have cores. */
const AT_ONCE = 2

/**
 * From one call to the next at which a child is killed. Most calls come in pairs, a file written and
 * renamed, so that an odd number meets both.
 */
const STRIDE = 3

let palisade: Installation
beforeAll(async () => {
  palisade = await install()
})
afterAll(() => palisade.remove())

/** Everything that a state says, but for when it came to be so. */
interface StateContent {
  readonly statuses: ReadonlyMap<string, string>
  readonly ruleset: Ruleset
}

async function contentOf(state: string): Promise<StateContent> {
  const folder = path.join(state, 'status')
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.yaml')).sort()
  const statuses = new Map<string, string>()
  for (const name of names) {
    const text = await readFile(path.join(folder, name), 'utf8')
    statuses.set(name, text.replace(/"\d{4}-\d\d-\d\dT[^"]*"/g, 'TIME'))
  }
  const warn = (sentence: string): void => {
    throw new Error(sentence)
  }
  const ruleset = await recordedFirewall(state, { mode: 'read', palisade: '0.1.0', warn }).read()
  return { statuses, ruleset }
}

/** The children have no other, and to one that comes after them the clock must not have gone back. */
const REAL_TIME = { now: () => new Date() }

/** Applies with a child that is killed before its nth call that changes the state; false when it lives on. */
async function applyKilled(place: Workplace, state: string, nth: number): Promise<boolean> {
  const env = { [KILL_AT]: String(nth), [KILL_IN]: state }
  const words = ['apply', place.manifests, '--state', state, '--allow-delete']
  const { signal, status, err } = await start(palisade, words, { env, preload: 'kill-at.js' }).ended()
  if (signal === undefined) expect({ status, err }).toEqual({ status: 0, err: '' })
  return signal === 'SIGKILL'
}

/**
 * Kills an apply before a call that changes the state folder, and applies again; for calls from the
 * first to the last. Returns how many died.
 */
async function killEverywhere(place: Workplace, before: string | undefined): Promise<number> {
  const whole = path.join(path.dirname(place.state), 'whole')
  if (before !== undefined) await cp(before, whole, { recursive: true })
  await cli(['apply', place.manifests, '--state', whole, '--allow-delete'], REAL_TIME)
  const expected = await contentOf(whole)

  const killAt = async (nth: number): Promise<boolean> => {
    const state = path.join(path.dirname(place.state), `killed-${nth}`)
    if (before !== undefined) await cp(before, state, { recursive: true })
    const died = await applyKilled(place, state, nth)
    const again = await cli(['apply', place.manifests, '--state', state, '--allow-delete'], REAL_TIME)
    expect({ nth, status: again.status, err: again.err }).toEqual({ nth, status: 0, err: '' })
    expect(await contentOf(state), `after a kill before call ${nth}`).toEqual(expected)
    // A claim on the lock that was never made good is swept a minute later, when its owner must be gone.
    const left = (await readdir(state)).filter((name) => !name.startsWith('lock.'))
    expect(left.sort()).toEqual(['inventory.ndjson', 'recorded.ndjson', 'rest', 'status'])
    return died
  }

  let deaths = 0
  for (let first = 1; ; first += AT_ONCE * STRIDE) {
    const calls = Array.from({ length: AT_ONCE }, (_, index) => first + index * STRIDE)
    const died = await Promise.all(calls.map(killAt))
    deaths += died.filter(Boolean).length
    if (died.includes(false)) return deaths
  }
}

describe('kill -9 at any step, and the next apply ends where an undisturbed one does', () => {
  test('of a first apply', { timeout: 120_000 }, async () => {
    const place = await workplace(SHOP)
    expect(await killEverywhere(place, undefined)).toBeGreaterThan(10)
  })

  test('of an apply that changes, creates and deletes', { timeout: 120_000 }, async () => {
    const place = await workplace(SHOP)
    await cli(['apply', place.manifests, '--state', place.state], REAL_TIME)
    await place.write('web.yaml', (SHOP['web.yaml'] ?? '').replace('443', '8443'))
    await place.remove('app.yaml')
    await place.write(
      'instances.yaml',
      (SHOP['instances.yaml'] ?? '').replace('app-1', 'web-2').replace('name: app', 'name: web'),
    )
    expect(await killEverywhere(place, place.state)).toBeGreaterThan(10)
  })
})
