import type { Diagnostic } from '../core/diagnostic.ts'
import { parseManifest } from '../manifest/parse.ts'
import { fault } from './fault.ts'
import { digestBytes, unreadFile } from './file-cache.ts'
import type { Source, SourceFile, SourceSnapshot, Watch } from './source.ts'

/** Files that exist in memory only, by path; for tests of what uses a source. */
export function memorySource(initial: Readonly<Record<string, string>> = {}): MemorySource {
  const source = new MemorySource()
  for (const [path, text] of Object.entries(initial)) source.write(path, text)
  return source
}

/** Each change rings. */
class MemorySource implements Source {
  readonly #files = new Map<string, SourceFile>()
  /** Folders that cannot be looked into. */
  readonly #hidden = new Map<string, Diagnostic>()
  readonly #bells = new Set<() => void>()

  write(path: string, text: string): void {
    const bytes = new TextEncoder().encode(text)
    const digest = digestBytes(bytes)
    if (this.#files.get(path)?.digest !== digest) {
      this.#files.set(path, { path, manifest: parseManifest(path, bytes), digest })
    }
    this.#ring()
  }

  remove(path: string): void {
    this.#files.delete(path)
    this.#ring()
  }

  /** From now on the file is there and cannot be read, until it is written again. */
  spoil(path: string): void {
    this.#files.set(path, unreadFile(path, notReadable(path)))
    this.#ring()
  }

  /** From now on the files below the folder cannot be seen. */
  hide(folder: string): void {
    this.#hidden.set(folder, notReadable(folder))
    this.#ring()
  }

  reveal(folder: string): void {
    this.#hidden.delete(folder)
    this.#ring()
  }

  read(): Promise<SourceSnapshot> {
    const hidden = [...this.#hidden.keys()]
    const files = [...this.#files.values()]
      .filter(({ path }) => !hidden.some((folder) => path.startsWith(`${folder}/`)))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
    const spoilt = files.filter(({ digest }) => digest === '').map(({ path }) => path)
    return Promise.resolve({
      files,
      findings: [...this.#hidden.values()],
      unreadable: [...spoilt, ...hidden].sort(),
    })
  }

  watch(bell: () => void): Promise<Watch> {
    const ring = (): void => {
      bell()
    }
    this.#bells.add(ring)
    return Promise.resolve({
      close: () => {
        this.#bells.delete(ring)
        return Promise.resolve()
      },
    })
  }

  /** Not within the call that made the change, just as the system tells of a file later. */
  #ring(): void {
    for (const ring of this.#bells) {
      queueMicrotask(() => {
        if (this.#bells.has(ring)) ring()
      })
    }
  }
}

const notReadable = (path: string): Diagnostic =>
  fault('SourceUnreadable', path, `${path} cannot be read`, 'make it readable')
