import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { ClusterObjects } from '../../kube/cluster-objects.ts'
import { ClusterWriter } from '../../kube/cluster-writer.ts'
import { Connection } from '../../kube/connection.ts'
import { EventRecorder } from '../../kube/event-recorder.ts'
import { LeaseElector } from '../../kube/lease-elector.ts'
import { eventsOf } from '../../kube/status-events.ts'
import { timersBy } from '../../source/timers.ts'
import { openClusterLoop } from '../cluster/cluster-loop.ts'
import { logConnection } from '../cluster/connection-log.ts'
import { openHealthServer } from '../cluster/health-server.ts'
import { LogReport } from '../cluster/log-report.ts'
import { openDoor } from '../cluster/webhook.ts'
import { Terms } from '../cluster/terms.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'
import { LiveLoop } from '../live/live-loop.ts'
import { openLog, type LogLevel } from '../live/log.ts'

export interface ControllerOptions {
  readonly kubeconfig?: string
  readonly context?: string
  /** Absent: all. */
  readonly namespaces?: readonly string[]
  /** Absent: that of the context. */
  readonly leaseNamespace?: string
  readonly healthAddress: string
  /** Where the API server asks about objects; absent: it does not. */
  readonly webhook?: string
  readonly webhookNames?: readonly string[]
  readonly trustClock?: boolean
  readonly logLevel: LogLevel
}

/** The Lease that the controllers of one cluster share. */
const LEASE = 'palisade-controller'

/** Judges what a cluster declares and writes what is in force into its statuses, until it is told to stop. */
export async function controller(io: Io, options: ControllerOptions): Promise<ExitStatus> {
  const log = await openLog(io, options.logLevel)
  const timers = timersBy(io.now)
  const { kubeconfig, context, namespaces = [], trustClock = false } = options
  const connection = await Connection.open({ kubeconfig, context, timers })
  const cluster = new ClusterObjects({ connection, namespaces, timers, random: Math.random })
  const writer = new ClusterWriter(connection)
  const identity = `${hostname()}_${randomUUID()}`.slice(-LONGEST_IDENTITY)
  const recorder = new EventRecorder({
    ...{ connection, timers, component: 'controller', instance: identity },
    onFailure: (reason) => {
      log.warn({ reason }, 'an event could not be recorded')
    },
  })

  const lead = async (signal: AbortSignal): Promise<void> => {
    // The one that led before may have accepted what was not seen here yet: to judge without it would put older versions back.
    await cluster.whenReadAgain(signal)
    if (signal.aborted) return
    const { source, loop, world } = await openClusterLoop({
      ...{ cluster, writer, now: io.now, timers },
      ...{ latestTime: elector.latestTime, trustClock },
      mayWrite: () => elector.isLeader && !signal.aborted,
      onWritten: (written) => {
        for (const event of eventsOf(written)) recorder.record(event)
      },
    })
    const live = new LiveLoop({ turn: () => loop.turn(), report: new LogReport(log), timers })
    const stop = (): void => {
      live.stop()
    }
    signal.addEventListener('abort', stop)
    const watch = await source.watch(() => {
      live.bell()
    })
    if (isAborted(signal)) stop()
    await live.run(() => {
      isJudging = true
      door?.open(world)
      return Promise.resolve()
    })
    isJudging = false
    door?.open(undefined)
    await watch.close()
  }

  let isJudging = false
  const namespace = options.leaseNamespace ?? connection.namespace ?? DEFAULT_LEASE_NAMESPACE
  const door =
    options.webhook === undefined
      ? undefined
      : await openDoor({
          ...{ connection, timers, log, namespace, today: io.now },
          address: options.webhook,
          names: options.webhookNames ?? [],
        })
  const terms = new Terms(lead)
  const elector: LeaseElector = new LeaseElector({
    ...{ connection, timers, identity, name: LEASE, trustClock },
    namespace,
    onChange: (isLeader) => {
      log.info({ identity }, isLeader ? 'leading' : 'no longer leading')
      if (isLeader) terms.begin()
      else terms.end()
    },
    onFailure: (reason) => {
      log.warn({ reason }, 'the lease cannot be had')
    },
  })
  const health = await openHealthServer(options.healthAddress, {
    '/healthz': () => undefined,
    '/readyz': () => {
      if (!cluster.isSynced) return `not everything has been seen yet: ${cluster.health.failure ?? 'waiting'}`
      if (elector.obstacle !== undefined) return `nobody leads: ${elector.obstacle}`
      // A Service sends the API server's questions to whoever is ready.
      return door !== undefined && !isJudging ? 'another controller leads and answers the webhook' : undefined
    },
  })
  const forgetHealth = logConnection(cluster, log)
  try {
    cluster.start()
    elector.start()
    log.info({ server: connection.server, namespaces, health: health.address }, 'watching')
    await Promise.race([stopped(io), terms.failed])
    log.info({ identity }, 'stopping')
  } finally {
    terms.end()
    await terms.settled()
    await door?.close()
    await elector.release()
    await recorder.flush()
    forgetHealth()
    await health.close()
    await cluster.close()
    await connection.close()
  }
  return EXIT.done
}

/** Asked through a function, since it changes while others are awaited. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted

/** Where the lease is for a context that names no namespace. */
const DEFAULT_LEASE_NAMESPACE = 'default'

/** What Events take as the name of who reports. */
const LONGEST_IDENTITY = 128

function stopped(io: Io): Promise<void> {
  return new Promise((resolve) => {
    const forget = io.onStop(() => {
      forget()
      resolve()
    })
  })
}
