import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Diagnostic } from '../core/diagnostic.ts'
import { nearest } from '../core/nearest.ts'
import type { SourceCode } from './codes.ts'

/** The code of an error of the file system, such as ENOENT; '' for anything else. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

export function unreadable(file: string, error: unknown): Diagnostic {
  const code = errnoOf(error)
  const reason = REASONS.get(code) ?? (code === '' ? String(error) : `the system says ${code}`)
  const hint = 'what it last gave stays in force until it can be read'
  return fault('SourceUnreadable', file, `${file} cannot be read: ${reason}`, hint)
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ELOOP', 'its links lead in a circle'],
  ['ENOENT', 'it is a link to something that is not there'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open'],
  ['EIO', 'the disk or the network failed'],
  ['ESTALE', 'the network file system has lost it'],
])

/** Node reads what is no UTF-8 in a name as U+FFFD, by which nothing can be opened. */
export function nameNotUtf8(file: string): Diagnostic {
  const message = `${file} cannot be read: its name is not UTF-8`
  const hint = 'rename it; what its folder last gave stays in force until then'
  return fault('SourceUnreadable', file, message, hint)
}

/** `kind` as in "is a FIFO". */
export function notAFile(file: string, kind: string): Diagnostic {
  const hint = 'move it elsewhere; to read a stream, give it as standard input with the path -'
  return fault('NotAFile', file, `${file} is a ${kind}, not a file`, hint)
}

export function changing(file: string): Diagnostic {
  const message = `${file} changed each time that it was read`
  return fault('SourceChanging', file, message, 'it is read again once it is at rest')
}

export function vanished(file: string): Diagnostic {
  const message = `${file} was there and is gone; what it gave stays in force`
  return fault('SourceVanished', file, message, 'put it back; it is read again by itself')
}

/** With the name in the same folder that was probably meant. */
export async function notFound(file: string): Promise<Diagnostic> {
  const folder = path.dirname(file)
  const name = path.basename(file)
  // A name that is there and leads nowhere, as /dev/stdin to a pipe, is not what was meant.
  const others = (await readdir(folder).catch(() => [])).filter((other) => other !== name)
  const meant = nearest(name, others)
  const hint =
    meant === undefined
      ? 'name a file, a folder, or - for standard input'
      : `did you mean ${path.join(folder, meant)}?`
  return fault('SourceNotFound', file, `there is no file or folder ${file}`, hint)
}

export function fault(code: SourceCode, file: string, message: string, hint: string): Diagnostic {
  return { code, severity: 'error', message, hint, position: { file, line: 1, column: 1 } }
}
