import { watch, type FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Diagnostic } from '../core/diagnostic.ts'
import { Bell } from './bell.ts'
import { errnoOf, fault } from './fault.ts'
import { identityOf, isHidden, type Scan } from './scan.ts'
import type { Timers } from './timers.ts'

export interface FolderWatchOptions {
  /** What the user named: a folder that takes the place of another is noticed by looking. */
  readonly paths: readonly string[]
  readonly bell: () => void
  /** Called at each event, long before the bell rings for it. */
  readonly touched?: () => void
  readonly timers: Timers
  readonly resyncMs: number
}

/**
 * How often the given paths themselves are looked at. The system tells a watcher that its folder was
 * removed, and nothing after that: neither of a folder that comes back, nor of a link that leads to
 * another one. One stat for each path costs some 10 microseconds.
 */
const LOOK_MS = 500

interface Watched {
  readonly identity: string
  readonly watcher: FSWatcher
}

/**
 * Watches each folder by itself and by its real path, so that links in circles do no harm. Events say no
 * more than that something happened: they get lost when the event loop is busy.
 */
export class FolderWatch {
  readonly #options: FolderWatchOptions
  readonly #bell: Bell
  readonly #watched = new Map<string, Watched>()
  readonly #failures = new Map<string, Diagnostic>()
  readonly #cancels = new Map<number, () => void>()
  #folders: Scan['folders'] = new Map()
  /** Which file or folder each given path led to at the last reading, and when the bell last rang for it. */
  #read = ''
  #rung = ''
  #isClosed = false

  constructor(options: FolderWatchOptions, scan: Scan) {
    this.#options = options
    this.#bell = new Bell(options.bell, options.timers)
    this.#follow(scan)
    this.#every(LOOK_MS, async () => {
      const seen = identitiesOf(options.paths, await this.#look())
      if (seen !== this.#read && seen !== this.#rung) this.touch()
      this.#rung = seen
    })
    this.#every(options.resyncMs, () => {
      this.touch()
      return Promise.resolve()
    })
  }

  /** Something may have changed. */
  touch(): void {
    this.#options.touched?.()
    this.#bell.touch()
  }

  /** From now on these folders matter. What happened in new ones before they were watched is not missed. */
  follow(scan: Scan): void {
    if (!this.#isClosed && this.#follow(scan)) this.touch()
  }

  findings(): readonly Diagnostic[] {
    return [...this.#failures.values()]
  }

  close(): void {
    this.#isClosed = true
    this.#bell.close()
    for (const cancel of this.#cancels.values()) cancel()
    for (const folder of this.#watched.keys()) this.#drop(folder)
  }

  /** True when a folder is watched that was not. */
  #follow({ folders, present }: Scan): boolean {
    this.#folders = folders
    this.#read = identitiesOf(this.#options.paths, present)
    this.#failures.clear()
    for (const [folder, { identity }] of this.#watched) {
      if (folders.get(folder)?.identity !== identity) this.#drop(folder)
    }
    const added = [...folders].filter(([folder]) => !this.#watched.has(folder))
    for (const [folder, { identity }] of added) this.#add(folder, identity)
    return added.some(([folder]) => this.#watched.has(folder))
  }

  #add(folder: string, identity: string): void {
    try {
      const watcher = watch(folder)
      watcher.on('change', (event: string, name: unknown) => {
        this.#notice(folder, event, typeof name === 'string' ? name : '')
      })
      watcher.on('error', (error) => {
        this.#drop(folder)
        this.#fail(folder, error)
      })
      this.#watched.set(folder, { identity, watcher })
    } catch (error) {
      // One that has gone in the meantime is missed by the folder that it was in.
      if (errnoOf(error) !== 'ENOENT') this.#fail(folder, error)
    }
  }

  #drop(folder: string): void {
    this.#watched.get(folder)?.watcher.close()
    this.#watched.delete(folder)
  }

  #notice(folder: string, event: string, name: string): void {
    // The folder itself went. One that takes its place may even have its inode, and no watcher.
    const isItself = event === 'rename' && name === path.basename(folder)
    if (isItself) this.#drop(folder)
    if (isItself || this.#matters(folder, name)) this.touch()
  }

  /** Kubernetes swaps a ConfigMap by a rename to `..data`. The system does not always tell the name. */
  #matters(folder: string, name: string): boolean {
    if (name === '' || name.startsWith('..')) return true
    const names = this.#folders.get(folder)?.names
    return names === undefined ? !isHidden(name) : names.has(name)
  }

  async #look(): Promise<ReadonlyMap<string, string>> {
    const present = new Map<string, string>()
    for (const given of this.#options.paths) {
      const stats = await stat(given, { bigint: true }).catch(() => undefined)
      if (stats !== undefined) present.set(given, identityOf(stats))
    }
    return present
  }

  #every(milliseconds: number, run: () => Promise<void>): void {
    const cancel = this.#options.timers.after(milliseconds, () => {
      void run().then(() => {
        if (!this.#isClosed) this.#every(milliseconds, run)
      })
    })
    this.#cancels.set(milliseconds, cancel)
  }

  #fail(folder: string, error: unknown): void {
    const isLimit = errnoOf(error) === 'ENOSPC'
    const reason = isLimit ? 'the system allows no more watches' : errnoOf(error) || String(error)
    const seconds = this.#options.resyncMs / 1000
    const message = `${folder} is not watched: ${reason}; changes are seen after ${seconds} s at most`
    const hint = isLimit ? 'raise fs.inotify.max_user_watches' : 'it is tried again with the next reading'
    this.#failures.set(folder, { ...fault('WatchFailed', folder, message, hint), severity: 'warning' })
  }
}

const identitiesOf = (paths: readonly string[], present: ReadonlyMap<string, string>): string =>
  paths.map((given) => present.get(given) ?? '').join(' ')
