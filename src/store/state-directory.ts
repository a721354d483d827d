import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { PalisadeObject } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import { UNFINISHED } from '../storage/atomic-file.ts'
import { explainFaults, faultCode } from '../storage/fault.ts'
import { nodeFileSystem, type FileSystem } from '../storage/file-system.ts'
import { newerSentence } from '../storage/ndjson.ts'
import { setAside, setAsideNames } from '../storage/set-aside.ts'
import { emptyInventory } from './inventory-file.ts'
import { InventoryFiles } from './inventory-files.ts'
import { HitFile } from './hit-file.ts'
import { Lock } from './lock.ts'
import { RestNote } from './rest-note.ts'
import { StatusFolder } from './status-folder.ts'
import { StoreError, type Inventory, type Store } from './store.ts'

export interface StateDirectoryOptions {
  /**
   * `exclusive`: the one process that may write; the folder is made if need be, and leftovers of a
   * killed process are removed. `read`: beside others, without a lock and without writing anything;
   * a folder that does not exist is an empty state.
   */
  readonly mode: 'exclusive' | 'read'
  /** The version of palisade, for a later one that finds the files. */
  readonly palisade: string
  readonly now?: () => Date
  /**
   * Told that a damaged inventory was set aside, where all of it is kept elsewhere as well, and to start without
   * remembering anything is right; absent: a person has to decide.
   */
  readonly onSetAside?: ((sentence: string) => void) | undefined
  readonly fileSystem?: FileSystem
  /** Names that are never the same twice. */
  readonly newId?: () => string
}

export interface StateDirectory extends Store {
  readonly path: string
}

/**
 * Opens a state folder: `inventory.ndjson` with its `inventory.journal`, `hits.ndjson`, `status/` and, while somebody writes, `lock/`.
 *
 * Rejects with StoreError when another process holds it and when it cannot be made. A damaged inventory
 * is set aside by the first exclusive `readInventory` that finds it; that one and all later ones reject
 * until a person has decided, since to go on without it would make every object a newcomer and forget
 * what is in force. With `onSetAside` nobody has to.
 */
export function openStateDirectory(folder: string, options: StateDirectoryOptions): Promise<StateDirectory> {
  return explainFaults(folder, 'opened', refusal, () => {
    const lock = options.mode === 'exclusive' ? claim(folder, clockOf(options)()) : undefined
    try {
      if (lock !== undefined) sweep(folder)
      return new FileStore(folder, options, lock)
    } catch (error) {
      lock?.release()
      throw error
    }
  })
}

const clockOf = ({ now }: StateDirectoryOptions): (() => Date) => now ?? (() => new Date())

function claim(folder: string, now: Date): Lock {
  makeFolder(folder)
  return Lock.take(folder, now)
}

/** With the folders that it is in. Node's own way reports a read-only file system as a path that does not exist. */
function makeFolder(folder: string): void {
  try {
    makeOne(folder)
  } catch (error) {
    const parent = path.dirname(folder)
    if (faultCode(error) !== 'ENOENT' || parent === folder) throw error
    makeFolder(parent)
    makeOne(folder)
  }
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    if (faultCode(error) !== 'EEXIST') throw error
  }
}

/** Removes what a killed process was writing. */
function sweep(folder: string): void {
  const leftovers = readdirSync(folder).filter((name) => name.endsWith(UNFINISHED))
  for (const name of leftovers) rmSync(path.join(folder, name), { force: true })
  statusFolderOf(folder).sweep()
}

const statusFolderOf = (folder: string): StatusFolder => new StatusFolder(path.join(folder, 'status'))

