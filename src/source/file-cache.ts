import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { ManifestLimits } from '../manifest/limits.ts'
import { fileTooLarge, unreadManifest } from '../manifest/parse.ts'
import { isUnchanged, readFile } from './read-file.ts'
import type { FoundFile } from './scan.ts'
import type { Parse, SourceFile } from './source.ts'

/**
 * A file that changed so short a time before it was looked at may change again within the same tick of
 * the file system's clock: 4 to 10 ms on Linux, 1 s on some network file systems, 2 s on FAT. Until
 * it is older it is read again, which costs a hash and no parsing.
 */
const SETTLED_MS = 2000

interface Cached {
  readonly file: SourceFile
  /** Of the bytes that gave the file; undefined if they have to be read again. */
  readonly stats: BigIntStats | undefined
}

/** Reads files, and those that are as they were not again. */
export class FileCache {
  readonly #parse: Parse
  readonly #limits: ManifestLimits
  readonly #now: () => number
  readonly #cached = new Map<string, Cached>()

  constructor(parse: Parse, limits: ManifestLimits, now: () => number) {
    this.#parse = parse
    this.#limits = limits
    this.#now = now
  }

  /** A file that is as it was when it was last read; undefined for every other. */
  unchanged(found: FoundFile): SourceFile | undefined {
    if ('fault' in found) return undefined
    const cached = this.#cached.get(found.path)
    return cached?.stats !== undefined && isUnchanged(found.stats, cached.stats) ? cached.file : undefined
  }

  /** Undefined for a file that has just gone. */
  async read(found: FoundFile): Promise<SourceFile | undefined> {
    if ('fault' in found) return this.#keepFault(found.path, found.fault)
    const { path, stats } = found
    if (stats.size > this.#limits.bytes) {
      return this.#keepFault(path, fileTooLarge(path, Number(stats.size), this.#limits))
    }
    const now = this.#now()
    const result = await readFile(path, this.#limits)
    if (result.outcome === 'gone') return undefined
    if (result.outcome === 'failed') return this.#keepFault(path, result.fault)
    const changed = Math.max(Number(result.stats.mtimeMs), Number(result.stats.ctimeMs))
    return this.#keep(path, result.bytes, changed + SETTLED_MS < now ? result.stats : undefined)
  }

  /** Forgets the files that are no longer there. */
  retain(paths: ReadonlySet<string>): void {
    for (const path of this.#cached.keys()) if (!paths.has(path)) this.#cached.delete(path)
  }

  #keep(path: string, bytes: Uint8Array, stats: BigIntStats | undefined): SourceFile {
    const digest = digestBytes(bytes)
    const before = this.#cached.get(path)?.file
    const file = before?.digest === digest ? before : { path, manifest: this.#parse(path, bytes), digest }
    this.#cached.set(path, { file, stats })
    return file
  }

  #keepFault(path: string, fault: Diagnostic): SourceFile {
    const before = this.#cached.get(path)?.file
    const known = before?.digest === '' ? before.manifest.findings[0] : undefined
    if (before !== undefined && known?.code === fault.code && known.message === fault.message) return before
    const file = unreadFile(path, fault)
    this.#cached.set(path, { file, stats: undefined })
    return file
  }
}

export const unreadFile = (path: string, fault: Diagnostic): SourceFile => ({
  path,
  manifest: unreadManifest(fault),
  digest: '',
})

export const digestBytes = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`
