import { WatchedCluster } from '../../agent/agent-cluster.ts'
import { AgentLoop, type AgentTurn } from '../../agent/agent-loop.ts'
import { AgentMemory } from '../../agent/agent-memory.ts'
import { Connection } from '../../kube/connection.ts'
import { loadCrds } from '../../schema/crd.ts'
import { createValidator } from '../../schema/validator.ts'
import { Bell } from '../../source/bell.ts'
import { timersBy } from '../../source/timers.ts'
import { builtInFiles } from '../built-in.ts'
import { AgentLog } from '../cluster/agent-log.ts'
import { openHealthServer } from '../cluster/health-server.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'
import { LiveLoop } from '../live/live-loop.ts'
import { openLog, type LogLevel } from '../live/log.ts'
import { firewallChoice, type EnforcementOptions } from '../options.ts'
import { openPlace } from '../place.ts'

export interface AgentOptions extends EnforcementOptions {
  readonly state: string
  readonly kubeconfig?: string
  readonly context?: string
  /** Absent: all. */
  readonly namespace?: string
  readonly healthAddress: string
  readonly trustClock?: boolean
  readonly logLevel: LogLevel
}

/** What one reconcile writes arrives by and by: to wait for all of it would delay the first, which is mostly the rules. */
const EVENTS_MS = 2

/**
 * Enforces for one node what the controller has accepted, until it is told to stop. It begins with what its state
 * folder remembers, whether or not the cluster can be reached.
 */
export async function agent(io: Io, options: AgentOptions): Promise<ExitStatus> {
  const { node, state, kubeconfig, context, namespace } = options
  const timers = timersBy(io.now)
  const log = await openLog(io, options.logLevel)
  const told = new AgentLog(log)
  const place = await openPlace(io, {
    paths: [],
    // What it remembers is in the statuses as well.
    state: { folder: state, mode: 'exclusive', isCopy: true },
    firewall: firewallChoice(options),
  })
  try {
    const connection = await Connection.open({ kubeconfig, context, timers })
    const bell = new Bell(
      () => {
        live.bell()
      },
      timers,
      EVENTS_MS,
    )
    const validator = createValidator(loadCrds())
    const cluster = new WatchedCluster({
      validate: (object) => validator.validate({ ...object }),
      ...{ connection, node, namespace, timers, random: Math.random },
      bell: () => {
        told.connection(cluster.failures())
        bell.touch()
      },
      onReportFailure: (reason, delayMs) => {
        told.unreported(reason, delayMs)
      },
    })
    const loop = await AgentLoop.open({
      ...{ node, cluster, memory: new AgentMemory(place.store, node), firewall: place.firewall, now: io.now },
      elapsed: () => performance.now(),
      trustClock: options.trustClock === true,
      builtIn: builtInFiles().flatMap(({ documents }) => documents.flatMap(({ object }) => object ?? [])),
    })
    let last: AgentTurn | undefined
    const live = new LiveLoop<AgentTurn>({
      turn: async () => (last = await loop.turn()),
      report: told,
      timers,
    })
    const health = await openHealthServer(options.healthAddress, {
      '/healthz': () => undefined,
      '/readyz': () => (last === undefined ? 'nothing has been programmed yet' : last.refusal),
    })
    const forget = io.onStop(() => {
      live.stop()
    })
    let unwatch: (() => void) | undefined
    try {
      await live.run(() => {
        unwatch = place.firewall.watch(() => {
          live.bell()
        })
        cluster.start()
        log.info({ node, server: connection.server, state, health: health.address }, 'watching')
        return Promise.resolve()
      })
    } finally {
      forget()
      unwatch?.()
      bell.close()
      await health.close()
      // First, so that nobody waits for a server that does not answer.
      await connection.close()
      await cluster.close()
    }
    log.info({ node }, 'stopped')
    return EXIT.done
  } finally {
    await place.store.close()
  }
}
