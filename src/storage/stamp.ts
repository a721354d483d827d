import { statSync } from 'node:fs'

/**
 * Tells one version of a file, or of the names in a folder, from another without reading it; '' when there
 * is none. Every write of palisade's is a rename, so that a new version has another inode.
 */
export function stampOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? '' : [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')
}
