import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'vite'

const root = path.resolve(import.meta.dirname, '../..')

/** The program that sends packets, as one file of plain JavaScript that starts at once. */
export async function buildProber(): Promise<{ readonly program: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'palisade-prober-'))
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { ssr: path.join(root, 'src/lab/probe/main.ts'), outDir: folder },
    ssr: { noExternal: true },
  })
  return { program: path.join(folder, 'main.js'), remove: () => rm(folder, { recursive: true }) }
}
