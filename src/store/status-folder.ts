import { closeSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs'
import { renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { keyOf, type PalisadeObject } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import { parseManifest } from '../manifest/parse.ts'
import { printYaml, type SharedParts } from '../manifest/print.ts'
import { UNFINISHED } from '../storage/atomic-file.ts'
import { faultCode } from '../storage/fault.ts'
import { readFileIfPresent } from '../storage/read-file.ts'
import { stampOf } from '../storage/stamp.ts'
import { parsePrinted } from './printed-yaml.ts'
import { statusKey, statusPath } from './status-path.ts'
import { StoreError } from './store.ts'
import { isStoredObject } from '../api/stored-object.ts'

/** The first line of every status file; without it a file is not palisade's and is never removed. */
const MARK = Buffer.from('# Written by palisade: what is in force. Edits are lost.\n')

/**
 * Files between two turns of the event loop. Synchronous calls cost a fifth of what promises do here;
 * 64 files take a few milliseconds, in which nothing else needs to run.
 */
const BATCH = 64

/** The folder `status/<namespace>/<kind>/<name>.yaml`; cluster-scoped objects are in `status/_cluster`. */
export class StatusFolder {
  readonly #folder: string
  /** In the folder itself, so that a rename never crosses file systems nor shows beside the status files. */
  readonly #unfinished: string

  constructor(folder: string) {
    this.#folder = folder
    this.#unfinished = path.join(folder, UNFINISHED)
  }

  /** Writes each file whole: after a crash the old or the new one is there, if the machine did not fail too. */
  async put(objects: readonly PalisadeObject[]): Promise<void> {
    const shared: SharedParts = new Map()
    const mark = MARK.toString()
    await inBatches(objects, (object) => {
      this.#replace(this.#pathOf(keyOf(object)), mark + printYaml(object, shared))
    })
  }

  /** Removes the files of these objects, and the folders that are empty then. */
  async remove(keys: readonly ObjectKey[]): Promise<void> {
    const folders = new Set<string>()
    await inBatches(keys, (key) => {
      const file = this.#pathOf(key)
      if (!isOurs(file)) return
      unlinkSync(file)
      folders.add(path.dirname(file))
    })
    for (const folder of folders) this.#prune(folder)
  }

  list(): ReadonlySet<ObjectKey> {
    const keys = new Set<ObjectKey>()
    for (const file of filesBelow(this.#folder)) {
      const key = statusKey(file.split(path.sep))
      if (key !== undefined) keys.add(key)
    }
    return keys
  }

  /** Changes whenever a file comes, goes or is replaced. */
  stamp(): string {
    return foldersFrom(this.#folder).map(stampOf).join('\n')
  }

  /** The objects of these keys, in the order of their keys; one that has no file is left out. */
  async read(keys: Iterable<ObjectKey>): Promise<readonly PalisadeObject[]> {
    const objects: PalisadeObject[] = []
    await inBatches([...keys].sort(), (key) => {
      const object = readStatusFile(this.#pathOf(key), key)
      if (object !== undefined) objects.push(object)
    })
    return objects
  }

  /** Removes the file that a killed process was writing; one that stays harms nobody until the next write fails. */
  sweep(): void {
    try {
      rmSync(this.#unfinished, { force: true })
    } catch (error) {
      if (faultCode(error) === '') throw error
    }
  }

  #pathOf(key: ObjectKey): string {
    const found = statusPath(key)
    if (found !== undefined) return path.join(this.#folder, ...found.folders, found.file)
    throw new StoreError(`no status file can have the name of ${JSON.stringify(key)}: it is no object's`)
  }

  #replace(file: string, text: string): void {
    try {
      this.#writeAndRename(file, text)
    } catch (error) {
      if (faultCode(error) !== 'ENOENT') throw error
      mkdirSync(path.dirname(file), { recursive: true })
      this.#writeAndRename(file, text)
    }
  }

  #writeAndRename(file: string, text: string): void {
    try {
      writeFileSync(this.#unfinished, text)
      renameSync(this.#unfinished, file)
    } catch (error) {
      rmSync(this.#unfinished, { force: true })
      throw error
    }
  }

  #prune(folder: string): void {
    for (let empty = folder; empty !== this.#folder; empty = path.dirname(empty)) {
      try {
        rmdirSync(empty)
      } catch (error) {
        if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(faultCode(error))) return
        throw error
      }
    }
  }
}

async function inBatches<T>(items: readonly T[], each: (item: T) => void): Promise<void> {
  let count = 0
  for (const item of items) {
    if (count > 0 && count % BATCH === 0) await setImmediate()
    count++
    each(item)
  }
}

/** A folder with all folders below it, as far as they can be seen. */
function foldersFrom(folder: string): readonly string[] {
  return [folder, ...foldersIn(folder).flatMap((name) => foldersFrom(path.join(folder, name)))]
}

function foldersIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if (faultCode(error) === '') throw error
    return []
  }
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return []
    throw error
  }
}

/** Whether there is such a file and palisade wrote it. */
function isOurs(file: string): boolean {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return false
    throw error
  }
  try {
    const start = Buffer.alloc(MARK.length)
    readSync(handle, start)
    return start.equals(MARK)
  } finally {
    closeSync(handle)
  }
}

/** Undefined when there is no such file: it may go while another process writes. */
function readStatusFile(file: string, key: ObjectKey): PalisadeObject | undefined {
  const bytes = readFileIfPresent(file)
  if (bytes === undefined) return undefined
  const value = parsePrinted(bytes.toString('utf8', MARK.length))
  if (isStoredObject(value, key)) return value
  return parseEdited(file, bytes, key)
}

/** A file that somebody has formatted anew still counts. */
function parseEdited(file: string, bytes: Uint8Array, key: ObjectKey): PalisadeObject {
  const { documents, findings } = parseManifest(file, bytes)
  const value = documents[0]?.value
  if (documents.length === 1 && isStoredObject(value, key)) return value
  const why = findings[0]?.message ?? `it does not hold ${key}`
  throw new StoreError(
    `the status file ${file} is not as palisade wrote it (${why}): remove it, then apply again`,
  )
}
