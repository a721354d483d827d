import { open, rename, rm } from 'node:fs/promises'

export interface OpenFile {
  /** Appends all of it at the current position. */
  writeFile(data: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** The calls through which a file is replaced or added to; passed in, so that a test can let each of them fail. */
export interface FileSystem {
  open(path: string, flags: 'r' | 'w' | 'a'): Promise<OpenFile>
  rename(from: string, to: string): Promise<void>
  /** Does nothing when there is no such file. */
  remove(path: string): Promise<void>
}

export const nodeFileSystem: FileSystem = {
  open,
  rename,
  remove: (path) => rm(path, { force: true }),
}
