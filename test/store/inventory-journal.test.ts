import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeFileSystem, type FileSystem } from '../../src/storage/file-system.ts'
import { lineOf, seal, type Line } from '../../src/storage/ndjson.ts'
import { JOURNAL_FROM_BYTES } from '../../src/store/inventory-files.ts'
import { openStateDirectory, type StateDirectory } from '../../src/store/state-directory.ts'
import type { Inventory } from '../../src/store/store.ts'
import { entryOf, instanceNamed, inventoryOf } from '../contract/stored-objects.ts'
import { failingFileSystem } from '../storage/failing-file-system.ts'

/** About 400 bytes each: large enough for a journal. */
const OBJECTS = Array.from({ length: 400 }, (_, index) => instanceNamed(`web-${String(index)}`))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'palisade-journal-'))
})
afterEach(() => rm(folder, { recursive: true }))

const whole = (): string => path.join(folder, 'inventory.ndjson')
const journal = (): string => path.join(folder, 'inventory.journal')

const open = (fileSystem: FileSystem = nodeFileSystem, mode: 'exclusive' | 'read' = 'exclusive') =>
  openStateDirectory(folder, { mode, palisade: '0.1.0', fileSystem })

const withGeneration = (inventory: Inventory, index: number, generation: number): Inventory => {
  const entry = entryOf(instanceNamed(`web-${String(index)}`), index, generation)
  return { ...inventory, entries: new Map(inventory.entries).set(entry.key, entry) }
}

/** 0 where there is no such file. */
const sizeOf = async (file: string): Promise<number> => {
  const stats = await stat(file).catch(() => undefined)
  return stats?.size ?? 0
}

const idOfWhole = async (): Promise<unknown> =>
  /"id":"[^"]+"/.exec(await readFile(whole(), 'utf8'))?.[0] ?? 'none'

const lineOfText = (text: string): Line => lineOf(JSON.parse(text))

/** Opens the folder anew and reads it. */
async function found(): Promise<Inventory> {
  const store = await open()
  try {
    return await store.readInventory()
  } finally {
    await store.close()
  }
}

/** Writes a whole and two changes after it, and leaves the store open. */
async function begun(fileSystem?: FileSystem): Promise<{ store: StateDirectory; inventory: Inventory }> {
  const store = await open(fileSystem)
  await store.readInventory()
  let inventory = inventoryOf(OBJECTS)
  await store.writeInventory(inventory)
  for (const index of [1, 2]) {
    inventory = withGeneration(inventory, index, 7)
    await store.writeInventory(inventory)
  }
  return { store, inventory }
}

