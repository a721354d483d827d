import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { knownTablesIn, type KnownTables } from '../../../src/firewall/nft/known-tables.ts'

let folder: string
let warnings: string[]
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'palisade-tables-'))
  warnings = []
})
afterEach(() => rm(folder, { recursive: true }))

const open = (mode: 'exclusive' | 'read' = 'exclusive'): KnownTables =>
  knownTablesIn(folder, {
    mode,
    palisade: '0.1.0',
    warn: (sentence) => warnings.push(sentence),
    now: () => new Date('2026-01-02T03:04:05.678Z'),
  })

const file = (): string => path.join(folder, 'tables.ndjson')

test('which namespaces have a table is remembered from one palisade to the next', async () => {
  expect(await open().read()).toEqual([])
  await open().write([undefined, 'shop'])
  expect(await open('read').read()).toEqual([undefined, 'shop'])
})

test('a damaged file is set aside with a warning', async () => {
  await open().write(['shop'])
  await writeFile(file(), (await readFile(file(), 'utf8')).replace('shop', 'shoq'))
  expect(await open('read').read()).toEqual([])
  expect(await open().read()).toEqual([])
  expect(await readdir(folder)).toEqual(['tables.ndjson.damaged-2026-01-02T03-04-05.678Z'])
  expect(warnings[1]).toBe(
    `${file()} is damaged (its content does not match its checksum) and was set aside as tables.ndjson.damaged-2026-01-02T03-04-05.678Z: a table in a network namespace without instances is not looked after any more`,
  )
})

test('a file of a newer palisade is left as it is', async () => {
  await open().write(['shop'])
  await writeFile(file(), (await readFile(file(), 'utf8')).replace('"version":1', '"version":2'))
  await expect(open().read()).rejects.toThrow('was written by palisade 0.1.0 in version 2 of its format')
})
