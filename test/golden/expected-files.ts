import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'vitest'

/** `UPDATE=1 npx vitest run test/golden` writes down what is printed as what is expected; look at the difference. */
const isUpdate = process.env['UPDATE'] === '1'

/** Every file below a folder with its text, by its path in there; empty when there is no such folder. */
export async function readFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    files.set(path.relative(folder, file), await readFile(file, 'utf8'))
  }
  return files
}

/** Compares with the files below a folder, byte for byte; no file may be missing or left over. */
export async function expectFiles(folder: string, actual: ReadonlyMap<string, string>): Promise<void> {
  if (isUpdate) await writeFiles(folder, actual)
  const expected = await readFiles(folder)
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort())
  for (const [name, text] of actual) expect(text, path.join(folder, name)).toBe(expected.get(name))
}

async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  for (const [name, text] of files) {
    const file = path.join(folder, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}
