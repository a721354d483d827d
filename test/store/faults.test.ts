import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FileSystem } from '../../src/storage/file-system.ts'
import { openStateDirectory, type StateDirectory } from '../../src/store/state-directory.ts'
import { StoreError } from '../../src/store/store.ts'
import { instanceNamed, inventoryOf } from '../contract/stored-objects.ts'
import { failingFileSystem } from '../storage/failing-file-system.ts'
import { program, start } from './program.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'palisade-fault-'))
})
afterEach(() => rm(folder, { recursive: true }))

const open = (place: string, fileSystem?: FileSystem): Promise<StateDirectory> =>
  openStateDirectory(place, {
    mode: 'exclusive',
    palisade: '0.1.0',
    ...(fileSystem === undefined ? {} : { fileSystem }),
  })
const inventory = (): string => path.join(folder, 'inventory.ndjson')

describe('a disk that fails while the inventory is written', () => {
  const steps = ['open', 'write', 'write', 'sync', 'close', 'rename', 'open', 'sync', 'close']

  test.each(steps.map((step, index) => [index + 1, step] as const))(
    'at call %i (%s): a sentence, the old or the new inventory, and the next write succeeds',
    async (failAt) => {
      const before = await open(folder)
      await before.readInventory()
      await before.writeInventory(inventoryOf([instanceNamed('a')], 1))
      await before.close()
      const store = await open(folder, failingFileSystem(failAt))
      await store.readInventory()

      const failed = store.writeInventory(inventoryOf([instanceNamed('a')], 2))

      await expect(failed).rejects.toThrow(StoreError)
      await expect(failed).rejects.toThrow(`${inventory()} cannot be written: no space is left on the disk`)
      const generation = failAt <= steps.indexOf('rename') + 1 ? 1 : 2
      expect(await store.readInventory()).toEqual(inventoryOf([instanceNamed('a')], generation))
      expect(await readdir(folder)).toEqual(['inventory.ndjson', 'lock'])
      await store.writeInventory(inventoryOf([instanceNamed('a')], 3))
      expect(await store.readInventory()).toEqual(inventoryOf([instanceNamed('a')], 3))
      await store.close()
    },
  )
})

test('a process that reaches its largest file size (ulimit -f) keeps the old state and says so', async () => {
  const writer = await program('writer')
  const small = start(writer, [folder, '10', '1'])
  expect(await small.output()).toContain('written 1')
  const before = await readFile(inventory(), 'utf8')

  const large = start(writer, [folder, '5000', '1'], 'ulimit -f 64')

  expect(await large.output()).toMatch(
    /StoreError: .*inventory\.ndjson cannot be written: the file would exceed the largest size that is allowed/,
  )
  expect(await readFile(inventory(), 'utf8')).toBe(before)
  expect(await readdir(folder)).not.toContain('inventory.ndjson.new')
})

describe('a place that cannot be a state folder', () => {
  const places: readonly (readonly [what: string, name: string, reason: string])[] = [
    ['a file', 'file', 'cannot be opened: a part of its path is a file where a folder should be'],
    ['below a file', 'file/state', 'cannot be opened: a part of its path is a file where a folder should be'],
    ['a name that is too long', 'a'.repeat(256), 'cannot be opened: its path is too long'],
  ]
  test.each(places)('since it is %s is refused with a sentence', async (_what, name, reason) => {
    await writeFile(path.join(folder, 'file'), 'mine')
    const place = path.join(folder, name)
    await expect(open(place)).rejects.toThrow(StoreError)
    await expect(open(place)).rejects.toThrow(`${place} ${reason}`)
    expect(await readFile(path.join(folder, 'file'), 'utf8')).toBe('mine')
  })
})

test('an inventory that is a folder is refused with a sentence', async () => {
  await mkdir(inventory())
  const store = await open(folder)
  const sentence = `${inventory()} cannot be read: it is a folder where a file should be: move it away`
  await expect(store.readInventory()).rejects.toThrow(sentence)
  await store.close()
})

test('a file in the place of a folder of statuses is refused with a sentence', async () => {
  await mkdir(path.join(folder, 'status'))
  await writeFile(path.join(folder, 'status', 'shop'), 'mine')
  const store = await open(folder)
  const sentence = 'status cannot be written: a part of its path is a file where a folder should be'
  await expect(store.writeStatus([instanceNamed('a')], [])).rejects.toThrow(sentence)
  expect(await readdir(path.join(folder, 'status'))).toEqual(['shop'])
  await store.close()
})
