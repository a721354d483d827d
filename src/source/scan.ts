import { realpathSync, statSync, type BigIntStats, type Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Diagnostic } from '../core/diagnostic.ts'
import { errnoOf, nameNotUtf8, notAFile, notFound, unreadable, vanished } from './fault.ts'

/** A file to read, or why it cannot be read. */
export type FoundFile =
  | { readonly path: string; readonly stats: BigIntStats }
  | { readonly path: string; readonly fault: Diagnostic }

/** A folder in which changes matter. */
export interface FoundFolder {
  /** Tells it from another folder that has taken its name. */
  readonly identity: string
  /** The names in it that matter; undefined for every name that is not hidden. */
  readonly names: ReadonlySet<string> | undefined
}

export interface Scan {
  readonly files: readonly FoundFile[]
  /** Of paths that are no file in the list. */
  readonly findings: readonly Diagnostic[]
  readonly unreadable: readonly string[]
  /** By real path. */
  readonly folders: ReadonlyMap<string, FoundFolder>
  /** The given paths that are there, and which file or folder each leads to. */
  readonly present: ReadonlyMap<string, string>
}

/** Names looked at in one go: 1 ms, in which nothing else is done. */
const SLICE = 256

/**
 * Finds the files that the given paths stand for, without opening any. Folders are read with all below
 * them; links are followed, as Kubernetes mounts a ConfigMap (`a.yaml` → `..data/a.yaml`, `..data` →
 * `..2024_x`); a file or folder that is reached twice counts once, under the path that comes first, so
 * that links in a circle end. A path that is missing was there before if it is among `known`.
 */
export async function scan(paths: readonly string[], known: ReadonlySet<string>): Promise<Scan> {
  const scanner = new Scanner(known)
  for (const given of paths.toSorted()) await scanner.given(given)
  return scanner
}

/** Hidden names are not ours to read, nor what Kubernetes keeps behind a mounted ConfigMap (`..data`). */
export const isHidden = (name: string): boolean => name.startsWith('.')

export const isManifestName = (name: string): boolean => /\.(?:yaml|yml|json)$/.test(name)

/** Whether there may be manifests at a name, or below it. */
const mayBeManifest = (dirent: Dirent): boolean =>
  isManifestName(dirent.name) || dirent.isDirectory() || dirent.isSymbolicLink()

/** What a name in a folder leads to. */
interface Entry {
  readonly path: string
  readonly real: string
  readonly stats: BigIntStats
  readonly isLink: boolean
}

/** A folder, and what stands before the names in it. */
interface Place {
  readonly folder: string
  readonly path: string
  readonly real: string
}

/** What stands before a name in a folder: to join each name by itself makes 600 bytes of a path of 50. */
const prefixOf = (folder: string): string => path.join(folder, 'x').slice(0, -1)

class Scanner implements Scan {
  readonly files: FoundFile[] = []
  readonly findings: Diagnostic[] = []
  readonly unreadable: string[] = []
  readonly folders = new Map<string, FoundFolder>()
  readonly present = new Map<string, string>()
  readonly #known: ReadonlySet<string>
  /** Real paths of files and folders. */
  readonly #visited = new Set<string>()

  constructor(known: ReadonlySet<string>) {
    this.#known = known
  }

  async given(given: string): Promise<void> {
    try {
      const stats = await stat(given, { bigint: true })
      const real = await realpath(given)
      this.present.set(given, identityOf(stats))
      await this.#add({ path: given, real, stats, isLink: true })
      if (!stats.isDirectory()) await this.#watchName(given)
    } catch (error) {
      // The folder that it was in tells when it comes back; where that is gone, too, nothing does.
      await this.#watchName(given).catch(() => undefined)
      if (errnoOf(error) === 'ENOENT') {
        this.#fail(given, this.#known.has(given) ? vanished(given) : await notFound(given))
      } else this.#fail(given, unreadable(given, error))
    }
  }

