import type { Diagnostic } from '../core/diagnostic.ts'
import { displayKey, type ObjectKey } from '../core/key.ts'
import { differingSpan } from '../core/differing-span.ts'
import { MultiMap } from '../core/multimap.ts'
import { selectionsOf } from '../policy/acceptance/pending-selections.ts'
import { isSameSource, type SourceState } from './reconciliation.ts'
import { Claims, isWithin } from './claims.ts'
import type { ControllerCode } from './codes.ts'
import {
  located,
  selectionDigest,
  type DeclaredDocument,
  type DeclaredFile,
  type DeclaredObject,
} from './declared.ts'

/** Which files declared an object, as the inventory has it. */
export interface RememberedOrigin {
  readonly key: ObjectKey
  readonly origin: string
  readonly rivals?: readonly string[]
}

interface Place {
  readonly path: string
  readonly document: DeclaredDocument
}

/**
 * What all files together declare. Takes the files as they are now and says which objects may have
 * changed; files that are the same (by identity) cost nothing.
 *
 * An object that two documents declare is declared by neither: both are named, and its last accepted
 * version stays in force. A file that cannot be read whole claims what it last gave and gives no more:
 * that stays, too, unless a file declares it that did not when the other was last read.
 */
export class DeclaredIndex {
  readonly #builtIn: ReadonlySet<string>
  readonly #claims = new Claims()
  readonly #files = new Map<string, DeclaredFile>()
  readonly #places = new MultiMap<ObjectKey, Place>()
  readonly #placesOfFile = new Map<string, readonly Place[]>()
  /** Those of which anything is to be said that belongs to no object. */
  readonly #remarked = new Map<string, DeclaredFile>()
  #foreign = 0
  /** What was last taken. */
  #last: SourceState | undefined

  /** Objects of these files give way to what the user declares under the same name. */
  constructor(builtIn: ReadonlySet<string>) {
    this.#builtIn = builtIn
  }

