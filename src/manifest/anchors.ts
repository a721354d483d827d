import type { ManifestLimits } from './limits.ts'
import type { Refusal } from './problem.ts'

/** A value that has a name. */
export interface Anchor {
  readonly value: unknown
  /** Values in it, counting what its own aliases stand for. */
  readonly nodes: number
  /** Mappings and sequences within each other. */
  readonly height: number
}

export type Use =
  | { readonly ok: true; readonly anchor: Anchor }
  | { readonly ok: false; readonly refusal: Refusal | undefined }

/**
 * The named values of one document. A few lines of aliases can stand for more values than there is
 * memory, so what they stand for is counted before it is used.
 */
export class Anchors {
  readonly #limits: ManifestLimits
  /** Undefined while the value is still being read: an alias of it would be a circle. */
  readonly #anchors = new Map<string, Anchor | undefined>()
  #uses = 0
  #nodes = 0
  #exceeded = false

  constructor(limits: ManifestLimits) {
    this.#limits = limits
  }

  /** Values that the aliases so far stand for. */
  get nodes(): number {
    return this.#nodes
  }

  open(name: string): void {
    this.#anchors.set(name, undefined)
  }

  define(name: string, anchor: Anchor): void {
    this.#anchors.set(name, anchor)
  }

  /** The value that an alias stands for. A limit that is exceeded is told once. */
  use(name: string): Use {
    const anchor = this.#anchors.get(name)
    if (anchor === undefined) return { ok: false, refusal: this.#unusable(name) }
    this.#uses++
    this.#nodes += anchor.nodes
    if (this.#uses <= this.#limits.aliases && this.#nodes <= this.#limits.aliasNodes) {
      return { ok: true, anchor }
    }
    const refusal = this.#exceeded ? undefined : this.#tooMany()
    this.#exceeded = true
    return { ok: false, refusal }
  }

  #unusable(name: string): Refusal {
    if (this.#anchors.has(name)) {
      const message = `the alias *${name} stands within the value that it names, which would then contain itself`
      return { code: 'AliasCycle', message, hint: 'write the inner value out' }
    }
    const message = `the alias *${name} names nothing: there is no &${name} before it in this document`
    return { code: 'UnknownAlias', message, hint: `write the value out, or put text with a * in quotes` }
  }

  #tooMany(): Refusal {
    const { aliases, aliasNodes } = this.#limits
    const message =
      this.#uses > aliases
        ? `the document uses more than ${aliases} aliases`
        : `the aliases of the document stand for more than ${aliasNodes} values`
    return { code: 'AliasExpansion', message, hint: 'write the values out, or divide the document' }
  }
}
