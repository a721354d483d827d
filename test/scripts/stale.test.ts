import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { staleFiles } from '../../.scripts/generators/stale.ts'

const project = path.join(import.meta.dirname, '../..')

const pathsOf = async (root: string): Promise<string[]> => (await staleFiles(root)).map((file) => file.path)

test('the generated files of the project are current: otherwise, npm run generate', async () => {
  expect(await pathsOf(project)).toEqual([])
})

describe('in a copy of the project', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'palisade-stale-'))
    for (const folder of ['crds', '.config', 'docs', 'manifests', 'src/api']) {
      await cp(path.join(project, folder), path.join(root, folder), { recursive: true })
    }
  })
  afterEach(() => rm(root, { recursive: true }))

  test('a missing file is stale', async () => {
    await rm(path.join(root, 'src/api/types.gen.ts'))
    expect(await pathsOf(root)).toEqual(['src/api/types.gen.ts'])
  })

  test('a file that was edited by hand is stale', async () => {
    await writeFile(path.join(root, 'src/api/types.gen.ts'), 'export interface VPC {}\n')
    expect(await pathsOf(root)).toEqual(['src/api/types.gen.ts'])
  })
})