describe('the journal of an inventory', () => {
  test('takes what changed, and the whole stays as it is', async () => {
    const store = await open()
    await store.readInventory()
    const first = inventoryOf(OBJECTS)
    await store.writeInventory(first)
    const before = await readFile(whole(), 'utf8')
    const entries = new Map(withGeneration(first, 3, 2).entries)
    entries.delete('Instance/shop/web-9')
    const next: Inventory = { entries, nextOrder: 500, moment: '2026-03-01T12:00:00Z', statusDue: true }

    await store.writeInventory(next)

    expect(await readFile(whole(), 'utf8')).toBe(before)
    expect((await readFile(journal(), 'utf8')).split('\n')).toHaveLength(2)
    expect(await store.readInventory()).toEqual(next)
    await store.close()
    expect(await found()).toEqual(next)
  })

  test('takes what goes as something else comes', async () => {
    const { store, inventory } = await begun()
    const entries = new Map(inventory.entries)
    entries.delete('Instance/shop/web-9')
    const added = entryOf(instanceNamed('web-new'), OBJECTS.length)
    entries.set(added.key, added)
    await store.writeInventory({ ...inventory, entries })
    await store.close()
    expect(await sizeOf(journal())).toBeGreaterThan(0)
    expect(await found()).toEqual({ ...inventory, entries })
  })

  test('is there for no state that is small enough to be written whole', async () => {
    const store = await open()
    await store.readInventory()
    const small = inventoryOf(OBJECTS.slice(0, 100))
    await store.writeInventory(small)
    expect((await stat(whole())).size).toBeLessThan(JOURNAL_FROM_BYTES)
    await store.writeInventory(withGeneration(small, 0, 2))
    await expect(stat(journal())).rejects.toThrow('ENOENT')
    await store.close()
  })

  test('is gone on with by the next process', async () => {
    const { store, inventory } = await begun()
    await store.close()
    const next = await open()
    const last = withGeneration(await next.readInventory(), 5, 9)
    await next.writeInventory(last)
    await next.close()
    expect((await readFile(journal(), 'utf8')).trimEnd().split('\n')).toHaveLength(3)
    expect(await found()).toEqual(withGeneration(inventory, 5, 9))
  })

  test('goes when all is written as a whole', async () => {
    const { store } = await begun()
    await store.writeInventory(inventoryOf(OBJECTS, 3))
    expect(await sizeOf(journal())).toBe(0)
    await store.close()
    expect(await found()).toEqual(inventoryOf(OBJECTS, 3))
  })

  test('gives way to a new whole before it is larger than half of that', async () => {
    const { store, inventory } = await begun()
    const id = await idOfWhole()
    let last = inventory
    for (let generation = 10; generation < 250; generation++) {
      last = withGeneration(last, generation, generation)
      await store.writeInventory(last)
      expect(2 * (await sizeOf(journal()))).toBeLessThanOrEqual(await sizeOf(whole()))
    }
    await store.close()
    expect(await idOfWhole()).not.toBe(id)
    expect(await found()).toEqual(last)
  })

  test('that stayed beside a later whole says nothing', async () => {
    const { store } = await begun()
    const old = await readFile(journal())
    const all = inventoryOf(OBJECTS, 3)
    await store.writeInventory(all)
    await store.close()
    await writeFile(journal(), old)
    expect(await found()).toEqual(all)
    const next = await open()
    const last = withGeneration(await next.readInventory(), 1, 8)
    await next.writeInventory(last)
    await next.close()
    expect(await found()).toEqual(last)
  })

  test('is read up to the line that was being written, and what follows is not lost', async () => {
    const { store } = await begun()
    await store.close()
    await truncate(journal(), (await stat(journal())).size - 5)
    const before = withGeneration(inventoryOf(OBJECTS), 1, 7)
    const next = await open()
    expect(await next.readInventory()).toEqual(before)
    await next.writeInventory(withGeneration(await next.readInventory(), 3, 3))
    await next.close()
    expect(await found()).toEqual(withGeneration(before, 3, 3))
  })

  test('is not gone on with where the whole is one that an earlier palisade wrote', async () => {
    const { store, inventory } = await begun()
    await store.writeInventory(inventoryOf(OBJECTS, 3))
    await store.close()
    const lines = (await readFile(whole(), 'utf8')).split('\n').slice(1, -1)
    const sealed = seal(
      { content: 'Inventory', version: 1 },
      '0.0.9',
      { nextOrder: 400 },
      lines.map(lineOfText),
    )
    await writeFile(whole(), Buffer.concat([...sealed]))
    const next = await open()
    await next.writeInventory(withGeneration(await next.readInventory(), 1, 4))
    await next.close()
    expect(await sizeOf(journal())).toBe(0)
    expect(await found()).toEqual({ ...withGeneration(inventoryOf(OBJECTS, 3), 1, 4), nextOrder: 400 })
    expect(inventory.entries.size).toBe(400)
  })
})

describe('what somebody else does to the files of a running process', () => {
  const deeds: readonly (readonly [what: string, deed: () => Promise<unknown>])[] = [
    ['removes the whole', () => rm(whole())],
    ['removes the journal', () => rm(journal())],
    ['puts another whole in its place', async () => writeFile(whole(), await readFile(whole()))],
    ['adds to the journal', () => writeFile(journal(), 'mine', { flag: 'a' })],
  ]
  test.each(deeds)('%s: the next change writes all as a whole', async (_what, deed) => {
    const { store, inventory } = await begun()
    await deed()
    const last = withGeneration(inventory, 8, 8)
    await store.writeInventory(last)
    await store.close()
    expect(await sizeOf(journal())).toBe(0)
    expect(await found()).toEqual(last)
  })
})

