import { statSync } from 'node:fs'

/**
 * Tells one version of a file, or of the names in a folder, from another without reading it; '' when there
 * is none. What palisade replaces has another inode, and what it adds to is longer.
 */
export function stampOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? '' : [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')
}
