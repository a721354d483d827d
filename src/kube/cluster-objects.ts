import type { Kind } from '../api/objects.ts'
import { kindOfKey, type ObjectKey } from '../core/key.ts'
import { Reflector, type ReflectorHealth, type ReflectorOptions } from './reflector.ts'
import { PALISADE_RESOURCES, resourceOf } from './resource.ts'
import type { ServerObject } from './server-object.ts'

export interface ClusterObjectsOptions extends Pick<ReflectorOptions, 'connection' | 'timers' | 'random'> {
  /** Empty: all of them. */
  readonly namespaces: readonly string[]
  /** Absent: all of palisade's. */
  readonly kinds?: readonly Kind[]
}

/** How far what changed has been read, of each watch. */
export type JournalPositions = readonly number[]

/** The objects of palisade's kinds that the cluster holds, as last seen. */
export class ClusterObjects {
  readonly #reflectors: readonly Reflector[]
  readonly #byKind: ReadonlyMap<string, readonly Reflector[]>

  constructor({ namespaces, kinds, ...options }: ClusterObjectsOptions) {
    const resources = kinds?.map(resourceOf) ?? PALISADE_RESOURCES
    const byKind = resources.map((resource) => {
      const places = namespaces.length === 0 || !resource.isNamespaced ? [undefined] : namespaces
      const reflectors = places.map((namespace) => new Reflector({ ...options, resource, namespace }))
      return [resource.kind, reflectors] as const
    })
    this.#byKind = new Map(byKind)
    this.#reflectors = byKind.flatMap(([, reflectors]) => reflectors)
  }

  /** An object that did not change is the same as before. */
  get(key: ObjectKey): ServerObject | undefined {
    for (const { objects } of this.#byKind.get(kindOfKey(key)) ?? []) {
      const object = objects.get(key)
      if (object !== undefined) return object
    }
    return undefined
  }

  /** Those of one kind, or all. */
  *entries(kind?: string): Generator<readonly [ObjectKey, ServerObject]> {
    for (const { objects } of this.#reflectorsOf(kind)) yield* objects
  }

  /** What changed of one kind, or of all, after the positions; no keys where that is no longer known, or there are no positions. */
  changedSince(
    positions: JournalPositions | undefined,
    kind?: string,
  ): { readonly keys: readonly ObjectKey[] | undefined; readonly positions: JournalPositions } {
    const journals = this.#reflectorsOf(kind).map(({ journal }) => journal)
    const parts = journals.map((journal, index) => journal.since(positions?.[index] ?? -1))
    const known = parts.filter((keys) => keys !== undefined)
    return {
      keys: known.length < parts.length ? undefined : known.flat(),
      positions: journals.map(({ position }) => position),
    }
  }

  #reflectorsOf(kind: string | undefined): readonly Reflector[] {
    return kind === undefined ? this.#reflectors : (this.#byKind.get(kind) ?? [])
  }

  /** Whether every kind has been seen whole once. Before, what is not there may only not have been seen. */
  get isSynced(): boolean {
    return this.#reflectors.every(({ isSynced }) => isSynced)
  }

  /** Resolves once it is synced. */
  whenSynced(): Promise<void> {
    return this.#until(() => this.isSynced)
  }

  /** Resolves once all that was there when this was called has been seen, or the signal comes. */
  whenReadAgain(signal: AbortSignal): Promise<void> {
    const parts = this.#reflectors.map((reflector) => reflector.readAgain())
    return this.#until(() => parts.every((hasCome) => hasCome()), signal)
  }

  async #until(isSo: () => boolean, signal?: AbortSignal): Promise<void> {
    if (isSo() || signal?.aborted === true) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        forget()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const forget = this.onChange(() => {
        if (isSo()) done()
      })
      signal?.addEventListener('abort', done)
    })
  }

  /** Of the kind that has been cut off the longest, while any is. */
  get health(): ReflectorHealth {
    const cut = this.#reflectors
      .map(({ health }) => health)
      .filter(({ disconnectedSince }) => disconnectedSince !== undefined)
    const [first] = cut.sort((a, b) => (a.disconnectedSince ?? 0) - (b.disconnectedSince ?? 0))
    return first ?? { disconnectedSince: undefined, failure: undefined }
  }

  /** Why kinds cannot be followed at the moment, as sentences. */
  failures(): readonly string[] {
    return this.#reflectors.flatMap(({ health }) =>
      health.disconnectedSince === undefined ? [] : (health.failure ?? []),
    )
  }

  onChange(bell: () => void): () => void {
    const forget = this.#reflectors.map((reflector) => reflector.onChange(bell))
    return () => {
      for (const one of forget) one()
    }
  }

  start(): void {
    for (const reflector of this.#reflectors) reflector.start()
  }

  async close(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.close()))
  }
}
