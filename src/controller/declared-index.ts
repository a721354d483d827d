import type { Diagnostic } from '../core/diagnostic.ts'
import { displayKey, type ObjectKey } from '../core/key.ts'
import { MultiMap } from '../core/multimap.ts'
import type { ControllerCode } from './codes.ts'
import { located, type DeclaredDocument, type DeclaredFile, type DeclaredObject } from './declared.ts'

interface Place {
  readonly path: string
  readonly document: DeclaredDocument
}

/**
 * What all files together declare. Takes the files as they are now and says which objects may have
 * changed; files that are the same (by identity) cost nothing.
 *
 * An object that two documents declare is declared by neither: both are named, and its last accepted
 * version stays in force.
 */
export class DeclaredIndex {
  readonly #builtIn: ReadonlySet<string>
  readonly #files = new Map<string, DeclaredFile>()
  readonly #places = new MultiMap<ObjectKey, Place>()
  readonly #placesOfFile = new Map<string, readonly Place[]>()

  /** Objects of these files give way to what the user declares under the same name. */
  constructor(builtIn: ReadonlySet<string>) {
    this.#builtIn = builtIn
  }

  /** Returns the keys of objects that any changed file declares or declared. */
  update(files: readonly DeclaredFile[]): ReadonlySet<ObjectKey> {
    const touched = new Set<ObjectKey>()
    const present = new Set(files.map(({ path }) => path))
    for (const path of this.#files.keys()) if (!present.has(path)) this.#forget(path, touched)
    for (const file of files) {
      if (this.#files.get(file.path) === file) continue
      this.#forget(file.path, touched)
      this.#files.set(file.path, file)
      const places = file.documents.map((document): Place => ({ path: file.path, document }))
      this.#placesOfFile.set(file.path, places)
      for (const place of places) {
        const { key } = place.document
        if (key === undefined) continue
        this.#places.add(key, place)
        touched.add(key)
      }
    }
    return touched
  }

  get(key: ObjectKey): DeclaredObject | undefined {
    const all = [...this.#places.get(key)]
    const users = all.filter(({ path }) => !this.#builtIn.has(path))
    const [first, ...more] = users.length > 0 ? users : all
    if (first === undefined) return undefined
    const { path, document } = first
    const { object, digest, findings, locate } = document
    const only = { key, object, digest, origin: path, findings: located(findings, locate), locate }
    return more.length === 0
      ? only
      : { ...only, object: undefined, findings: duplicates(key, [first, ...more]) }
  }

  has(key: ObjectKey): boolean {
    return this.#places.has(key)
  }

  /** Findings that belong to no object: of files, and of documents without a name. */
  findings(): readonly Diagnostic[] {
    return [...this.#files.values()].flatMap(({ findings, documents }) => [
      ...findings,
      ...documents.flatMap((one) => (one.key === undefined ? located(one.findings, one.locate) : [])),
    ])
  }

  /** Paths of the files of which some could not be read. */
  incomplete(): ReadonlySet<string> {
    const files = [...this.#files.values()].filter(({ complete }) => !complete)
    return new Set(files.map(({ path }) => path))
  }

  /** Documents of other API groups, in all files. */
  foreign(): number {
    return [...this.#files.values()].reduce((sum, { foreign }) => sum + foreign, 0)
  }

  #forget(path: string, touched: Set<ObjectKey>): void {
    for (const place of this.#placesOfFile.get(path) ?? []) {
      const { key } = place.document
      if (key === undefined) continue
      this.#places.delete(key, place)
      touched.add(key)
    }
    this.#placesOfFile.delete(path)
    this.#files.delete(path)
  }
}

function duplicates(key: ObjectKey, places: readonly Place[]): readonly Diagnostic[] {
  const spots = places.map(({ document }) => document.locate(['metadata', 'name']))
  const text = spots.map(({ file, line }) => `${file}:${String(line)}`).join(' and ')
  return places.flatMap(({ document }, index) => {
    const finding: Diagnostic = {
      code: 'DuplicateObject' satisfies ControllerCode,
      severity: 'error',
      message: `${displayKey(key)}: is declared more than once, in ${text}`,
      hint: 'remove all but one; until then the last accepted version stays in force',
      object: key,
      path: ['metadata', 'name'],
      ...(spots[index] && { position: spots[index] }),
    }
    return [...located(document.findings, document.locate), finding]
  })
}
