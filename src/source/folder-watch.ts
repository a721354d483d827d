import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { FSWatcher } from 'chokidar'
import type { Diagnostic } from '../core/diagnostic.ts'
import { Bell } from './bell.ts'
import { errnoOf, fault } from './fault.ts'
import { identityOf, isHidden, type FoundFolder } from './scan.ts'
import type { Timers } from './timers.ts'

export interface FolderWatchOptions {
  /** What the user named: a folder that takes the place of another is noticed by looking. */
  readonly paths: readonly string[]
  readonly bell: () => void
  readonly timers: Timers
  readonly resyncMs: number
}

/**
 * How often the given paths themselves are looked at. The system tells a watcher that its folder was
 * removed, and nothing after that: neither of a folder that comes back, nor of a link that leads to
 * another one. One stat for each path costs some 10 microseconds.
 */
const LOOK_MS = 500

/** A watcher that is not ready by then will be late, or never be: the resync covers for it. */
const READY_MS = 5000

interface Watched {
  readonly identity: string
  readonly watcher: FSWatcher
}

/**
 * Watches each folder by itself, by its real path, so that links in a circle do no harm: chokidar
 * follows them 40 deep. It does not say what happened, only that something did, since events get lost
 * when the event loop is busy.
 */
export class FolderWatch {
  readonly #options: FolderWatchOptions
  readonly #bell: Bell
  readonly #watched = new Map<string, Watched>()
  readonly #failures = new Map<string, Diagnostic>()
  readonly #cancels = new Map<number, () => void>()
  #folders: ReadonlyMap<string, FoundFolder> = new Map()
  #identities = ''
  #following: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: FolderWatchOptions) {
    this.#options = options
    this.#bell = new Bell(options.bell, options.timers)
  }

  async start(folders: ReadonlyMap<string, FoundFolder>): Promise<void> {
    this.#identities = await this.#look()
    await this.#follow(folders)
    this.#every(LOOK_MS, async () => {
      const identities = await this.#look()
      if (identities !== this.#identities) this.touch()
      this.#identities = identities
    })
    this.#every(this.#options.resyncMs, () => {
      this.touch()
      return Promise.resolve()
    })
  }

  /** Something may have changed. */
  touch(): void {
    this.#bell.touch()
  }

  /** From now on these folders matter. What happens in new ones before they are watched is not missed. */
  follow(folders: ReadonlyMap<string, FoundFolder>): void {
    this.#following = this.#following.then(async () => {
      if (await this.#follow(folders)) this.touch()
    })
  }

  findings(): readonly Diagnostic[] {
    return [...this.#failures.values()]
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#bell.close()
    for (const cancel of this.#cancels.values()) cancel()
    await this.#following
    await Promise.all([...this.#watched.keys()].map((folder) => this.#drop(folder)))
  }

  /** True when a folder is watched that was not. */
  async #follow(folders: ReadonlyMap<string, FoundFolder>): Promise<boolean> {
    if (this.#isClosed) return false
    this.#folders = folders
    const isStale = ([folder, { identity }]: readonly [string, Watched]): boolean =>
      folders.get(folder)?.identity !== identity
    await Promise.all([...this.#watched].filter(isStale).map(([folder]) => this.#drop(folder)))
    const added = [...folders].filter(([folder]) => !this.#watched.has(folder))
    await Promise.all(added.map(([folder, { identity }]) => this.#add(folder, identity)))
    return added.length > 0
  }

  async #add(folder: string, identity: string): Promise<void> {
    const { watch } = await import('chokidar')
    const watcher = watch(folder, {
      atomic: false,
      depth: 0,
      followSymlinks: false,
      ignored: (name) => name !== folder,
      ignoreInitial: true,
    })
    this.#watched.set(folder, { identity, watcher })
    this.#failures.delete(folder)
    // The raw events come at once; those made of them wait, and some are dropped as repetitions.
    watcher.on('raw', (event, name) => {
      // The folder itself went; one that takes its place may even have its inode.
      const isItself = event === 'rename' && name === path.basename(folder)
      if (isItself) this.#watched.set(folder, { identity: '', watcher })
      if (isItself || this.#matters(folder, name)) this.touch()
    })
    watcher.on('error', (error) => {
      this.#failures.set(folder, notWatched(folder, error, this.#options.resyncMs))
      void this.#drop(folder)
    })
    await this.#ready(watcher)
  }

  async #drop(folder: string): Promise<void> {
    const watched = this.#watched.get(folder)
    this.#watched.delete(folder)
    await watched?.watcher.close()
  }

  #ready(watcher: FSWatcher): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.timers.after(READY_MS, resolve)
      const done = (): void => {
        cancel()
        resolve()
      }
      watcher.once('ready', done)
      watcher.once('error', done)
    })
  }

  /** Kubernetes swaps a ConfigMap by a rename to `..data`. The system does not always tell the name. */
  #matters(folder: string, name: string | null | undefined): boolean {
    if (!name || name.startsWith('..')) return true
    const names = this.#folders.get(folder)?.names
    return names === undefined ? !isHidden(name) : names.has(name)
  }

  /** Which file or folder each given path leads to. */
  async #look(): Promise<string> {
    const found = await Promise.all(
      this.#options.paths.map(async (given) => {
        try {
          return identityOf(await stat(given, { bigint: true }))
        } catch (error) {
          return errnoOf(error)
        }
      }),
    )
    return found.join(' ')
  }

  #every(milliseconds: number, run: () => Promise<void>): void {
    const again = (): void => {
      this.#cancels.set(
        milliseconds,
        this.#options.timers.after(milliseconds, () => {
          void run().then(() => {
            if (!this.#isClosed) again()
          })
        }),
      )
    }
    again()
  }
}

function notWatched(folder: string, error: unknown, resyncMs: number): Diagnostic {
  const isLimit = errnoOf(error) === 'ENOSPC'
  const reason = isLimit ? 'the system allows no more watches' : errnoOf(error) || String(error)
  const message = `${folder} is not watched: ${reason}; changes are seen after ${resyncMs / 1000} s at most`
  const hint = isLimit ? 'raise fs.inotify.max_user_watches' : 'it is tried again with the next reading'
  return { ...fault('WatchFailed', folder, message, hint), severity: 'warning' }
}