class FileStore implements StateDirectory {
  readonly path: string
  readonly rest: RestNote
  readonly hits: HitFile
  readonly #inventory: InventoryFiles
  readonly #status: StatusFolder
  readonly #lock: Lock | undefined
  readonly #now: () => Date
  readonly #onSetAside: ((sentence: string) => void) | undefined
  /** Settled when the write in hand has ended; the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve()
  #isRead = false
  #isClosed = false

  constructor(folder: string, options: StateDirectoryOptions, lock: Lock | undefined) {
    this.path = folder
    const { palisade, fileSystem = nodeFileSystem } = options
    this.#inventory = new InventoryFiles(folder, { palisade, fileSystem, newId: options.newId ?? randomUUID })
    this.#status = statusFolderOf(folder)
    this.#lock = lock
    this.#now = clockOf(options)
    this.#onSetAside = lock === undefined ? undefined : options.onSetAside
    const stamp = (): string => [this.#inventory.stamp(), this.#status.stamp()].join('\n')
    this.hits = new HitFile(path.join(folder, 'hits.ndjson'), palisade, fileSystem)
    this.rest = new RestNote(path.join(folder, 'rest'), stamp, fileSystem)
  }

  readInventory(): Promise<Inventory> {
    // After the write in hand: what it finds on the disk is what the next write goes on from.
    return this.#turn.then(() =>
      explainFaults(this.#inventory.path, 'read', refusal, () => {
        this.#isRead = false
        const inventory = this.#parseInventory()
        this.#isRead = true
        return inventory
      }),
    )
  }

  writeInventory(inventory: Inventory): Promise<void> {
    return this.#write(this.#inventory.path, async () => {
      if (!this.#isRead) throw new Error('the inventory would be overwritten without having been read')
      await this.#inventory.write(inventory)
    })
  }

  writeStatus(put: readonly PalisadeObject[], remove: readonly ObjectKey[]): Promise<void> {
    return this.#write(path.join(this.path, 'status'), async () => {
      await this.#status.remove(remove)
      await this.#status.put(put)
    })
  }

  listStatus(): Promise<ReadonlySet<ObjectKey>> {
    return explainFaults(path.join(this.path, 'status'), 'read', refusal, () => this.#status.list())
  }

  readStatus(keys?: Iterable<ObjectKey>): Promise<readonly PalisadeObject[]> {
    return explainFaults(path.join(this.path, 'status'), 'read', refusal, () =>
      this.#status.read(keys ?? this.#status.list()),
    )
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#turn
    this.#lock?.release()
  }

  #write(target: string, action: () => Promise<void>): Promise<void> {
    const lock = this.#lock
    if (lock === undefined) return Promise.reject(new Error(`${this.path} is open for reading only`))
    if (this.#isClosed) return Promise.reject(new Error(`${this.path} is closed`))
    const written = this.#turn.then(() =>
      explainFaults(target, 'written', refusal, () => {
        lock.assertHeld()
        return action()
      }),
    )
    this.#turn = written.catch(() => undefined)
    return written
  }

  #parseInventory(): Inventory {
    const read = this.#inventory.read()
    const { path: file } = this.#inventory
    if (read.ok) {
      if (read.inventory === undefined && this.#onSetAside === undefined) this.#assertNothingSetAside()
      return read.inventory ?? emptyInventory()
    }
    if ('newer' in read) throw new StoreError(newerSentence(file, read.newer))
    if (this.#onSetAside !== undefined) {
      this.#onSetAside(startsAnew(file, this.#inventory.setAside(this.#now())))
      return emptyInventory()
    }
    if ('journal' in read) throw new StoreError(read.journal)
    if (this.#lock === undefined) throw new StoreError(damaged(file, read.damage))
    throw new StoreError(setAsideNow(file, read.damage, setAside(file, this.#now())))
  }

  #assertNothingSetAside(): void {
    const { path: file } = this.#inventory
    const name = setAsideNames(file).at(-1)
    if (name !== undefined) throw new StoreError(setAsideBefore(file, name))
  }
}

const refusal = (sentence: string, cause: unknown): StoreError => new StoreError(sentence, { cause })

const damaged = (file: string, damage: string): string =>
  `${file} is damaged: ${damage}; put a good copy in its place, or remove it to start without remembering anything`

const setAsideNow = (file: string, damage: string, name: string): string =>
  `${file} is damaged: ${damage}; it was set aside as ${name}: ${choice(file, name)}`

const startsAnew = (file: string, names: readonly string[]): string =>
  `${file} or its journal is damaged and was set aside as ${names.join(' and ')}: nothing is remembered until it is learnt again`

const setAsideBefore = (file: string, name: string): string =>
  `${file} is missing, and a damaged one was set aside as ${name}: ${choice(file, name)}`

const choice = (file: string, name: string): string =>
  `put a good copy back as ${path.basename(file)}, or remove ${name} to start without remembering anything`
