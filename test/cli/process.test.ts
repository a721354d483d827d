import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { install, start, type Child, type Installation } from './installation.ts'
import { SHOP, workplace, type Workplace } from './workplace.ts'

let palisade: Installation
beforeAll(async () => {
  palisade = await install()
})
afterAll(() => palisade.remove())

async function watching(place: Workplace): Promise<Child> {
  const child = start(palisade, ['run', place.manifests, '--state', place.state])
  await vi.waitFor(
    () => {
      expect(child.err()).toContain('"msg":"watching"')
    },
    { timeout: 20_000, interval: 20 },
  )
  return child
}

describe('the process', () => {
  test('exits with the status of the verb, results and the rest on streams of their own', async () => {
    const place = await workplace({ ...SHOP, 'web.yaml': 'kind: [' })
    const { status, out, err } = await start(palisade, ['validate', place.manifests]).ended()
    expect(status).toBe(1)
    expect(out).toContain('web.yaml:')
    expect(err).toMatch(/^\d objects, \d errors?, 0 warnings\n$/)
  })

  test('loads what talks to a cluster for the verbs that do, and for no others', async () => {
    const place = await workplace(SHOP)
    const clientsOf = async (...words: readonly string[]): Promise<readonly string[]> => {
      const folder = mkdtempSync(path.join(tmpdir(), 'palisade-loaded-'))
      onTestFinished(() => {
        rmSync(folder, { recursive: true })
      })
      // From the sources, since the installation is one file, which loads all that it may ever need.
      const env = { NODE_V8_COVERAGE: folder, NODE_OPTIONS: '--import tsx' }
      await start({ main: path.resolve('src/main.ts') }, [...words], { env }).ended()
      const loaded = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'))
      const client = /"url":"[^"]*node_modules\/(@kubernetes|undici)\//g
      return [...new Set(Array.from(loaded.join('').matchAll(client), ([, name = '']) => name))].sort()
    }
    expect(await clientsOf('plan', place.manifests, '--state', place.state)).toEqual([])
    const missing = path.join(place.state, 'kubeconfig')
    const asked = ['get', '--kubernetes', '--kubeconfig', missing]
    expect(await clientsOf(...asked)).toEqual(['@kubernetes', 'undici'])
  })

  test('exits with 2 for wrong usage', async () => {
    const { status, out, err } = await start(palisade, ['plna']).ended()
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain('Did you mean plan?')
  })

  test('exits with 3 and without a stack when the system refuses', async () => {
    const place = await workplace(SHOP)
    const { status, err } = await start(palisade, [
      'apply',
      place.manifests,
      '--state',
      '/proc/palisade',
    ]).ended()
    expect(status).toBe(3)
    expect(err).toMatch(/^error: .*\n$/)
  })

  test('writes no colours into pipes', async () => {
    const place = await workplace(SHOP)
    const { out, err } = await start(palisade, ['plan', place.manifests, '--state', place.state], {
      env: { FORCE_COLOR: '3' },
    }).ended()
    expect(out).toContain('+ create VPC default/shop')
    expect(out + err).not.toContain('\x1b')
  })

  test('ends quietly when nobody reads its results', async () => {
    const child = start(palisade, ['crds'])
    child.closeOutput()
    const { status, err } = await child.ended()
    expect({ status, err }).toEqual({ status: 0, err: '' })
  })

  test('finishes an apply of which nobody reads the results', async () => {
    const place = await workplace(SHOP)
    const child = start(palisade, ['apply', place.manifests, '--state', place.state])
    child.closeOutput()
    expect((await child.ended()).status).toBe(0)
    const planned = await start(palisade, [
      'plan',
      place.manifests,
      '--state',
      place.state,
      '--exit-code',
    ]).ended()
    expect(planned.status).toBe(0)
  })
})

describe('palisade run as a process', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly at %s', async (signal) => {
    const place = await workplace(SHOP)
    const child = await watching(place)
    child.signal(signal)
    const { status, err } = await child.ended()
    expect(status).toBe(0)
    expect(err).toContain('"msg":"stopped"')
    expect(existsSync(path.join(place.state, 'lock'))).toBe(false)
  })

  test('finishes the turn in hand when it is told to end', async () => {
    const place = await workplace(SHOP)
    const child = start(palisade, ['run', place.manifests, '--state', place.state])
    // The lock is taken first: from then on a turn is prepared or in hand.
    await vi.waitFor(
      () => {
        expect(existsSync(path.join(place.state, 'inventory.ndjson'))).toBe(true)
      },
      { timeout: 20_000, interval: 1 },
    )
    child.signal('SIGTERM')
    expect((await child.ended()).status).toBe(0)
    const planned = await start(palisade, [
      'plan',
      place.manifests,
      '--state',
      place.state,
      '--exit-code',
    ]).ended()
    expect(planned.status).toBe(0)
  })

  test('ends at once at the second Ctrl-C', async () => {
    const place = await workplace(SHOP)
    const child = await watching(place)
    child.signal('SIGINT')
    child.signal('SIGINT')
    expect([0, 130]).toContain((await child.ended()).status)
  })

  test('ends when nobody reads its results any more', async () => {
    const place = await workplace(SHOP)
    const child = await watching(place)
    child.closeOutput()
    await place.write('web.yaml', (SHOP['web.yaml'] ?? '').replace('443', '8443'))
    const { status } = await child.ended()
    expect(status).toBe(0)
    expect(existsSync(path.join(place.state, 'lock'))).toBe(false)
  })

  test('takes over from one that was killed', async () => {
    const place = await workplace(SHOP)
    const first = await watching(place)
    first.signal('SIGHUP')
    expect((await first.ended()).signal).toBe('SIGHUP')
    expect(existsSync(path.join(place.state, 'lock'))).toBe(true)
    const second = await watching(place)
    second.signal('SIGINT')
    expect((await second.ended()).status).toBe(0)
  })
})
