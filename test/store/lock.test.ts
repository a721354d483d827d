import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStateDirectory, type StateDirectory } from '../../src/store/state-directory.ts'
import { StoreError } from '../../src/store/store.ts'
import { instanceNamed, inventoryOf } from '../contract/stored-objects.ts'
import { program, start } from './program.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'palisade-lock-'))
})
afterEach(() => rm(folder, { recursive: true }))

const now = (): Date => new Date('2026-01-02T03:04:05Z')
const open = (): Promise<StateDirectory> =>
  openStateDirectory(folder, { mode: 'exclusive', palisade: '0.1.0', now })
const lockFolder = (): string => path.join(folder, 'lock')

/** The lock as this process writes it, with some of it changed. */
async function plantLock(changes: Readonly<Record<string, unknown>>): Promise<void> {
  const store = await open()
  const [name = ''] = await readdir(lockFolder())
  const holder: unknown = JSON.parse(await readFile(path.join(lockFolder(), name), 'utf8'))
  await store.close()
  await mkdir(lockFolder())
  await writeFile(path.join(lockFolder(), 'planted.json'), JSON.stringify({ ...Object(holder), ...changes }))
}

describe('the second process on a state folder', () => {
  test('says who holds it, since when and with which command, and stops', async () => {
    const store = await open()
    await expect(open()).rejects.toThrow(StoreError)
    await expect(open()).rejects.toThrow(
      new RegExp(
        `^the state folder ${folder} is in use by ".+" \\(pid ${process.pid} on ${hostname()}, ` +
          `since 2026-01-02T03:04:05.000Z\\): stop it, or choose another folder with --state$`,
      ),
    )
    await store.close()
  })

  test('leaves the first one its lock and no traces of its own', async () => {
    const store = await open()
    await expect(open()).rejects.toThrow(StoreError)
    expect(await readdir(folder)).toEqual(['lock'])
    await store.writeStatus([instanceNamed('web-1')], [])
    await store.close()
  })

  test('may begin once the first has closed', async () => {
    await (await open()).close()
    expect(await readdir(folder)).toEqual([])
    await (await open()).close()
  })
})

describe('a lock whose holder was killed', () => {
  test('is taken over', async () => {
    const child = start(await program('holder'), [folder])
    expect(await child.line()).toBe('held')
    await expect(open()).rejects.toThrow(`(pid ${child.pid} on`)
    await child.kill()
    await (await open()).close()
  })

  test('is taken over when another process has its pid now', async () => {
    await plantLock({ startTime: '1' })
    await (await open()).close()
  })

  test('is taken over after the machine was started again, whoever has its pid', async () => {
    await plantLock({ bootId: '00000000-0000-0000-0000-000000000000' })
    await (await open()).close()
  })

  test('is taken over when the pid belongs to nobody', async () => {
    // Linux gives no pid above 2^22 (proc(5), pid_max).
    await plantLock({ pid: 2 ** 22 + 1 })
    await (await open()).close()
  })
})

describe('a lock whose holder cannot be seen', () => {
  const holders: readonly (readonly [where: string, changes: Readonly<Record<string, string>>])[] = [
    ['on another host', { host: 'host-b', startTime: '1' }],
    ['on another host that runs since another time', { host: 'host-b', bootId: 'other' }],
    ['in another container', { pidNamespace: 'pid:[1]', startTime: '1' }],
  ]
  test.each(holders)('%s is never taken over', async (_where, changes) => {
    await plantLock({ ...changes, command: 'palisade run shop' })
    const host = changes['host'] ?? hostname()
    await expect(open()).rejects.toThrow(
      `is in use by "palisade run shop" (pid ${process.pid} on ${host}, since 2026-01-02T03:04:05.000Z), ` +
        `which cannot be seen from here: stop it there, or remove ${lockFolder()} if it no longer runs`,
    )
    expect(await readdir(lockFolder())).toEqual(['planted.json'])
  })

  test.each(['', '{', '[]', '{"pid": 1}'])(
    'since it does not say who it is (%j) is never taken over',
    async (text) => {
      await mkdir(lockFolder())
      await writeFile(path.join(lockFolder(), 'a.json'), text)
      const file = path.join(lockFolder(), 'a.json')
      await expect(open()).rejects.toThrow(
        `is locked by ${file}, which does not say by whom: remove that file if no palisade is running`,
      )
    },
  )
})

test('an empty lock folder, as a machine that failed may leave, is free', async () => {
  await mkdir(lockFolder())
  await (await open()).close()
})

test('a claim that a killed process never finished is removed after a minute', async () => {
  const claim = path.join(folder, 'lock.abandoned')
  await mkdir(claim)
  const after = (milliseconds: number): Promise<StateDirectory> => {
    const later = new Date(Date.now() + milliseconds)
    return openStateDirectory(folder, { mode: 'exclusive', palisade: '0.1.0', now: () => later })
  }
  await (await after(50_000)).close()
  expect(await readdir(folder)).toEqual(['lock.abandoned'])
  await (await after(70_000)).close()
  expect(await readdir(folder)).toEqual([])
})

test('a process whose lock somebody removed writes nothing more', async () => {
  const store = await open()
  await store.readInventory()
  await rm(lockFolder(), { recursive: true })
  const sentence =
    /^the lock of the state folder was removed while palisade ran .+: start palisade again, and only once$/
  await expect(store.writeInventory(inventoryOf([instanceNamed('a')]))).rejects.toThrow(sentence)
  await expect(store.writeStatus([instanceNamed('a')], [])).rejects.toThrow(sentence)
  expect(await readdir(folder)).toEqual([])
  await store.close()
})

test('of many processes at once on a dead lock, and killed at random, never two hold it', async () => {
  await plantLock({ startTime: '1' })
  const starter = await program('starter')
  const port = String(await freePort())
  const starters = Array.from({ length: 12 }, () => start(starter, [folder, '10', port]))
  const outputs = await Promise.all(starters.map((child) => child.output()))
  const lines = outputs.flatMap((output) => output.split('\n').filter((line) => line !== ''))
  expect(new Set(lines)).toEqual(new Set(['held']))
  expect(lines).toHaveLength(120)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