  /** What the process before remembered; to be called before the first update. */
  remember(entries: Iterable<RememberedOrigin>): void {
    for (const { key, origin, rivals = [] } of entries) {
      if (!this.#builtIn.has(origin)) this.#claims.add(key, origin, false)
      for (const file of rivals) this.#claims.add(key, file, true)
    }
  }

  /**
   * Returns the keys of objects that any changed file declares, declared or may declare. Files at or
   * below the `unreadable` paths are there and cannot be seen.
   */
  update(files: readonly DeclaredFile[], unreadable: readonly string[]): ReadonlySet<ObjectKey> {
    const touched = new Set<ObjectKey>()
    const state = { files, unreadable }
    if (this.#last !== undefined && isSameSource(this.#last, state)) return touched
    const { spanBefore, spanNow } = this.#spans(files)
    const fileNow = (path: string): DeclaredFile | undefined =>
      spanNow.get(path) ?? (spanBefore.has(path) ? undefined : this.#files.get(path))
    const isReadable = (path: string): boolean =>
      fileNow(path)?.complete ?? !unreadable.some((folder) => isWithin(path, folder))
    this.#claim(
      [...spanBefore.values()].filter((file) => spanNow.get(file.path) !== file && !isReadable(file.path)),
    )
    for (const path of this.#claims.files()) {
      if (!isReadable(path)) continue
      for (const key of this.#claims.of(path)) {
        this.#claims.delete(key, path)
        touched.add(key)
      }
    }
    for (const path of spanBefore.keys()) if (!spanNow.has(path)) this.#forget(path, touched)
    for (const [path, file] of spanNow) if (this.#files.get(path) !== file) this.#take(file, touched)
    for (const key of touched) if (this.#users(key).length > 0) this.#claims.settle(key)
    this.#last = state
    return touched
  }

  /** By their paths the files that may differ. One that comes twice under one path is looked for among all: the last counts. */
  #spans(now: readonly DeclaredFile[]): {
    readonly spanBefore: ReadonlyMap<string, DeclaredFile>
    readonly spanNow: ReadonlyMap<string, DeclaredFile>
  } {
    const before = this.#last?.files ?? []
    const { start, endBefore, endNow } = differingSpan(before, now)
    const spanBefore = byPath(before.slice(start, endBefore))
    const spanNow = byPath(now.slice(start, endNow))
    const comesTwice =
      before.length !== this.#files.size ||
      [...spanNow.keys()].some((path) => !spanBefore.has(path) && this.#files.has(path))
    return comesTwice ? { spanBefore: byPath(before), spanNow: byPath(now) } : { spanBefore, spanNow }
  }

  /** Looks at all before anything is changed, since a claim is disputed by what there was until now. */
  #claim(files: readonly DeclaredFile[]): void {
    const claims: (readonly [ObjectKey, string, boolean])[] = []
    for (const { path } of files) {
      for (const { document } of this.#placesOfFile.get(path) ?? []) {
        const { key } = document
        if (key !== undefined) {
          claims.push([key, path, this.#users(key).length + this.#claims.on(key).size > 1])
        }
      }
    }
    for (const claim of claims) this.#claims.add(...claim)
  }

  #take(file: DeclaredFile, touched: Set<ObjectKey>): void {
    this.#forget(file.path, touched)
    this.#files.set(file.path, file)
    this.#foreign += file.foreign
    if (hasRemarks(file)) this.#remarked.set(file.path, file)
    const places = file.documents.map((document): Place => ({ path: file.path, document }))
    this.#placesOfFile.set(file.path, places)
    for (const place of places) {
      const { key } = place.document
      if (key === undefined) continue
      this.#places.add(key, place)
      this.#claims.delete(key, file.path)
      touched.add(key)
    }
  }

  get(key: ObjectKey): DeclaredObject | undefined {
    if (!this.has(key)) return undefined
    const users = this.#users(key)
    const places = users.length > 0 ? users : [...this.#places.get(key)]
    const [first, ...more] = places
    if (first === undefined) return undefined
    const { path, document } = first
    const { object, digest, selects = [], findings, locate, server } = document
    const claims = [...this.#claims.disputed(key)]
    const found = located(findings, locate)
    const only = { key, object, digest, selects, origin: path, findings: found, locate, server }
    if (more.length === 0 && claims.length === 0) return only
    const every = places.flatMap(({ document: one }) => one.selects ?? selectionsOf(one.object))
    return {
      ...only,
      object: undefined,
      digest: selectionDigest(every),
      selects: every,
      findings: duplicates(key, places, claims),
    }
  }

  /** Whether a file declares an object. What palisade brings itself does not stand in for what a user's file claims. */
  has(key: ObjectKey): boolean {
    return this.#users(key).length > 0 || (this.#places.has(key) && !this.isClaimed(key))
  }

  /** Whether a file that cannot be read whole may declare an object. */
  isClaimed(key: ObjectKey): boolean {
    return this.#claims.on(key).size > 0
  }

  /** The files between which an object is disputed; to be remembered. */
  rivals(key: ObjectKey): readonly string[] {
    const users = this.#users(key)
    const claims = this.#claims.disputed(key)
    if (users.length < 2 && claims.size === 0) return []
    return [...new Set([...users.map(({ path }) => path), ...claims])].sort()
  }

  #users(key: ObjectKey): readonly Place[] {
    return [...this.#places.get(key)].filter(({ path }) => !this.#builtIn.has(path))
  }

  /** Findings that belong to no object: of files, and of documents without a name. */
  findings(): readonly Diagnostic[] {
    return [...this.#remarked.values()].flatMap(({ findings, documents }) => [
      ...findings,
      ...documents.flatMap((one) => (one.key === undefined ? located(one.findings, one.locate) : [])),
    ])
  }

  /** Documents of other API groups, in all files. */
  foreign(): number {
    return this.#foreign
  }

  #forget(path: string, touched: Set<ObjectKey>): void {
    for (const place of this.#placesOfFile.get(path) ?? []) {
      const { key } = place.document
      if (key === undefined) continue
      this.#places.delete(key, place)
      touched.add(key)
    }
    this.#placesOfFile.delete(path)
    this.#foreign -= this.#files.get(path)?.foreign ?? 0
    this.#files.delete(path)
    this.#remarked.delete(path)
  }
}

const byPath = (files: readonly DeclaredFile[]): ReadonlyMap<string, DeclaredFile> =>
  new Map(files.map((file) => [file.path, file]))

function hasRemarks({ findings, documents }: DeclaredFile): boolean {
  return findings.length > 0 || documents.some(({ key }) => key === undefined)
}

function duplicates(
  key: ObjectKey,
  places: readonly Place[],
  claims: readonly string[],
): readonly Diagnostic[] {
  const spots = places.map(({ document }) => document.locate(['metadata', 'name']))
  const text = spots.map(({ file, line }) => `${file}:${String(line)}`).join(' and ')
  const claimed = claims.length === 0 ? '' : `, and was in ${claims.join(' and ')}, which cannot be read now`
  return places.flatMap(({ document }, index) => {
    const finding: Diagnostic = {
      code: 'DuplicateObject' satisfies ControllerCode,
      severity: 'error',
      message:
        places.length > 1
          ? `${displayKey(key)}: is declared more than once, in ${text}${claimed}`
          : `${displayKey(key)}: is declared in ${text}${claimed}`,
      hint: 'remove all but one; until then the last accepted version stays in force',
      object: key,
      path: ['metadata', 'name'],
      ...(spots[index] && { position: spots[index] }),
    }
    return [...located(document.findings, document.locate), finding]
  })
}
