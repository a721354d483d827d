import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStateDirectory, type StateDirectory } from '../../src/store/state-directory.ts'
import { StoreError } from '../../src/store/store.ts'
import { instanceNamed, inventoryOf } from '../contract/stored-objects.ts'
import { describeStore } from '../contract/stores.ts'

const now = (): Date => new Date('2026-01-02T03:04:05.678Z')
const open = (folder: string, mode: 'exclusive' | 'read' = 'exclusive'): Promise<StateDirectory> =>
  openStateDirectory(folder, { mode, palisade: '0.1.0', now })

describeStore('openStateDirectory', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'palisade-store-'))
  return { open: () => open(path.join(folder, '.palisade')), remove: () => rm(folder, { recursive: true }) }
})

let parent: string
let folder: string
let inventory: string
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'palisade-state-'))
  folder = path.join(parent, 'a', '.palisade')
  inventory = path.join(folder, 'inventory.ndjson')
})
afterEach(() => rm(parent, { recursive: true }))

/** Leaves a state with two objects behind and returns the text of its inventory. */
async function written(): Promise<string> {
  const store = await open(folder)
  await store.readInventory()
  await store.writeInventory(inventoryOf([instanceNamed('a'), instanceNamed('b')]))
  await store.close()
  return readFile(inventory, 'utf8')
}

/** The sentence with which a fresh start refuses. */
async function refusal(mode: 'exclusive' | 'read' = 'exclusive'): Promise<string> {
  const store = await open(folder, mode)
  try {
    await store.readInventory()
    return ''
  } catch (error) {
    if (error instanceof StoreError) return error.message
    throw error
  } finally {
    await store.close()
  }
}

const ASIDE = 'inventory.ndjson.damaged-2026-01-02T03-04-05.678Z'

describe('reading beside a writer', () => {
  test('a folder that does not exist is an empty state and is not made', async () => {
    const store = await open(folder, 'read')
    expect((await store.readInventory()).entries.size).toBe(0)
    expect(await store.readStatus()).toEqual([])
    await store.close()
    expect(await readdir(parent)).toEqual([])
  })

  test('what the writer has finished is seen while it holds the folder', async () => {
    const writer = await open(folder)
    await writer.readInventory()
    await writer.writeInventory(inventoryOf([instanceNamed('a')]))
    const reader = await open(folder, 'read')
    expect((await reader.readInventory()).entries.size).toBe(1)
    await writer.writeInventory(inventoryOf([instanceNamed('a'), instanceNamed('b')]))
    expect((await reader.readInventory()).entries.size).toBe(2)
    await writer.close()
  })

  test('nothing can be written', async () => {
    const store = await open(folder, 'read')
    await store.readInventory()
    await expect(store.writeInventory(inventoryOf([]))).rejects.toThrow('open for reading only')
    await expect(store.writeStatus([], ['Instance/shop/a'])).rejects.toThrow('open for reading only')
  })
})

describe('the inventory file', () => {
  test('is one line of header and one line per entry', async () => {
    const lines = (await written()).trimEnd().split('\n')
    const values = lines.map((line): unknown => JSON.parse(line))
    expect(values).toHaveLength(3)
    expect(values[0]).toMatchObject({ content: 'Inventory', version: 2, palisade: '0.1.0', lines: 2 })
    expect(values[1]).toMatchObject({ key: 'Instance/shop/a' })
  })

  test('has the same lines whether its entries were read or made', async () => {
    const lines = (await written()).split('\n')
    const store = await open(folder)
    await store.writeInventory(await store.readInventory())
    await store.close()
    expect((await readFile(inventory, 'utf8')).split('\n').slice(1)).toEqual(lines.slice(1))
  })

  test('is never the same as another, whatever they hold, since a journal goes on from one', async () => {
    const text = await written()
    expect(await written()).not.toBe(text)
  })

  test('is not overwritten by a store that never read it', async () => {
    await written()
    const store = await open(folder)
    await expect(store.writeInventory(inventoryOf([]))).rejects.toThrow('without having been read')
    await store.close()
  })
})

