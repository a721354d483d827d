import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { runCli } from '../../../src/cli/program.ts'
import { capturedIo, cli, type CapturedIo } from '../captured-io.ts'
import { SHOP, workplace, type Workplace } from '../workplace.ts'

interface Running {
  readonly io: CapturedIo
  /** Ends it as Ctrl-C does; returns its exit status. */
  stop(): Promise<number>
}

async function running(place: Workplace, ...words: string[]): Promise<Running> {
  const io = capturedIo()
  const ended = runCli(['run', place.manifests, '--state', place.state, ...words], io)
  const stop = (): Promise<number> => {
    io.stop()
    return ended
  }
  onTestFinished(async () => {
    await stop()
  })
  await seen(() => io.err().includes('"msg":"watching"'))
  return { io, stop }
}

/** Waits until something is so. */
const seen = (what: () => boolean): Promise<void> =>
  vi.waitFor(
    () => {
      expect(what()).toBe(true)
    },
    { timeout: 15_000, interval: 10 },
  )

/** What `run` printed after the table. */
const changesOf = ({ io }: Running): readonly string[] =>
  io
    .out()
    .split('\n')
    .filter((line) => /^\d\d:\d\d:\d\d /.test(line))
    .map((line) => line.slice(9))

const edited = (name: keyof typeof SHOP, from: string, to: string): string =>
  (SHOP[name] ?? '').replace(from, to)

