import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { faultCode } from './fault.ts'

/** Undefined when there is no such file. A FIFO or device in its place has nothing in it: nobody is waited for. */
export function readFileIfPresent(file: string): Buffer | undefined {
  let handle: number
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const stats = fstatSync(handle)
    return stats.isFile() || stats.isDirectory() ? readFileSync(handle) : Buffer.alloc(0)
  } finally {
    closeSync(handle)
  }
}
