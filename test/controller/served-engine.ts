import { keyOf, type PalisadeObject } from '../../src/api/objects.ts'
import type { Condition, EnforcedVersion } from '../../src/api/types.gen.ts'
import { builtInFiles } from '../../src/cli/built-in.ts'
import type { AgentReport } from '../../src/controller/agent-reports.ts'
import { declaredDocument, type DeclaredFile } from '../../src/controller/declared.ts'
import { Engine } from '../../src/controller/engine.ts'
import type { Reconciliation } from '../../src/controller/reconciliation.ts'
import { canonicalJson } from '../../src/core/digest.ts'
import { kindOfKey, parseKey, type ObjectKey } from '../../src/core/key.ts'
import { formatMoment } from '../../src/core/moment.ts'
import { applyChange } from '../../src/policy/ruleset-change.ts'
import type { Ruleset } from '../../src/policy/ruleset.ts'
import type { ServerRecord } from '../../src/source/source.ts'
import { decodeEnforced } from '../../src/api/enforced-object.ts'
import type { Inventory, InventoryEntry } from '../../src/store/store.ts'

const BUILT_IN = builtInFiles()

/** An object that the server holds. */
interface Served {
  readonly file: DeclaredFile
  readonly server: ServerRecord
  readonly isDeleted: boolean
}

/**
 * An engine beside a server that is played in memory: it names namespaces, counts generations, keeps what has
 * a status to finish when it is deleted, and its statuses are all that outlives a restart.
 */
export class ServedEngine {
  readonly statuses = new Map<ObjectKey, PalisadeObject>()
  readonly #objects = new Map<ObjectKey, Served>()
  readonly #reports = new Map<ObjectKey, AgentReport>()
  readonly #reported = new Set<ObjectKey>()
  #engine: Engine | undefined
  #ruleset: Ruleset = { instances: new Map(), remotes: new Map() }
  #uids = 0
  /** The server's clock, in seconds; a test moves it. */
  second = 0

  get ruleset(): Ruleset {
    return this.#ruleset
  }

  put(...objects: readonly PalisadeObject[]): void {
    for (const object of objects) {
      const key = keyOf(object)
      const last = this.#objects.get(key)
      const changed = JSON.stringify(last?.file.documents[0]?.object?.spec) !== JSON.stringify(object.spec)
      const server: ServerRecord = last
        ? { ...last.server, generation: last.server.generation + (changed ? 1 : 0) }
        : { uid: `uid-${String(this.#uids++)}`, creationTimestamp: formatMoment(this.now), generation: 1 }
      this.#objects.set(key, { file: servedFile(object, server), server, isDeleted: false })
    }
  }

  /** As the server does it: what has a finalizer stays until that is taken away. */
  delete(key: ObjectKey): void {
    const served = this.#objects.get(key)
    if (served === undefined) return
    if (kindOfKey(key) === 'Instance' || !this.statuses.has(key)) this.#forget(key)
    else this.#objects.set(key, { ...served, isDeleted: true })
  }

  has(key: ObjectKey): boolean {
    return this.#objects.has(key)
  }

  report(key: ObjectKey, report: AgentReport): void {
    this.#reports.set(key, report)
    this.#reported.add(key)
  }

  /** Gives how many statuses were written. */
  turn(): Reconciliation & { readonly written: number } {
    const isNew = this.#engine === undefined
    const engine = (this.#engine ??= this.#start())
    const files = [...this.#objects.values()].flatMap(({ file, isDeleted }) => (isDeleted ? [] : [file]))
    const reconciliation = engine.reconcile({ files: [...BUILT_IN, ...files], unreadable: [] })
    if (isNew) engine.rewriteStatus(new Set(this.statuses.keys()))
    engine.takeInventory(true)
    this.#ruleset = applyChange(this.#ruleset, reconciliation.change)
    const { putStatus, removeStatus } = engine.settle(reconciliation, undefined)
    const put = putStatus.filter((object) => {
      return textOf(object) !== textOf(this.statuses.get(keyOf(object)))
    })
    for (const object of put) {
      const key = keyOf(object)
      this.statuses.set(key, object)
      // What palisade makes takes the place of what somebody has deleted, which is free to go then.
      if (object.metadata.uid === undefined && this.#objects.get(key)?.isDeleted === true) {
        this.#objects.delete(key)
      }
    }
    for (const key of removeStatus) this.#forget(key)
    engine.takeInventory(false)
    return { ...reconciliation, written: put.length }
  }

  /** A new process, which knows nothing but what the statuses say. */
  restart(): void {
    this.#engine = undefined
  }

  conditions(key: ObjectKey): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#conditions(key).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
    )
  }

