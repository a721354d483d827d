import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { faultCode } from './fault.ts'

/** Undefined when there is no such file. A FIFO in its place has nothing in it: its writer is not waited for. */
export function readFileIfPresent(file: string): Buffer | undefined {
  let handle: number
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return readFileSync(handle)
  } finally {
    closeSync(handle)
  }
}
