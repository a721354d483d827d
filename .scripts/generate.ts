/**
 * Writes every file of the repository that is derived from another one; with `--check`, compares
 * instead, names the stale ones and exits with 1.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { staleFiles } from './generators/stale.ts'

async function main(root: string, flags: readonly string[]): Promise<number> {
  const unknown = flags.find((flag) => flag !== '--check')
  if (unknown !== undefined) {
    process.stderr.write(`unknown argument ${unknown}: the only one is --check\n`)
    return 2
  }
  const stale = await staleFiles(root)
  if (flags.includes('--check')) {
    for (const { path: file } of stale) {
      process.stderr.write(`${file} is stale: run npm run generate and commit the result\n`)
    }
    return stale.length === 0 ? 0 : 1
  }
  for (const { path: file, content } of stale) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true })
    await writeFile(path.join(root, file), content)
    process.stdout.write(`wrote ${file}\n`)
  }
  return 0
}

process.exitCode = await main(path.dirname(import.meta.dirname), process.argv.slice(2))