  #conditions(key: ObjectKey): readonly Condition[] {
    return this.statuses.get(key)?.status?.conditions ?? []
  }

  bytes(): readonly string[] {
    return [...this.statuses.keys()].sort().map((key) => textOf(this.statuses.get(key)))
  }

  get now(): number {
    return Date.parse('2026-01-02T03:04:05Z') + this.second * 1000
  }

  #start(): Engine {
    return new Engine({
      inventory: this.#remembered(),
      programmed: this.#ruleset,
      now: () => new Date(this.now),
      allowance: { type: 'All' },
      listedAddresses: 0,
      builtIn: new Set(BUILT_IN.map(({ path }) => path)),
      remembersInStatus: true,
      agents: {
        of: (key) => this.#reports.get(key),
        drain: () => {
          const keys = [...this.#reported]
          this.#reported.clear()
          return keys
        },
      },
    })
  }

  #remembered(): Inventory {
    const entries = [...this.#objects].map(([key, { file, server }]) => this.#entry(key, file.path, server))
    for (const [key, { metadata }] of this.statuses) {
      if (this.#objects.has(key)) continue
      const origin = kindOfKey(key) === 'CloudProfile' ? `builtin:${metadata.name}.yaml` : ''
      const { creationTimestamp = '' } = metadata
      entries.push(this.#entry(key, origin, { uid: '', creationTimestamp, generation: 1 }))
    }
    return { entries: new Map(entries.map((entry) => [entry.key, entry])), nextOrder: 0 }
  }

  #entry(key: ObjectKey, origin: string, server: ServerRecord): InventoryEntry {
    const status = this.statuses.get(key)?.status
    const accepted = acceptedIn(key, server.uid, status?.enforced)
    const transitions = Object.fromEntries(
      this.#conditions(key).map((one) => [one.type, [one.status, one.lastTransitionTime] as const]),
    )
    return {
      key,
      origin,
      order: Date.parse(server.creationTimestamp),
      firstSeen: server.creationTimestamp,
      generation: server.generation,
      digest: accepted?.digest ?? '',
      ...(accepted && { accepted }),
      ...(status && { status: { digest: '', transitions } }),
    }
  }

  #forget(key: ObjectKey): void {
    this.#objects.delete(key)
    this.statuses.delete(key)
  }
}

function servedFile(object: PalisadeObject, server: ServerRecord): DeclaredFile {
  const path = `kubernetes:${keyOf(object)}`
  const { uid } = server
  const { namespace } = parseKey(keyOf(object))
  const metadata = { ...object.metadata, ...(namespace !== '' && { namespace }), uid }
  const document = declaredDocument({ ...object, metadata }, () => ({ file: path, line: 1, column: 1 }))
  return { path, documents: [{ ...document, server }], findings: [], complete: true, foreign: 0 }
}

function acceptedIn(
  key: ObjectKey,
  uid: string,
  enforced: EnforcedVersion | undefined,
): InventoryEntry['accepted'] {
  if (enforced?.object === undefined) return undefined
  const { kind, name, namespace } = parseKey(key)
  const identity = { kind, name, namespace, ...(uid !== '' && { uid }) }
  const object = decodeEnforced(identity, enforced.object)
  if (object === undefined) throw new Error(`${key} is not what was written`)
  return { generation: enforced.generation, digest: enforced.digest, object }
}

/** A server keeps no order of keys. */
const textOf = (object: PalisadeObject | undefined): string => canonicalJson(object)
