import { readFileSync } from 'node:fs'
import { isRecord } from '../core/record.ts'

/** The version of this palisade, from the package that it is installed as. */
export function readVersion(): string {
  // Two folders up, from src/cli/ as from dist/cli/.
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const manifest: unknown = JSON.parse(text)
  if (isRecord(manifest) && typeof manifest['version'] === 'string') return manifest['version']
  throw new Error('package.json has no version')
}
