import path from 'node:path'
import { faultCode } from './fault.ts'
import { nodeFileSystem, type FileSystem } from './file-system.ts'

/** Ends the name of a file that is being written; one that is found at the start is a killed process's. */
export const UNFINISHED = '.new'

/**
 * Replaces a file by one with this content: after a crash of palisade or of the machine the old or
 * the new file is there, whole. When it rejects, the old one is as it was; only if the last step
 * failed, which makes the new name durable, the new one is already in its place. Gives its size in bytes.
 *
 * At most one process and one call at a time may replace the same file: the name of the unfinished
 * one is fixed, so that a leftover never outlives the next write.
 */
export async function replaceFile(
  file: string,
  chunks: Iterable<Uint8Array>,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<number> {
  const unfinished = file + UNFINISHED
  let bytes: number
  try {
    bytes = await writeDurably(unfinished, 'w', chunks, fileSystem)
    await fileSystem.rename(unfinished, file)
  } catch (error) {
    await removeQuietly(unfinished, fileSystem)
    throw error
  }
  await syncFolder(path.dirname(file), fileSystem)
  return bytes
}

/** What a file is made of (`w`) or gets at its end (`a`), synced; gives how many bytes that is. */
export async function writeDurably(
  file: string,
  flags: 'w' | 'a',
  chunks: Iterable<Uint8Array>,
  fileSystem: FileSystem,
): Promise<number> {
  const handle = await fileSystem.open(file, flags)
  let bytes = 0
  try {
    for (const chunk of chunks) {
      await handle.writeFile(chunk)
      bytes += chunk.length
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return bytes
}

/** Nothing is lost if the leftover stays; the error that led here is the one to report. */
async function removeQuietly(file: string, fileSystem: FileSystem): Promise<void> {
  try {
    await fileSystem.remove(file)
  } catch {
    return
  }
}

/** Makes a new name in the folder survive a crash of the machine. */
export async function syncFolder(folder: string, fileSystem: FileSystem): Promise<void> {
  const handle = await fileSystem.open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network and user-space file systems cannot sync a folder (fsync(2)): there is nothing more to do.
    if (faultCode(error) !== 'EINVAL') throw error
  } finally {
    await handle.close()
  }
}
