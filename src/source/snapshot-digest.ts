import { digestText } from '../core/digest.ts'
import { fileSource } from './files.ts'
import type { SourceSnapshot } from './source.ts'
import { STDIN } from './standard-input.ts'

/**
 * Equal for two looks that found the same bytes under the same paths; undefined where not all could be
 * read, or some from standard input, which is read once.
 */
export function snapshotDigest({ files, findings, unreadable }: SourceSnapshot): string | undefined {
  if (findings.length > 0 || unreadable.length > 0 || files.some(({ path }) => path === STDIN)) {
    return undefined
  }
  return digestText(JSON.stringify(files.map(({ path, digest }) => [path, digest])))
}

/** The digest of what is there now, without parsing any of it; undefined likewise. */
export async function digestPaths(paths: readonly string[]): Promise<string | undefined> {
  if (paths.includes(STDIN)) return undefined
  const source = fileSource(paths, { parse: () => UNPARSED })
  return snapshotDigest(await source.read())
}

const UNPARSED = { documents: [], findings: [], complete: true }
