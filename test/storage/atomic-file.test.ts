import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { replaceFile } from '../../src/storage/atomic-file.ts'
import { nodeFileSystem } from '../../src/storage/file-system.ts'
import { failingFileSystem } from './failing-file-system.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'palisade-file-'))
  file = path.join(folder, 'state')
})
afterEach(() => rm(folder, { recursive: true }))

const chunks = (...texts: string[]): Uint8Array[] => texts.map((text) => Buffer.from(text))
const content = (): Promise<string> => readFile(file, 'utf8')

test('writes a file that was not there', async () => {
  await replaceFile(file, chunks('a', 'b'))
  expect(await content()).toBe('ab')
})

test('replaces a longer file and leaves nothing else behind', async () => {
  await writeFile(file, 'what was there before')
  await replaceFile(file, chunks('new'))
  expect(await content()).toBe('new')
  expect(await readdir(folder)).toEqual(['state'])
})

test('starts afresh where a killed process left an unfinished file', async () => {
  await writeFile(`${file}.new`, 'a long unfinished text')
  await replaceFile(file, chunks('new'))
  expect(await content()).toBe('new')
})

test('makes the content durable before its name, and the name before it returns', async () => {
  const fileSystem = failingFileSystem(Infinity)
  await replaceFile(file, chunks('a', 'b'), fileSystem)
  expect(fileSystem.calls).toEqual([...STEPS, 'open', 'sync', 'close'])
})

const STEPS = ['open', 'write', 'write', 'sync', 'close', 'rename']

describe('when the disk fails', () => {
  test.each(STEPS.map((step, index) => [index + 1, step] as const))(
    'at call %i (%s), the old file stays and no other',
    async (failAt) => {
      await writeFile(file, 'old')
      const failing = failingFileSystem(failAt)
      await expect(replaceFile(file, chunks('a', 'b'), failing)).rejects.toThrow('ENOSPC: injected')
      expect(await content()).toBe('old')
      expect(await readdir(folder)).toEqual(['state'])
    },
  )

  test.each([7, 8, 9])('at call %i, after the rename, the new file is there whole', async (failAt) => {
    await writeFile(file, 'old')
    await expect(replaceFile(file, chunks('a', 'b'), failingFileSystem(failAt))).rejects.toThrow('ENOSPC')
    expect(await content()).toBe('ab')
  })

  test('and the unfinished file cannot be removed either, the first error is told', async () => {
    const failing = failingFileSystem(2)
    const remove = (): Promise<void> => Promise.reject(new Error('second'))
    await expect(replaceFile(file, chunks('a'), { ...failing, remove })).rejects.toThrow('ENOSPC: injected')
  })
})

test('a folder that cannot be synced (EINVAL, as on some network file systems) is no failure', async () => {
  await replaceFile(file, chunks('a'), failingFileSystem(7, 'EINVAL'))
  expect(await content()).toBe('a')
})

test('a source that throws half-way leaves the old file', async () => {
  await writeFile(file, 'old')
  const broken = function* (): Generator<Uint8Array> {
    yield Buffer.from('a')
    throw new Error('no more')
  }
  await expect(replaceFile(file, broken(), nodeFileSystem)).rejects.toThrow('no more')
  expect(await content()).toBe('old')
})