describe('a damaged journal', () => {
  const damages: readonly (readonly [how: string, line: number, damage: (text: string) => string])[] = [
    ['with a changed value', 1, (text) => text.replace('10.0.1.10', '10.0.1.11')],
    ['that names another whole in its first line', 1, (text) => text.replace(/"whole":"./, '"whole":"z')],
    ['that names another whole later', 2, (text) => text.replace(/(\n{"whole":")./, '$1z')],
    ['without its first line', 1, (text) => text.slice(text.indexOf('\n') + 1)],
    ['with a line twice', 3, (text) => text + text.slice(text.indexOf('\n') + 1)],
    ['with a line that is none', 3, (text) => `${text}{}\n`],
    ['that is binary', 1, () => '\0\0\n'],
  ]
  test.each(damages)('%s stops the start and stays where it is', async (_how, line, damage) => {
    const { store, inventory } = await begun()
    await store.close()
    const good = await readFile(journal(), 'utf8')
    await writeFile(journal(), damage(good))
    for (const mode of ['exclusive', 'read', 'exclusive'] as const) {
      const next = await open(nodeFileSystem, mode)
      await expect(next.readInventory()).rejects.toThrow(
        `${journal()} is damaged: line ${String(line)} is not as it was written; put a good copy in its place`,
      )
      if (mode === 'exclusive') {
        await expect(next.writeInventory(inventory)).rejects.toThrow('without having been read')
      }
      await next.close()
    }
    expect(await readFile(journal(), 'utf8')).toBe(damage(good))
    await writeFile(journal(), good)
    expect(await found()).toEqual(inventory)
  })

  test('may be cut off by a person before the line that is bad', async () => {
    const { store } = await begun()
    await store.close()
    const text = await readFile(journal(), 'utf8')
    await writeFile(journal(), text.slice(0, text.indexOf('\n') + 1))
    expect(await found()).toEqual(withGeneration(inventoryOf(OBJECTS), 1, 7))
  })

  test('without its whole is no empty state', async () => {
    const { store } = await begun()
    await store.close()
    await rm(whole())
    const next = await open()
    await expect(next.readInventory()).rejects.toThrow(
      `${whole()} is missing, and ${journal()}, which goes on from it, is there: put a good copy back`,
    )
    await next.close()
  })

  test('beside a whole of a newer palisade is not what is told of', async () => {
    const { store } = await begun()
    await store.close()
    await writeFile(whole(), (await readFile(whole(), 'utf8')).replace('"version":2', '"version":3'))
    await writeFile(journal(), 'of another format\n')
    const next = await open()
    await expect(next.readInventory()).rejects.toThrow('in version 3 of its format')
    await next.close()
  })
})

describe('a disk that fails while a change is added to the journal', () => {
  /** Calls for the whole, and for the first line, which makes the file. */
  const before = 9 + 7
  const steps = ['open', 'write', 'sync', 'close']
  test.each(steps.map((step, index) => [before + index + 1, step] as const))(
    'at call %i (%s): all is written as a whole',
    async (failAt, step) => {
      const fileSystem = failingFileSystem(failAt)
      const { store, inventory } = await begun(fileSystem)
      expect(fileSystem.calls[failAt - 1]).toBe(step)
      expect(fileSystem.calls.slice(failAt)).toContain('rename')
      expect(await sizeOf(journal())).toBe(0)
      expect(await store.readInventory()).toEqual(inventory)
      const last = withGeneration(inventory, 4, 4)
      await store.writeInventory(last)
      await store.close()
      expect(await found()).toEqual(last)
    },
  )
})

test('what the caller changes while a whole is written is written with the next change', async () => {
  const store = await open()
  await store.readInventory()
  const first = inventoryOf(OBJECTS)
  const entries = new Map(first.entries)
  const isWritten = store.writeInventory({ ...first, entries })
  await Promise.resolve()
  await Promise.resolve()
  for (const [key, entry] of withGeneration(first, 6, 6).entries) entries.set(key, entry)
  await isWritten
  await store.writeInventory({ ...first, entries })
  await store.close()
  expect(await found()).toEqual({ ...first, entries })
})
