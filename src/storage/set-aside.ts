import { readdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { faultCode } from './fault.ts'

const MARK = '.damaged-'

/**
 * Renames a damaged file, so that nothing overwrites what a person may still rescue from it; returns
 * its new name without the folder. The caller holds the lock.
 */
export function setAside(file: string, now: Date): string {
  const taken = setAsideNames(file)
  const name = `${path.basename(file)}${MARK}${now.toISOString().replaceAll(':', '-')}`
  let free = name
  for (let count = 2; taken.includes(free); count++) free = `${name}-${count}`
  renameSync(file, path.join(path.dirname(file), free))
  return free
}

/** The names under which damaged versions of a file were set aside, oldest first. */
export function setAsideNames(file: string): readonly string[] {
  const prefix = path.basename(file) + MARK
  try {
    return readdirSync(path.dirname(file))
      .filter((name) => name.startsWith(prefix))
      .sort()
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return []
    throw error
  }
}