describe('a damaged inventory', () => {
  const damages: readonly (readonly [how: string, reason: string, damage: (text: string) => string])[] = [
    ['cut in half', 'it ends after 1 of 2 entries', (text) => text.slice(0, (text.length * 3) / 4)],
    ['cut to nothing', 'it is empty', () => ''],
    ['cut in its first line', 'its first line does not say', (text) => text.slice(0, 20)],
    [
      'cut at the end of a line',
      'it ends after 0 of 2 entries',
      (text) => text.slice(0, text.indexOf('\n') + 1),
    ],
    ['without its last line feed', 'it ends after 1 of 2 entries', (text) => text.slice(0, -1)],
    ['with a changed value', 'does not match its checksum', (text) => text.replace('10.0.1.10', '10.0.1.11')],
    ['with a changed header', 'does not match its checksum', (text) => text.replace('Order":2', 'Order":3')],
    ['with a line too many', 'does not match its checksum', (text) => `${text}{}\n`],
    [
      'with a line that is not JSON',
      'does not match its checksum',
      (text) => text.replace('{"key"', '["key"'),
    ],
    ['that holds something else', 'its first line does not say', () => 'kind: VPC\n'],
    ['that is binary', 'its first line does not say', () => '\0\0\0\0'],
  ]
  test.each(damages)('%s stops the start and is set aside', async (_how, reason, damage) => {
    const text = damage(await written())
    await writeFile(inventory, text)

    const sentence = await refusal()

    expect(sentence).toContain(`${inventory} is damaged: `)
    expect(sentence).toContain(reason)
    expect(sentence).toContain(`set aside as ${ASIDE}`)
    expect(await readFile(path.join(folder, ASIDE), 'utf8')).toBe(text)
    expect(await readdir(folder)).not.toContain('inventory.ndjson')
  })

  test('does not turn into an empty one at the next start', async () => {
    await writeFile(inventory, (await written()).slice(0, -9))
    await refusal()
    for (const mode of ['exclusive', 'read', 'exclusive'] as const) {
      expect(await refusal(mode)).toContain(
        `is missing, and a damaged one was set aside as ${ASIDE}: put a good copy`,
      )
    }
  })

  test('is forgotten once a person puts a good copy back', async () => {
    const good = await written()
    await writeFile(inventory, good.slice(0, -9))
    await refusal()
    await writeFile(inventory, good)
    expect(await refusal()).toBe('')
  })

  test('is forgotten once a person removes it', async () => {
    await writeFile(inventory, (await written()).slice(0, -9))
    await refusal()
    await rm(path.join(folder, ASIDE))
    expect(await refusal()).toBe('')
  })

  test('never takes the place of one that was set aside before', async () => {
    const good = await written()
    await writeFile(inventory, good.slice(0, -9))
    await refusal()
    await writeFile(inventory, good.slice(0, -10))
    expect(await refusal()).toContain(`set aside as ${ASIDE}-2`)
    expect(await readFile(path.join(folder, ASIDE), 'utf8')).toBe(good.slice(0, -9))
  })

  test('is only told of, and left where it is, by a reader', async () => {
    await writeFile(inventory, (await written()).slice(0, -9))
    expect(await refusal('read')).toContain(
      'is damaged: it ends after 1 of 2 entries; put a good copy in its place',
    )
    expect(await readdir(folder)).toEqual(['inventory.ndjson'])
  })

  test('found while the store is open is not overwritten either', async () => {
    const good = await written()
    const store = await open(folder)
    const read = await store.readInventory()
    await writeFile(inventory, good.slice(0, -9))
    await expect(store.readInventory()).rejects.toThrow(StoreError)
    await expect(store.writeInventory(read)).rejects.toThrow('without having been read')
    await store.close()
  })
})

test('an inventory of a newer palisade is refused and stays as it is', async () => {
  const newer = (await written()).replace('"version":2', '"version":3').replace('0.1.0', '0.9.0')
  await writeFile(inventory, newer)

  const sentence = await refusal()

  expect(sentence).toContain(`${inventory} was written by palisade 0.9.0 in version 3 of its format`)
  expect(await readdir(folder)).toEqual(['inventory.ndjson'])
  expect(await readFile(inventory, 'utf8')).toBe(newer)
})

test('what a killed process was writing is removed by the next writer, not by a reader', async () => {
  await written()
  const leftovers = ['inventory.ndjson.new', 'recorded.ndjson.new']
  for (const name of leftovers) await writeFile(path.join(folder, name), 'half')
  await (await open(folder, 'read')).close()
  expect(await readdir(folder)).toEqual(expect.arrayContaining(leftovers))
  await (await open(folder)).close()
  expect(await readdir(folder)).toEqual(['inventory.ndjson'])
})

describe('a damaged inventory of which all is kept elsewhere', () => {
  const journal = (): string => path.join(folder, 'inventory.journal')
  const told: string[] = []
  const sizeAnew = async (): Promise<number> => {
    const store = await openStateDirectory(folder, {
      ...{ mode: 'exclusive', palisade: '0.1.0', now },
      onSetAside: (sentence) => told.push(sentence),
    })
    const { entries } = await store.readInventory()
    await store.close()
    return entries.size
  }
  beforeEach(() => told.splice(0))

  test('is set aside with its journal, said once, and begun anew', async () => {
    const text = await written()
    await writeFile(inventory, text.slice(0, 100))
    await writeFile(journal(), 'nothing\n')
    expect(await sizeAnew()).toBe(0)
    expect(told).toEqual([expect.stringContaining(`set aside as ${ASIDE} and inventory.journal.damaged-`)])
    expect(await readFile(path.join(folder, ASIDE), 'utf8')).toBe(text.slice(0, 100))
    expect(await sizeAnew()).toBe(0)
    expect(told).toHaveLength(1)
  })

  test('is so as well where only the journal is left, or is what is damaged', async () => {
    await written()
    await writeFile(journal(), 'nothing\n')
    expect(await sizeAnew()).toBe(0)
    await writeFile(journal(), 'nothing\n')
    expect(await sizeAnew()).toBe(0)
    expect(told).toHaveLength(2)
  })

  test('leaves a good one alone', async () => {
    await written()
    expect([await sizeAnew(), told]).toEqual([2, []])
  })
})
