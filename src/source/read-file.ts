import { constants, type BigIntStats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { ManifestLimits } from '../manifest/limits.ts'
import { fileTooLarge } from '../manifest/parse.ts'
import { changing, errnoOf, notAFile, unreadable } from './fault.ts'

export type ReadFile =
  | { readonly outcome: 'read'; readonly bytes: Uint8Array; readonly stats: BigIntStats }
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'failed'; readonly fault: Diagnostic }

/** A file that changed during each of so many readings is being written, and only half of it might be there. */
const ATTEMPTS = 3

/** The bytes of a file as they are at one moment, or why there are none. Larger files are not read. */
export async function readFile(path: string, limits: ManifestLimits): Promise<ReadFile> {
  let handle: FileHandle | undefined
  try {
    // Opening a FIFO would wait for a writer, if one has taken the place of the file since it was found.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const stats = await handle.stat({ bigint: true })
      if (!stats.isFile()) return { outcome: 'failed', fault: notAFile(path, 'folder or device') }
      if (stats.size > limits.bytes) {
        return { outcome: 'failed', fault: fileTooLarge(path, Number(stats.size), limits) }
      }
      const bytes = await readBytes(handle, Number(stats.size))
      const after = await handle.stat({ bigint: true })
      if (bytes !== undefined && isUnchanged(after, stats)) {
        return { outcome: 'read', bytes, stats }
      }
    }
    return { outcome: 'failed', fault: changing(path) }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { outcome: 'gone' }
    return { outcome: 'failed', fault: unreadable(path, error) }
  } finally {
    await handle?.close()
  }
}

/** Whether a file has the content that it had, as far as a file system tells. */
export const isUnchanged = (stats: BigIntStats, before: BigIntStats): boolean =>
  stats.mtimeNs === before.mtimeNs &&
  stats.ctimeNs === before.ctimeNs &&
  stats.size === before.size &&
  stats.ino === before.ino &&
  stats.dev === before.dev

/** Undefined when the file has not as many bytes as it said. */
async function readBytes(handle: FileHandle, size: number): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(size)
  let end = 0
  while (end < size) {
    const { bytesRead } = await handle.read(bytes, end, size - end, end)
    if (bytesRead === 0) return undefined
    end += bytesRead
  }
  return bytes
}
