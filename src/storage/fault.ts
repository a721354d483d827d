/** What system errors mean to the person at the keyboard, and what that person can do (errno(3)). */
const FAULTS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied: run palisade as the owner of the folder, or choose another with --state',
  EDQUOT: 'the disk quota is used up: free some space, then start again',
  EFBIG:
    'the file would exceed the largest size that is allowed: raise the limit (ulimit -f), then start again',
  EIO: 'the disk reports an error: check it, or choose a folder on another with --state',
  EISDIR: 'it is a folder where a file should be: move it away, then start again',
  ELOOP:
    'its path goes round in a circle of symbolic links: correct them, or choose another folder with --state',
  EMFILE: 'palisade has too many files open: raise the limit (ulimit -n), then start again',
  ENAMETOOLONG: 'its path is too long: choose a folder with a shorter one with --state',
  ENFILE: 'the system has too many files open: close some, then start again',
  ENOENT: 'a part of its path does not exist: create it, or choose another folder with --state',
  ENOSPC: 'no space is left on the disk: free some, then start again',
  ENOTDIR:
    'a part of its path is a file where a folder should be: move it away, or choose another folder with --state',
  EPERM:
    'the operation is not permitted: run palisade as the owner of the folder, or choose another with --state',
  EROFS: 'the file system is read-only: make it writable, or choose another folder with --state',
}

/** The code of a system error, such as `ENOSPC`; '' for anything else. */
export function faultCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** What is wrong and what to do, to follow a colon; in the words of the system where palisade has none. */
function faultText(error: unknown): string {
  const code = faultCode(error)
  return FAULTS[code] ?? (error instanceof Error ? error.message : String(error))
}

/**
 * Runs what reads or writes a file; when the file system refuses, `wrap` makes the error from one
 * sentence that names the file and what to do. `done` completes "... cannot be".
 */
export async function explainFaults<T>(
  file: string,
  done: 'opened' | 'read' | 'written',
  wrap: (sentence: string, cause: unknown) => Error,
  action: () => T | Promise<T>,
): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (faultCode(error) === '') throw error
    throw wrap(`${file} cannot be ${done}: ${faultText(error)}`, error)
  }
}