  async #add(entry: Entry): Promise<void> {
    if (entry.stats.isDirectory()) {
      if (this.#isNew(entry)) await this.#folder(entry)
    } else if (this.#addFile(entry) && entry.isLink) await this.#watchName(entry.real)
  }

  /** False where it is there under another path, or is no file. */
  #addFile(entry: Entry): boolean {
    if (!this.#isNew(entry)) return false
    const { path, stats } = entry
    if (stats.isFile()) {
      this.files.push(entry)
      return true
    }
    this.unreadable.push(path)
    this.files.push({ path, fault: notAFile(path, kindOf(stats)) })
    return false
  }

  #isNew({ real }: Entry): boolean {
    if (this.#visited.has(real)) return false
    this.#visited.add(real)
    return true
  }

  async #folder(folder: Entry): Promise<void> {
    let names: Dirent[]
    try {
      names = await readdir(folder.path, { withFileTypes: true })
    } catch (error) {
      // Between the look at it and the reading it may have gone, like any file.
      if (errnoOf(error) !== 'ENOENT') this.#fail(folder.path, unreadable(folder.path, error))
      return
    }
    this.folders.set(folder.real, { identity: identityOf(folder.stats), names: undefined })
    const visible = names.filter(({ name }) => !isHidden(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
    const place = { folder: folder.path, path: prefixOf(folder.path), real: prefixOf(folder.real) }
    const entries: Entry[] = []
    for (const [index, name] of visible.entries()) {
      if (index % SLICE === SLICE - 1) await setImmediate()
      const entry = this.#look(place, name)
      if (entry !== undefined) entries.push(entry)
    }
    for (const entry of entries) {
      // Thousands of files are not worth a promise each.
      if (entry.isLink || entry.stats.isDirectory()) await this.#add(entry)
      else this.#addFile(entry)
    }
  }

  /**
   * Undefined for what is no manifest, cannot be read, or has just gone. Waits for the system: that takes 4 us for
   * a file, and three times as long to hand it to another thread, which thousands of files add up.
   */
  #look(place: Place, dirent: Dirent): Entry | undefined {
    const { name } = dirent
    const isManifest = isManifestName(name)
    if (dirent.isFile() && !isManifest) return undefined
    const entryPath = place.path + name
    const isLink = !dirent.isFile() && !dirent.isDirectory()
    try {
      const stats = statSync(entryPath, { bigint: true })
      if (!isManifest && !stats.isDirectory()) return undefined
      const real = isLink ? realpathSync.native(entryPath) : place.real + name
      return { path: entryPath, real, stats, isLink }
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' && name.includes('\ufffd')) {
        // Whatever is missing from this folder may be in it.
        if (mayBeManifest(dirent)) this.#fail(place.folder, nameNotUtf8(entryPath))
        return undefined
      }
      if (errnoOf(error) === 'ENOENT' && !isLink) return undefined
      const fault = unreadable(entryPath, error)
      if (isManifest) {
        this.unreadable.push(entryPath)
        this.files.push({ path: entryPath, fault })
        // A link that leads nowhere may have led to a folder of manifests, or never to any.
      } else this.#fail(entryPath, { ...fault, severity: 'warning' })
      return undefined
    }
  }

  #fail(failed: string, finding: Diagnostic): void {
    this.findings.push(finding)
    this.unreadable.push(failed)
  }

  /** Changes of a file are told by the folder that it is in. */
  async #watchName(file: string): Promise<void> {
    const folder = await realpath(path.dirname(file))
    const found = this.folders.get(folder)
    if (found !== undefined && found.names === undefined) return
    const identity = found?.identity ?? identityOf(await stat(folder, { bigint: true }))
    this.folders.set(folder, { identity, names: new Set(found?.names).add(path.basename(file)) })
  }
}

/** An inode alone is not enough: it is given again as soon as it is free. */
export const identityOf = ({ dev, ino, birthtimeNs }: BigIntStats): string =>
  [dev, ino, birthtimeNs].join(':')

function kindOf(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'FIFO'
  return stats.isSocket() ? 'socket' : 'device'
}
