import path from 'node:path'
import { syncFolder, writeDurably } from './atomic-file.ts'
import type { FileSystem } from './file-system.ts'

/**
 * Adds to the end of a file, or makes it anew. Once it resolves the addition is there, also after a crash of the machine.
 * After a crash before that, or when it rejects, all of it may be there, nothing, or parts with holes between them, which
 * the reader has to notice.
 */
export async function appendToFile(
  file: string,
  bytes: Uint8Array,
  isNew: boolean,
  fileSystem: FileSystem,
): Promise<void> {
  await writeDurably(file, isNew ? 'w' : 'a', [bytes], fileSystem)
  if (isNew) await syncFolder(path.dirname(file), fileSystem)
}