describe('palisade run', () => {
  test('prints what is in force as a table', async () => {
    const { io } = await running(await workplace(SHOP))
    expect(io.out()).toBe(`NAME    VPC    ADDRESSES   GROUPS   INGRESS   EGRESS   READY
app-1   shop   10.0.2.1    app      2         1        True
web-1   shop   10.0.1.1    web      2         1        True
`)
  })

  test('prints one line for a change, and has it in the status by then', async () => {
    const place = await workplace(SHOP)
    const run = await running(place)
    await place.write('web.yaml', edited('web.yaml', '443', '8443'))
    await seen(() => changesOf(run).length > 0)
    const { out } = await cli(['get', 'instance', 'web-1', '-o', 'json', '--state', place.state])
    expect(out).toContain('"8443"')
    expect(changesOf(run)).toEqual([
      'SecurityGroup default/web changed (spec.ingress.https.ports): 1 instance, +1 -1 rules',
    ])
  })

  test('prints what a new member does to the addresses of its group', async () => {
    const place = await workplace(SHOP)
    const run = await running(place)
    await place.write(
      'more.yaml',
      edited('instances.yaml', 'web-1', 'web-2').replace('1.1', '1.2').split('---')[0] ?? '',
    )
    await seen(() => changesOf(run).length > 0)
    expect(changesOf(run)).toEqual([
      'Instance default/web-2 created: 1 instance, +3 -0 rules; SecurityGroup default/web +1 -0 addresses',
    ])
  })

  test('prints a finding when it appears and when it is gone, and not at each turn', async () => {
    const place = await workplace(SHOP)
    const run = await running(place)
    await place.write('web.yaml', edited('web.yaml', '443', '70000'))
    await seen(() => run.io.err().includes('error OutOfRange'))
    await place.write('app.yaml', edited('app.yaml', '8080', '8081'))
    await seen(() => changesOf(run).length > 0)
    await place.write('web.yaml', edited('web.yaml', '443', '8443'))
    await seen(() => run.io.err().includes('gone: '))
    expect(run.io.err().match(/error OutOfRange/g)).toHaveLength(2)
    expect(run.io.err()).toMatch(/^gone: .*web\.yaml:7:45: error OutOfRange: SecurityGroup default\/web/m)
  })

  test('holds a lost folder back, and goes on when it is back', async () => {
    const place = await workplace(SHOP)
    const run = await running(place)
    const away = `${place.manifests}-away`
    await rename(place.manifests, away)
    await mkdir(place.manifests)
    await seen(() => run.io.err().includes('error DeletionHeldBack'))
    expect((await cli(['get', 'sg', '-o', 'name', '--state', place.state])).out).toContain('/web\n')
    await rm(place.manifests, { recursive: true })
    await rename(away, place.manifests)
    await place.write('web.yaml', edited('web.yaml', '443', '8443'))
    await seen(() => changesOf(run).length > 0)
    expect(run.io.err()).toContain('gone: error DeletionHeldBack')
  })

  test('tries again while the firewall refuses', async () => {
    const place = await workplace(SHOP)
    const run = await running(place)
    const obstacle = path.join(place.state, 'recorded.ndjson.new')
    await mkdir(obstacle)
    await place.write('web.yaml', edited('web.yaml', '443', '8443'))
    await seen(() => run.io.err().includes('"msg":"turn failed, trying again"'))
    expect(changesOf(run)).toEqual([])
    await rmdir(obstacle)
    await seen(() => changesOf(run).length > 0)
    expect(changesOf(run)).toEqual(['rules programmed anew: 1 instance, +1 -1 rules'])
    expect((await cli(['plan', place.manifests, '--state', place.state, '--exit-code'])).status).toBe(0)
  })

  test('tries again while the state cannot be written, and loses nothing', async () => {
    const place = await workplace(SHOP)
    const run = await running(place)
    const obstacle = path.join(place.state, 'inventory.ndjson.new')
    await mkdir(obstacle)
    await place.write('web.yaml', edited('web.yaml', '443', '8443'))
    await seen(() => run.io.err().includes('inventory.ndjson cannot be written'))
    await rmdir(obstacle)
    await seen(() => changesOf(run).length > 0)
    expect(await run.stop()).toBe(0)
    expect((await cli(['rules', 'web-1', '--state', place.state])).out).toContain('8443')
    expect((await cli(['plan', place.manifests, '--state', place.state, '--exit-code'])).status).toBe(0)
    expect((await cli(['get', 'instance', 'web-1', '-o', 'yaml', '--state', place.state])).out).toContain(
      '"8443"',
    )
  })

  test('tries again while a status cannot be written, and loses nothing', async () => {
    const place = await workplace(SHOP)
    const run = await running(place)
    const obstacle = path.join(place.state, 'status/default/instance/web-1.yaml')
    await rm(obstacle)
    await mkdir(obstacle)
    await place.write('web.yaml', edited('web.yaml', '443', '8443'))
    await seen(() => run.io.err().includes('status cannot be written'))
    await rmdir(obstacle)
    await seen(() => existsSync(obstacle))
    expect(await run.stop()).toBe(0)
    expect(await readFile(obstacle, 'utf8')).toContain('"8443"')
    expect((await cli(['plan', place.manifests, '--state', place.state, '--exit-code'])).status).toBe(0)
  })

  test('ends cleanly: the state folder is free again', async () => {
    const place = await workplace(SHOP)
    const run = await running(place)
    expect(await run.stop()).toBe(0)
    expect(run.io.err()).toContain('"msg":"stopped"')
    expect(existsSync(path.join(place.state, 'lock'))).toBe(false)
  })

  test('a second one on the same state folder says who holds it, and stops', async () => {
    const place = await workplace(SHOP)
    await running(place)
    const { status, err } = await cli(['run', place.manifests, '--state', place.state])
    expect(status).toBe(3)
    expect(err).toMatch(/^error: the state folder .* is in use by /)
  })

  test('shows a screenful of instances, and says how many more there are', async () => {
    const many = Array.from(
      { length: 60 },
      (_, index) =>
        edited('instances.yaml', 'web-1', `web-${index + 2}`)
          .replace('1.1', `3.${index}`)
          .split('---')[0] ?? '',
    )
    const { io } = await running(await workplace({ ...SHOP, 'many.yaml': many.join('---\n') }))
    expect(io.out().split('\n')).toHaveLength(1 + 40 + 1 + 1)
    expect(io.out()).toMatch(/\nand 22 instances more: palisade get instances -A\n$/)
  })

  test('logs nothing but what was asked for', async () => {
    const place = await workplace(SHOP)
    const io = capturedIo()
    const ended = runCli(['run', place.manifests, '--state', place.state, '--log-level', 'silent'], io)
    await seen(() => io.out() !== '')
    io.stop()
    expect(await ended).toBe(0)
    expect(io.err()).toBe('')
  })
})
