import { keyOf, type PalisadeObject } from '../../api/objects.ts'
import { admissionWorld } from '../../controller/admission-world.ts'
import type { DeclaredFile } from '../../controller/declared.ts'
import { Engine } from '../../controller/engine.ts'
import { Loop } from '../../controller/loop.ts'
import { ManifestReader } from '../../controller/manifest-reader.ts'
import { PromiseGuard } from '../../controller/promise-guard.ts'
import type { ObjectKey } from '../../core/key.ts'
import { formatMoment, type Moment } from '../../core/moment.ts'
import { firewallElsewhere } from '../../firewall/elsewhere.ts'
import type { AdmissionWorld } from '../../kube/admission/admission.ts'
import type { ClusterObjects } from '../../kube/cluster-objects.ts'
import type { ClusterWriter } from '../../kube/cluster-writer.ts'
import { InstanceReports } from '../../kube/instance-reports.ts'
import type { WrittenStatus } from '../../kube/object-writer.ts'
import { KubeSource } from '../../kube/source.ts'
import { KubeStore } from '../../kube/store.ts'
import { loadCrds } from '../../schema/crd.ts'
import { createValidator } from '../../schema/validator.ts'
import type { Source } from '../../source/source.ts'
import type { Timers } from '../../source/timers.ts'
import type { Inventory, InventoryEntry } from '../../store/store.ts'
import { builtInFiles } from '../built-in.ts'

export interface ClusterLoopOptions {
  /** Synced. */
  readonly cluster: ClusterObjects
  readonly writer: ClusterWriter
  readonly now: () => Date
  readonly timers: Timers
  /** The latest time that a controller's clock has shown before; undefined: it is known by the statuses alone. */
  readonly latestTime: Moment | undefined
  /** Whether the clock is believed, even where it has shown a later time. */
  readonly trustClock: boolean
  /** Asked before each write: false once another process may lead. */
  readonly mayWrite: () => boolean
  readonly onWritten: (written: WrittenStatus) => void
}

/** In a cluster the same loop reads objects and writes their statuses, and agents program. */
export interface ClusterLoop {
  readonly source: Source
  readonly loop: Loop
  /** What it would say of an object; to be asked once it has taken a turn. */
  readonly world: AdmissionWorld
}

/** Begins from what the statuses say was in force. */
export async function openClusterLoop(options: ClusterLoopOptions): Promise<ClusterLoop> {
  const { cluster, writer, now, timers, latestTime, trustClock, mayWrite, onWritten } = options
  const builtIn = builtInFiles()
  const origins = new Map(builtIn.flatMap(({ path, documents }) => documents.map(({ key }) => [key, path])))
  const validator = createValidator(loadCrds())
  const store = new KubeStore({
    ...{ cluster, writer, mayWrite, onWritten, now: () => timers.now() },
    builtInOrigin: (key) => origins.get(key),
    read: (object) => validator.validate({ ...object }).object,
  })
  const source = new KubeSource(cluster, timers)
  const firewall = firewallElsewhere()
  const settings = {
    now,
    trustClock,
    // kubectl delete is a person's word; what is only out of sight is never taken for deleted.
    allowance: { type: 'All' },
    // One member more must not rewrite the status of everyone that names the group.
    listedAddresses: 0,
    builtIn: new Set(origins.values()),
    agents: new InstanceReports(cluster),
    remembersInStatus: true,
  } as const
  const engine = new PromiseGuard(
    (memory) => new Engine({ ...settings, ...memory }),
    withBuiltIn(withLatestTime(await store.readInventory(), latestTime), builtIn, now()),
    await firewall.read(),
  )
  const reader = new ManifestReader(
    validator,
    (key) => engine.previous(key),
    (path) => path,
  )
  const loop = new Loop({ source, builtIn, reader, engine, store, firewall })
  return { source, loop, world: admissionWorld(engine, validator) }
}

/** Statuses know since when a condition is as it is, and not every end of a rule changes one. */
function withLatestTime(inventory: Inventory, latestTime: Moment | undefined): Inventory {
  return latestTime === undefined
    ? inventory
    : { ...inventory, moment: formatMoment(Math.ceil(latestTime / 1000) * 1000) }
}

/**
 * The built-in profiles are in force whether or not the cluster has them yet, or has lost them: without its
 * profile nothing of a VPC could be put back.
 */
function withBuiltIn(inventory: Inventory, files: readonly DeclaredFile[], now: Date): Inventory {
  const missing = files.flatMap(({ path, documents }) =>
    documents.flatMap(({ object, digest }) =>
      object === undefined ? [] : [builtInEntry(object, path, digest, now)],
    ),
  )
  const entries = new Map<ObjectKey, InventoryEntry>(missing.map((entry) => [entry.key, entry]))
  for (const [key, entry] of inventory.entries) entries.set(key, entry)
  return { ...inventory, entries }
}

function builtInEntry(object: PalisadeObject, origin: string, digest: string, now: Date): InventoryEntry {
  const firstSeen = formatMoment(now.getTime())
  const accepted = { generation: 1, digest, object }
  return { key: keyOf(object), origin, order: 0, firstSeen, generation: 1, digest, accepted }
}
