import type { PalisadeObject } from '../../src/api/objects.ts'
import type { Condition } from '../../src/api/types.gen.ts'
import { builtInFiles } from '../../src/cli/built-in.ts'
import type { DeletionAllowance } from '../../src/controller/deletion-brake.ts'
import { Engine } from '../../src/controller/engine.ts'
import { Loop, type Turn } from '../../src/controller/loop.ts'
import { PromiseGuard } from '../../src/controller/promise-guard.ts'
import { ManifestReader } from '../../src/controller/manifest-reader.ts'
import { LISTED_ADDRESSES } from '../../src/controller/status/instance-status.ts'
import type { ObjectKey } from '../../src/core/key.ts'
import { memoryFirewall } from '../../src/firewall/memory.ts'
import { printYaml } from '../../src/manifest/print.ts'
import type { Model } from '../../src/policy/model/model.ts'
import { loadCrds } from '../../src/schema/crd.ts'
import { createValidator } from '../../src/schema/validator.ts'
import { memorySource } from '../../src/source/memory.ts'
import { memoryStore } from '../../src/store/memory.ts'

const BUILT_IN = builtInFiles()
const validator = createValidator(loadCrds())

/** A document for each object, as a person would have written it. */
export const yamlOf = (...objects: readonly object[]): string =>
  objects.map((object) => printYaml(object)).join('---\n')

/** The whole loop with real parts, all in memory; source, store and firewall outlive a restart. */
export class Daemon {
  readonly source = memorySource()
  readonly store = memoryStore()
  readonly firewall = memoryFirewall()
  /** The time on the clock. */
  now = new Date('2026-01-02T03:04:05Z')
  /** The node whose instances the firewall enforces. */
  node: string | undefined
  /** Whether what is deleted is gone, as on a server, where it is not guarded. */
  isInCluster = false
  #loop: Loop | undefined
  #engine: PromiseGuard | undefined

  /** What is in force as the engine sees it; undefined before the first turn. */
  get model(): Model | undefined {
    return this.#engine?.model
  }

  /** Puts objects into files, each named by its path, and takes a turn. */
  async declare(files: Readonly<Record<string, readonly object[]>>): Promise<Turn> {
    for (const [path, objects] of Object.entries(files)) {
      this.source.write(path, objects.length === 0 ? '# nothing\n' : yamlOf(...objects))
    }
    return this.turn()
  }

  async turn(): Promise<Turn> {
    this.#loop ??= await this.#start({ type: 'Default' })
    return this.#loop.turn()
  }

  /** A new process; `allowance` is how much it may delete at once. */
  async restart(allowance: DeletionAllowance = { type: 'Default' }, trustClock = false): Promise<Turn> {
    this.#loop = await this.#start(allowance, trustClock)
    return this.#loop.turn()
  }

  async status(key: ObjectKey): Promise<PalisadeObject | undefined> {
    const [object] = await this.store.readStatus([key])
    return object
  }

  /** The conditions of an object by type, as `True Accepted`. */
  async conditions(key: ObjectKey): Promise<Readonly<Record<string, string>>> {
    const conditions: readonly Condition[] = (await this.status(key))?.status?.conditions ?? []
    return Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]))
  }

  async message(key: ObjectKey, type: string): Promise<string | undefined> {
    const conditions: readonly Condition[] = (await this.status(key))?.status?.conditions ?? []
    return conditions.find((condition) => condition.type === type)?.message
  }

  /** All statuses as text, in the order of their keys. */
  async bytes(): Promise<readonly string[]> {
    return (await this.store.readStatus()).map((object) => JSON.stringify(object))
  }

  async #start(allowance: DeletionAllowance, trustClock = false): Promise<Loop> {
    const settings = {
      now: () => this.now,
      allowance,
      trustClock,
      listedAddresses: LISTED_ADDRESSES,
      builtIn: new Set(BUILT_IN.map(({ path }) => path)),
      remembersInStatus: this.isInCluster,
      ...(this.node !== undefined && { node: this.node }),
    }
    const engine = new PromiseGuard(
      (memory) => new Engine({ ...settings, ...memory }),
      await this.store.readInventory(),
      await this.firewall.read(),
    )
    this.#engine = engine
    const { source, store, firewall } = this
    const reader = new ManifestReader(
      validator,
      (key) => engine.previous(key),
      (path) => path,
    )
    return new Loop({ source, builtIn: BUILT_IN, reader, engine, store, firewall })
  }
}
