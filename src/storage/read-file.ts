import { readFileSync } from 'node:fs'
import { faultCode } from './fault.ts'

/** Undefined when there is no such file. */
export function readFileIfPresent(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return undefined
    throw error
  }
}
