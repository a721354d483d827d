import { mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, type CliResult } from './captured-io.ts'
import { SHOP, workplace, type Workplace } from './workplace.ts'

const NOTHING = 'Nothing to change: all that is declared and accepted is in force.\n'

const apply = (place: Workplace, ...more: readonly string[]): Promise<CliResult> =>
  cli(['apply', place.manifests, '--state', place.state, ...more])

async function atRest(files = SHOP): Promise<Workplace> {
  const place = await workplace(files)
  await apply(place)
  return place
}

const note = (place: Workplace): string => path.join(place.state, 'rest')
const status = (place: Workplace): string => path.join(place.state, 'status/default/instance/web-1.yaml')

describe('what is at rest', () => {
  test('is known from one digest, and then nothing is judged again', async () => {
    const place = await atRest()
    expect(await readFile(note(place), 'utf8')).toMatch(/^sha256:[0-9a-f]{64} 2026-03-01T12:00:00\.000Z\n$/)
    const { status: code, out, err } = await apply(place)
    expect({ code, out, err }).toEqual({ code: 0, out: NOTHING, err: '' })
  })

  test('says in JSON what it says otherwise', async () => {
    const place = await atRest()
    const resting = await apply(place, '-o', 'json')
    await rm(note(place))
    expect((await apply(place, '-o', 'json')).out).toBe(resting.out)
  })

  const disturbances: Readonly<Record<string, (place: Workplace) => Promise<unknown>>> = {
    'a status that was deleted': (place) => rm(status(place)),
    'all statuses deleted': (place) => rm(path.join(place.state, 'status'), { recursive: true }),
    'a record of rules that was deleted': (place) => rm(path.join(place.state, 'recorded.ndjson')),
    'a note that says something else': (place) => writeFile(note(place), 'sha256:0\n'),
    'a note that is a folder': async (place) => {
      await rm(note(place))
      await mkdir(note(place))
    },
  }

  test.each(Object.entries(disturbances))('is put right where it was disturbed: %s', async (_, disturb) => {
    const place = await atRest()
    const before = await readFile(status(place), 'utf8')
    await disturb(place)
    expect((await apply(place)).status).toBe(0)
    expect(await readFile(status(place), 'utf8')).toBe(before)
    expect(await readFile(path.join(place.state, 'recorded.ndjson'), 'utf8')).toContain('443')
  })

  test('does not hide a state file that was cut', async () => {
    const place = await atRest()
    await truncate(path.join(place.state, 'inventory.ndjson'), 700)
    const { status: code, err } = await apply(place)
    expect(code).toBe(3)
    expect(err).toContain('inventory.ndjson is damaged')
  })

  test.each([
    ['edited', (place: Workplace) => place.write('web.yaml', (SHOP['web.yaml'] ?? '').replace('443', '80'))],
    [
      'added',
      (place: Workplace) => place.write('more.yaml', (SHOP['web.yaml'] ?? '').replace('web', 'more')),
    ],
    [
      'removed',
      async (place: Workplace) => {
        await place.write('instances.yaml', (SHOP['instances.yaml'] ?? '').split('---')[0] ?? '')
      },
    ],
  ])('ends with manifests that are %s', async (_, change) => {
    const place = await atRest()
    await change(place)
    expect((await apply(place)).out).not.toBe(NOTHING)
  })

  test('ends with files of another name, since objects remember where they come from', async () => {
    const place = await atRest()
    await rename(path.join(place.manifests, 'web.yaml'), path.join(place.manifests, 'w.yaml'))
    await apply(place)
    expect(await readFile(path.join(place.state, 'inventory.ndjson'), 'utf8')).toContain('/w.yaml"')
  })

  test('ends with other options of what status shows', async () => {
    const place = await atRest()
    await apply(place, '--listed-addresses', '0')
    const text = await readFile(path.join(place.state, 'status/default/instance/app-1.yaml'), 'utf8')
    expect(text).toContain('addressCount')
  })

  test('ends with a clock that has gone back, since that is worth a word', async () => {
    const place = await atRest()
    const { err } = await cli(['apply', place.manifests, '--state', place.state], {
      now: () => new Date('2026-02-01T12:00:00Z'),
    })
    expect(err).toContain('ClockWentBack')
  })

  test('is not noted while a rule is still to end', async () => {
    const web = (SHOP['web.yaml'] ?? '').replace(
      'ports: [443]',
      "ports: [443], expires: '2026-03-02T12:00:00Z'",
    )
    const place = await atRest({ ...SHOP, 'web.yaml': web })
    await expect(readFile(note(place))).rejects.toThrow()
    const later = await cli(['apply', place.manifests, '--state', place.state], {
      now: () => new Date('2026-03-03T12:00:00Z'),
    })
    expect(later.out).not.toBe(NOTHING)
    expect(later.out).toContain('443')
  })

  test('is never noted while there is anything to say', async () => {
    const place = await atRest({ ...SHOP, 'bad.yaml': 'kind: [' })
    await expect(readFile(note(place))).rejects.toThrow()
    expect((await apply(place)).status).toBe(1)
  })

  test('is not known of standard input', async () => {
    const place = await workplace()
    for (let time = 0; time < 2; time++) {
      const stdin = (): Promise<string> => Promise.resolve(Object.values(SHOP).join('---\n'))
      expect((await cli(['apply', '-', '--state', place.state], { stdin })).status).toBe(0)
    }
    await expect(readFile(note(place))).rejects.toThrow()
  })
})
