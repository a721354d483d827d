import { nodeFileSystem, type FileSystem, type OpenFile } from '../../src/storage/file-system.ts'

/** The file system of the machine, whose `failAt`-th call fails as the system would with this code. */
export function failingFileSystem(
  failAt: number,
  code = 'ENOSPC',
): FileSystem & { readonly calls: readonly string[] } {
  const calls: string[] = []
  const attempt = <T>(call: string, action: () => Promise<T>): Promise<T> => {
    calls.push(call)
    if (calls.length !== failAt) return action()
    return Promise.reject(Object.assign(new Error(`${code}: injected`), { code }))
  }
  const opened = (file: OpenFile): OpenFile => ({
    writeFile: (data) => attempt('write', () => file.writeFile(data)),
    sync: () => attempt('sync', () => file.sync()),
    close: async () => {
      await file.close()
      await attempt('close', () => Promise.resolve())
    },
  })
  return {
    calls,
    open: (path, flags) => attempt('open', async () => opened(await nodeFileSystem.open(path, flags))),
    rename: (from, to) => attempt('rename', () => nodeFileSystem.rename(from, to)),
    remove: (path) => nodeFileSystem.remove(path),
  }
}
