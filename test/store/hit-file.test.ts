import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStateDirectory, type StateDirectory } from '../../src/store/state-directory.ts'
import type { HitSample } from '../../src/store/store.ts'

const SAMPLE: HitSample = {
  at: '2026-01-02T03:04:05.000Z',
  everySeconds: 10,
  ruleSets: [
    {
      instances: ['Instance/shop/web-1', 'Instance/shop/web-2'],
      rules: [
        { id: 'abc', packets: 3, bytes: 180, lastHit: '2026-01-02T03:04:05.000Z' },
        { id: 'def', packets: 0, bytes: 0 },
      ],
    },
  ],
}

async function folderWithSample(): Promise<{ file: string; open: () => Promise<StateDirectory> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'palisade-hits-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const writing = await openStateDirectory(folder, { mode: 'exclusive', palisade: '0.1.0' })
  await writing.hits?.write(SAMPLE)
  await writing.close()
  const open = (): Promise<StateDirectory> => openStateDirectory(folder, { mode: 'read', palisade: '0.1.0' })
  return { file: path.join(folder, 'hits.ndjson'), open }
}

test('another process reads the sample that was written last', async () => {
  const { open } = await folderWithSample()
  expect((await open()).hits?.read()).toEqual(SAMPLE)
})

test('a sample that is damaged counts as none', async () => {
  const { file, open } = await folderWithSample()
  await writeFile(file, (await readFile(file, 'utf8')).replace('"packets":3', '"packets":4'))
  expect((await open()).hits?.read()).toBeUndefined()
})

test('a folder without a sample has none', async () => {
  const { file, open } = await folderWithSample()
  await rm(file)
  expect((await open()).hits?.read()).toBeUndefined()
})
