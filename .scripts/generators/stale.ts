import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { format, resolveConfig } from 'prettier'
import type { GeneratedFile, Generator } from './generator.ts'
import { builtInProfiles } from './built-in-profiles.ts'
import { fieldPages } from './field-pages.ts'
import { referencePages } from './reference-pages.ts'
import { types } from './types.ts'

/** Every generator of the project. */
const generators: readonly Generator[] = [types, builtInProfiles, referencePages, fieldPages]

/** The generated files that are missing or differ on disk, as they should be. */
export async function staleFiles(root: string): Promise<readonly GeneratedFile[]> {
  const stale: GeneratedFile[] = []
  for (const generator of generators) {
    for (const file of await generator(root)) {
      const wanted = await formatted(root, file)
      if (!(await isCurrent(root, wanted))) stale.push(wanted)
    }
  }
  return stale
}

async function formatted(root: string, { path: file, content }: GeneratedFile): Promise<GeneratedFile> {
  const target = path.join(root, file)
  const config = await resolveConfig(target, { config: path.join(root, '.config/prettier.json') })
  return { path: file, content: await format(content, { ...config, filepath: target }) }
}

async function isCurrent(root: string, { path: file, content }: GeneratedFile): Promise<boolean> {
  try {
    return (await readFile(path.join(root, file), 'utf8')) === content
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
