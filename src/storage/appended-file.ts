import path from 'node:path'
import type { FileSystem } from './file-system.ts'
import { nodeFileSystem } from './file-system.ts'
import { syncFolder } from './atomic-file.ts'

/**
 * Adds to the end of a file, or makes it anew: after a crash of palisade or of the machine the addition is there whole,
 * not at all, or in part, which the reader has to notice. When it rejects any of that may be so as well.
 */
export async function appendToFile(
  file: string,
  bytes: Uint8Array,
  isNew: boolean,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  const handle = await fileSystem.open(file, isNew ? 'w' : 'a')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  if (isNew) await syncFolder(path.dirname(file), fileSystem)
}
