import { ClusterObjects } from '../../kube/cluster-objects.ts'
import { ClusterWriter } from '../../kube/cluster-writer.ts'
import { Connection } from '../../kube/connection.ts'
import { KubeError } from '../../kube/kube-error.ts'
import { KubeSource } from '../../kube/source.ts'
import { KubeStore } from '../../kube/store.ts'
import { memoryFirewall } from '../../firewall/memory.ts'
import type { ObjectKey } from '../../core/key.ts'
import { isRecord, type UnknownRecord } from '../../core/record.ts'
import type { Model } from '../../policy/model/model.ts'
import type { RulesetChange } from '../../policy/ruleset.ts'
import { loadCrds } from '../../schema/crd.ts'
import { createValidator } from '../../schema/validator.ts'
import { systemTimers, type Timers } from '../../source/timers.ts'
import { memoryStore } from '../../store/memory.ts'
import { builtInFiles } from '../built-in.ts'
import type { Place } from '../place.ts'
import { restoredModel } from '../wiring.ts'
import type { Surroundings } from './beside-cluster.ts'

export interface ClusterChoice {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
}

/** A cluster as it is at one moment, in memory: nothing done with it reaches the cluster. */
export interface ClusterPlace extends Place, Surroundings {}

/** How long a cluster is waited for that fails: its first answer may be that it is about to be ready. */
const PATIENCE_MS = 3_000

/** Rejects with KubeError where the cluster cannot be read. */
export async function openClusterPlace({ kubeconfig, context }: ClusterChoice): Promise<ClusterPlace> {
  const timers = systemTimers
  const connection = await Connection.open({ kubeconfig, context, timers })
  const cluster = new ClusterObjects({ connection, namespaces: [], timers, random: Math.random })
  try {
    cluster.start()
    await untilSeen(cluster)
    return await snapshotOf(cluster, connection, timers)
  } finally {
    await cluster.close()
    await connection.close()
  }
}

async function snapshotOf(
  cluster: ClusterObjects,
  connection: Connection,
  timers: Timers,
): Promise<ClusterPlace> {
  const origins = new Map(
    builtInFiles().flatMap(({ path, documents }) => documents.map(({ key }) => [key, path])),
  )
  const validator = createValidator(loadCrds())
  const remembered = new KubeStore({
    ...{ cluster, writer: new ClusterWriter(connection), now: () => timers.now() },
    builtInOrigin: (key) => origins.get(key),
    read: (object) => validator.validate({ ...object }).object,
  })
  const inventory = await remembered.readInventory()
  const store = memoryStore()
  // The order of what is there is when it was made, and what is new comes after it.
  await store.writeInventory({ ...inventory, nextOrder: timers.now() })
  await store.writeStatus(await remembered.readStatus(), [])
  const firewall = memoryFirewall()
  await firewall.apply(everythingOf(restoredModel(inventory)))
  const { files } = await new KubeSource(cluster, timers).read()
  return {
    store,
    firewall,
    declared: files,
    lastApplied: appliedTo(cluster),
    namespace: connection.namespace,
  }
}

/** Where `kubectl apply` notes what it was given. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function appliedTo(cluster: ClusterObjects): ReadonlyMap<ObjectKey, UnknownRecord> {
  const applied = new Map<ObjectKey, UnknownRecord>()
  for (const [key, { metadata }] of cluster.entries()) {
    const value = parseJson(metadata.annotations[LAST_APPLIED] ?? '')
    if (isRecord(value)) applied.set(key, value)
  }
  return applied
}

/** Undefined for what is none: anybody may write annotations. */
function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

/** What the agents hold, or are about to. */
function everythingOf(model: Model): RulesetChange {
  const { instances, remotes } = model.drain()
  const putRemotes = new Map(
    [...remotes].flatMap((key) => {
      const prefixes = model.remote(key)
      return prefixes === undefined ? [] : [[key, prefixes] as const]
    }),
  )
  const put = [...instances].flatMap((key) => model.instanceRuleset(key) ?? [])
  return { put, remove: [], putRemotes, removeRemotes: [] }
}

function untilSeen(cluster: ClusterObjects): Promise<void> {
  return new Promise((resolve, reject) => {
    // Reading much takes as long as it takes; only what fails is given up.
    const giveUp = setInterval(() => {
      const { failure } = cluster.health
      if (failure === undefined) return
      done()
      reject(new KubeError(failure))
    }, PATIENCE_MS)
    const look = (): void => {
      if (!cluster.isSynced) return
      done()
      resolve()
    }
    const forget = cluster.onChange(look)
    const done = (): void => {
      clearInterval(giveUp)
      forget()
    }
    look()
  })
}
