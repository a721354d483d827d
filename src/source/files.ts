import { setImmediate } from 'node:timers/promises'
import { MANIFEST_LIMITS, type ManifestLimits } from '../manifest/limits.ts'
import { parseManifest } from '../manifest/parse.ts'
import { fault, vanished } from './fault.ts'
import { EarlyReading } from './early-reading.ts'
import { digestBytes, FileCache, unreadFile } from './file-cache.ts'
import { FolderWatch } from './folder-watch.ts'
import { inParallel } from './parallel.ts'
import { scan, type FoundFile, type Scan } from './scan.ts'
import type { Parse, Source, SourceFile, SourceSnapshot, Watch } from './source.ts'
import { readInput, STDIN } from './standard-input.ts'
import { systemTimers, type Timers } from './timers.ts'

export interface FileSourceOptions {
  /** What the path `-` reads, once; without it that path is a finding. */
  readonly stdin?: AsyncIterable<Uint8Array>
  readonly parse?: Parse
  readonly limits?: ManifestLimits
  readonly timers?: Timers
  /** How long a change can go unnoticed at most, should the system not tell of it. */
  readonly resyncMs?: number
}

/** How long a change can go unnoticed at most, should the system not tell of it. */
const RESYNC_MS = 30_000

/** Files open at a time. With the largest files that are read they hold 128 MB. */
const OPEN_FILES = 8

/** Manifests in files and folders, and on standard input. */
export function fileSource(paths: readonly string[], options: FileSourceOptions = {}): Source {
  return new FileSource(paths, options)
}

class FileSource implements Source {
  readonly #paths: readonly string[]
  readonly #options: FileSourceOptions
  readonly #limits: ManifestLimits
  readonly #timers: Timers
  readonly #parse: Parse
  readonly #cache: FileCache
  /** The given paths that were there at some time. */
  readonly #known = new Set<string>()
  readonly #watches = new Set<FolderWatch>()
  readonly #hasStdin: boolean
  readonly #early: EarlyReading<SourceSnapshot>
  #stdin: Promise<SourceFile> | undefined
  #reading: Promise<unknown> = Promise.resolve()
  #hasRead = false

  constructor(paths: readonly string[], options: FileSourceOptions) {
    this.#paths = [...new Set(paths)].filter((path) => path !== STDIN)
    this.#hasStdin = paths.includes(STDIN)
    this.#options = options
    this.#limits = options.limits ?? MANIFEST_LIMITS
    this.#timers = options.timers ?? systemTimers
    this.#parse = options.parse ?? ((file, bytes) => parseManifest(file, bytes, this.#limits))
    this.#cache = new FileCache(this.#parse, this.#limits, () => this.#timers.now())
    this.#early = new EarlyReading(() => this.#readInTurn(), this.#timers)
  }

  async read(): Promise<SourceSnapshot> {
    if (this.#early.isBegun) {
      // By the second one this process has asked the system for all that happened until now.
      await setImmediate()
      await setImmediate()
    }
    return (await this.#early.take()) ?? this.#readInTurn()
  }

  /** One at a time: the cache is shared. */
  #readInTurn(): Promise<SourceSnapshot> {
    const reading = this.#reading.then(() => this.#read())
    this.#reading = reading.catch(() => undefined)
    return reading
  }

  async watch(bell: () => void): Promise<Watch> {
    const hasRead = this.#hasRead
    const options = {
      paths: this.#paths,
      bell,
      touched: () => {
        this.#early.touch()
      },
      timers: this.#timers,
      resyncMs: this.#options.resyncMs ?? RESYNC_MS,
    }
    const watch = new FolderWatch(options, await this.#scan())
    this.#watches.add(watch)
    // What changed between that reading and now was not noticed.
    if (hasRead) watch.touch()
    return {
      close: () => {
        this.#watches.delete(watch)
        watch.close()
        this.#early.forget()
        return Promise.resolve()
      },
    }
  }

  async #scan(): Promise<Scan> {
    const found = await scan(this.#paths, this.#known)
    for (const path of found.present.keys()) this.#known.add(path)
    return found
  }

  async #read(): Promise<SourceSnapshot> {
    const found = await this.#scan()
    const known = found.files.map((file) => this.#cache.unchanged(file))
    const others = found.files.filter((_, index) => known[index] === undefined)
    const read = await inParallel(others, OPEN_FILES, (file) => this.#file(file))
    const files = [...known, ...read].filter((file) => file !== undefined)
    this.#cache.retain(new Set(files.map(({ path }) => path)))
    if (this.#hasStdin) files.push(await (this.#stdin ??= this.#readStdin()))
    this.#hasRead = true
    const watchFindings = [...this.#watches].flatMap((watch) => {
      watch.follow(found)
      return watch.findings()
    })
    return {
      files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
      findings: [...found.findings, ...watchFindings],
      unreadable: unique([
        ...found.unreadable,
        ...files.filter(({ digest }) => digest === '').map(({ path }) => path),
      ]),
    }
  }

  async #file(found: FoundFile): Promise<SourceFile | undefined> {
    const file = await this.#cache.read(found)
    // A file that the user named is not gone for having been away for the moment of an atomic save.
    if (file === undefined && this.#paths.includes(found.path)) {
      return unreadFile(found.path, vanished(found.path))
    }
    return file
  }

  async #readStdin(): Promise<SourceFile> {
    const { stdin } = this.#options
    if (stdin === undefined) {
      const hint = 'pipe the manifests in, or name a file or a folder'
      return unreadFile(STDIN, fault('SourceNotFound', STDIN, 'there is no standard input to read', hint))
    }
    const input = await readInput(stdin, this.#limits)
    if (!input.ok) return unreadFile(STDIN, input.fault)
    return { path: STDIN, manifest: this.#parse(STDIN, input.bytes), digest: digestBytes(input.bytes) }
  }
}

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)].sort()
