import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { KINDS } from '../api/objects.ts'
import { digestText } from '../core/digest.ts'
import { digestPaths } from '../source/snapshot-digest.ts'
import type { Place } from './place.ts'
import { readVersion } from './version.ts'

export interface RestingOptions {
  readonly paths: readonly string[]
  readonly listedAddresses: number
  readonly now: () => Date
}

/**
 * Recognises that a turn would find nothing to do and nothing to say: everything that it would look at is
 * as it was when a turn last found so, and the clock has not gone back since. Only one digest and that time
 * are noted: without them, and with any others, everything is read, judged and compared.
 */
export class Resting {
  readonly #place: Place
  readonly #options: RestingOptions

  constructor(place: Place, options: RestingOptions) {
    this.#place = place
    this.#options = options
  }

  async isUndisturbed(): Promise<boolean> {
    const [noted = '', since = ''] = this.#place.store.rest?.read()?.split(' ') ?? []
    if (!(this.#options.now().getTime() >= Date.parse(since))) return false
    const source = await digestPaths(this.#options.paths)
    return source !== undefined && this.#digest(source) === noted
  }

  /** `source` is the digest of what the turn read. */
  async note(source: string): Promise<void> {
    const { rest } = this.#place.store
    const digest = this.#digest(source)
    if (digest === undefined) return
    await rest?.write(`${digest} ${this.#options.now().toISOString()}`)
  }

  /** Undefined where only reading tells what is remembered or programmed. */
  #digest(source: string): string | undefined {
    const { store, firewall } = this.#place
    const state = store.rest?.stamp()
    const programmed = firewall.stamp?.()
    if (state === undefined || programmed === undefined) return undefined
    const { paths, listedAddresses } = this.#options
    return digestText(
      JSON.stringify([programDigest(), process.cwd(), paths, listedAddresses, source, state, programmed]),
    )
  }
}

/** Of the program and its CRDs. A build of the same version is told by the time of its files. */
function programDigest(): string {
  const crds = KINDS.map((kind) => new URL(`../../crds/${kind.toLowerCase()}s.yaml`, import.meta.url))
  const built = statSync(fileURLToPath(import.meta.url)).mtimeMs
  return digestText([readVersion(), built, ...crds.map((file) => readFileSync(file, 'utf8'))].join('\n'))
}
