import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { existsSync, rmdirSync, rmSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { isRecord } from '../core/record.ts'
import { faultCode } from '../storage/fault.ts'
import { isProcessIdentity, livenessOf, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { StoreError } from './store.ts'

/** Who holds a lock. */
interface LockHolder extends ProcessIdentity {
  /** RFC 3339. */
  readonly since: string
  readonly command: string
}

/** How to say that somebody else has it: `subject` goes before "by ...", `remedy` after it. */
export interface LockWords {
  readonly subject: string
  readonly remedy: string
}

const wordsOf = (state: string): LockWords => ({
  subject: `the state folder ${state} is in use`,
  remedy: 'stop it, or choose another folder with --state',
})

/** How often a lock that others take and give back at the same moment is tried before it counts as busy. */
const ATTEMPTS = 100

/** An unfinished claim older than this many milliseconds is left from a killed process: making one takes microseconds. */
const ABANDONED_AFTER = 60_000

/**
 * The right to write a state folder, held by one process at a time.
 *
 * It is held by whoever has a file in the folder `lock`. A claim is a folder of its own that already
 * holds such a file, under a name that is never used twice, and is renamed to `lock`: rename(2) does
 * that only while `lock` is absent or empty, so of many starters one succeeds. A dead holder's file is
 * removed by its name, hence never that of a holder who came since, whoever else tries the same.
 */
export class Lock {
  readonly #folder: string
  readonly #file: string

  private constructor(folder: string, file: string) {
    this.#folder = folder
    this.#file = file
  }

  /** Takes the lock of a state folder, or rejects with StoreError that names its holder. */
  static take(state: string, now: Date, words = wordsOf(state)): Lock {
    const id = randomUUID()
    const claim = path.join(state, `lock.${id}`)
    const folder = path.join(state, 'lock')
    try {
      writeClaim(claim, `${id}.json`, now)
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (tryRename(claim, folder)) {
          removeAbandonedClaims(state, now)
          return new Lock(folder, path.join(folder, `${id}.json`))
        }
        for (const name of namesIn(folder)) removeIfDead(state, path.join(folder, name), words)
      }
    } finally {
      rmSync(claim, { recursive: true, force: true })
    }
    throw new StoreError(
      `the state folder ${state} is being opened by many processes at once: start them one after the other`,
    )
  }

  /** Throws StoreError when somebody removed the lock, since from then on another process may write as well. */
  assertHeld(): void {
    if (existsSync(this.#file)) return
    throw new StoreError(
      `the lock of the state folder was removed while palisade ran (${this.#file}): start palisade again, and only once`,
    )
  }

  release(): void {
    rmSync(this.#file, { force: true })
    try {
      rmdirSync(this.#folder)
    } catch {
      // The next holder is in it already, or the folder is gone: either way there is nothing to tidy.
      return
    }
  }
}

/** Synced, since a holder whose file came out of a power failure empty could not be told from a living one. */
function writeClaim(claim: string, name: string, now: Date): void {
  mkdirSync(claim)
  const holder: LockHolder = { ...ownIdentity(), since: now.toISOString(), command: ownCommand() }
  const file = openSync(path.join(claim, name), 'wx')
  try {
    writeSync(file, `${JSON.stringify(holder)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function ownCommand(): string {
  const [node = '', script, ...rest] = process.argv
  return [path.basename(script ?? node, '.js'), ...rest].join(' ')
}

function tryRename(claim: string, folder: string): boolean {
  try {
    renameSync(claim, folder)
    return true
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(faultCode(error))) return false
    throw error
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return []
    throw error
  }
}

/** Throws StoreError unless the holder is known to be dead, or has gone meanwhile. */
function removeIfDead(state: string, file: string, words: LockWords): void {
  const holder = readHolder(file)
  if (holder === 'Gone') return
  if (holder === undefined) throw new StoreError(unreadable(state, file))
  const liveness = livenessOf(holder)
  if (liveness !== 'Dead') throw new StoreError(held(state, holder, liveness, words))
  try {
    unlinkSync(file)
  } catch (error) {
    if (faultCode(error) !== 'ENOENT') throw error
  }
}

function readHolder(file: string): LockHolder | 'Gone' | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isLockHolder(value) ? value : undefined
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return 'Gone'
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isLockHolder = (value: unknown): value is LockHolder =>
  isRecord(value) &&
  typeof value['since'] === 'string' &&
  typeof value['command'] === 'string' &&
  isProcessIdentity(value)

function held(
  state: string,
  holder: LockHolder,
  liveness: 'Alive' | 'Unknown',
  { subject, remedy }: LockWords,
): string {
  const who = `"${holder.command}" (pid ${holder.pid} on ${holder.host}, since ${holder.since})`
  if (liveness === 'Alive') return `${subject} by ${who}: ${remedy}`
  const lock = path.join(state, 'lock')
  return `${subject} by ${who}, which cannot be seen from here: stop it there, or remove ${lock} if it no longer runs`
}

const unreadable = (state: string, file: string): string =>
  `the state folder ${state} is locked by ${file}, which does not say by whom: remove that file if no palisade is running`

/** What processes left that were killed between making a claim and withdrawing it. */
function removeAbandonedClaims(state: string, now: Date): void {
  for (const name of readdirSync(state).filter((entry) => entry.startsWith('lock.'))) {
    const claim = path.join(state, name)
    const made = statSync(claim, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    if (now.getTime() - made > ABANDONED_AFTER) rmSync(claim, { recursive: true, force: true })
  }
}
