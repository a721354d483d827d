import path from 'node:path'
import { applyChange } from '../policy/ruleset-change.ts'
import type { Ruleset, RulesetChange } from '../policy/ruleset.ts'
import { replaceFile } from '../storage/atomic-file.ts'
import { explainFaults } from '../storage/fault.ts'
import { nodeFileSystem, type FileSystem } from '../storage/file-system.ts'
import { newerSentence } from '../storage/ndjson.ts'
import { readFileIfPresent } from '../storage/read-file.ts'
import { setAside } from '../storage/set-aside.ts'
import { stampOf } from '../storage/stamp.ts'
import { FirewallError, type Drift, type Firewall, type RuleSetHits } from './firewall.ts'
import { RecordedFile } from './recorded-file.ts'

export interface RecordedOptions {
  /** `exclusive` while the caller holds the lock of the state folder; `read` never writes. */
  readonly mode: 'exclusive' | 'read'
  /** The version of palisade, for a later one that finds the file. */
  readonly palisade: string
  /**
   * Told in one sentence when a damaged record counts as an empty one. Unlike the inventory it holds
   * nothing that is not computed anew, so the next apply repairs it.
   */
  readonly warn: (sentence: string) => void
  readonly now?: () => Date
  readonly fileSystem?: FileSystem
}

/** A firewall that touches no kernel: it keeps what is programmed in `recorded.ndjson` of a state folder. */
export function recordedFirewall(folder: string, options: RecordedOptions): Firewall {
  return new RecordedFirewall(folder, options)
}

/** A ruleset as it was read or written, and which file that was. */
interface Version {
  readonly ruleset: Ruleset
  readonly stamp: string
}

class RecordedFirewall implements Firewall {
  readonly name = 'recorded'
  readonly #path: string
  readonly #file: RecordedFile
  readonly #options: RecordedOptions
  #last: Version | undefined
  /** Settled when the change in hand is applied; the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(folder: string, options: RecordedOptions) {
    this.#path = path.join(folder, 'recorded.ndjson')
    this.#file = new RecordedFile(options.palisade)
    this.#options = options
  }

  readonly stamp = (): string => stampOf(this.#path)

  read(): Promise<Ruleset> {
    return this.#inTurn('read', () => this.#load().ruleset)
  }

  apply(change: RulesetChange): Promise<void> {
    if (this.#options.mode === 'read') {
      return Promise.reject(new Error(`${this.#path} is open for reading only`))
    }
    return this.#inTurn('written', async () => {
      const last = this.#last?.stamp === stampOf(this.#path) ? this.#last : this.#load()
      const ruleset = applyChange(last.ruleset, change)
      await replaceFile(this.#path, this.#file.serialise(ruleset), this.#options.fileSystem ?? nodeFileSystem)
      this.#last = { ruleset, stamp: stampOf(this.#path) }
    })
  }

  repair(): Promise<readonly Drift[]> {
    return Promise.resolve([])
  }

  watch(): () => void {
    return () => undefined
  }

  counters(): Promise<readonly RuleSetHits[]> {
    return Promise.resolve([])
  }

  #load(): Version {
    // The stamp comes first: if the file changes in between, the next apply reads it again.
    const stamp = stampOf(this.#path)
    this.#last = { ruleset: this.#parse(), stamp }
    return this.#last
  }

  #parse(): Ruleset {
    const bytes = readFileIfPresent(this.#path)
    if (bytes === undefined) return { instances: new Map(), remotes: new Map() }
    const read = this.#file.parse(bytes)
    if (read.ok) return read.ruleset
    if ('newer' in read) throw new FirewallError(newerSentence(this.#path, read.newer))
    const { mode, now, warn } = this.#options
    const name = mode === 'read' ? undefined : setAside(this.#path, now?.() ?? new Date())
    warn(damaged(this.#path, read.damage, name))
    return { instances: new Map(), remotes: new Map() }
  }

  #inTurn<T>(done: 'read' | 'written', action: () => T | Promise<T>): Promise<T> {
    const result = this.#turn.then(() => explainFaults(this.#path, done, refusal, action))
    this.#turn = result.catch(() => undefined)
    return result
  }
}

const refusal = (sentence: string, cause: unknown): FirewallError => new FirewallError(sentence, { cause })

function damaged(file: string, damage: string, name: string | undefined): string {
  const aside = name === undefined ? '' : ` and was set aside as ${name}`
  return `${file} is damaged (${damage})${aside}: the rules count as not programmed and are written anew by the next apply`
}
