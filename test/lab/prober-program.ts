import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'vite'

const root = path.resolve(import.meta.dirname, '../..')

export interface BuiltProgram {
  readonly program: string
  remove(): Promise<void>
}

/** The program that sends packets. */
export const buildProber = (): Promise<BuiltProgram> => buildProgram('src/lab/probe/main.ts')

/** A program as one file of plain JavaScript, that starts at once. */
export async function buildProgram(entry: string): Promise<BuiltProgram> {
  const folder = await mkdtemp(path.join(tmpdir(), 'palisade-program-'))
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { ssr: path.join(root, entry), outDir: folder },
    ssr: { noExternal: true },
  })
  return {
    program: path.join(folder, `${path.basename(entry, '.ts')}.js`),
    remove: () => rm(folder, { recursive: true }),
  }
}
