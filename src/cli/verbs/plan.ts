import type { DeletionAllowance } from '../../controller/deletion-brake.ts'
import { isEmptyPlan } from '../../controller/plan.ts'
import { findingsBeyond, isError } from '../../core/diagnostic.ts'
import type { Moment } from '../../core/moment.ts'
import { ReachabilityMemory } from '../../policy/reachability/reachability.ts'
import { connectionsBetween, reachabilitySnapshot } from '../../policy/reachability/snapshot.ts'
import { openClusterSession } from '../cluster/cluster-session.ts'
import { isForCluster, type TargetOptions } from '../cluster/options.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'
import { printFindings, printPlan, type PlanFormat } from '../output/turn-output.ts'
import { openComparison } from '../comparison.ts'
import { openSession, type Session } from '../wiring.ts'

export interface PlanOptions extends TargetOptions {
  readonly state: string
  readonly output: PlanFormat
  readonly allowDelete: DeletionAllowance
  /** The moment for which to look; absent: now. */
  readonly at?: Moment
  /** A file, a folder or a git revision that stands for what is in force, instead of the state folder. */
  readonly against?: string
  /** Whether the exit status says that something would change. */
  readonly exitCode?: boolean
}

/** What an apply would do now. Writes nothing. */
export async function plan(io: Io, paths: readonly string[], options: PlanOptions): Promise<ExitStatus> {
  const { output, exitCode } = options
  const session = await openBase(io, paths, options)
  if (session === undefined) return EXIT.bad
  try {
    const memory = new ReachabilityMemory()
    const before = reachabilitySnapshot(session.model, memory)
    const looked = await session.loop.look()
    const turn = { ...looked, findings: findingsBeyond(session.known, looked.findings) }
    const after = reachabilitySnapshot(session.model, memory)
    const connections = connectionsBetween(before, after)
    const blocked = turn.blocked && {
      ...turn.blocked,
      connections: connectionsBetween(after, reachabilitySnapshot(turn.blocked.model, memory)),
    }
    printFindings(io, turn)
    printPlan(io, output, { ...turn, connections, blocked }, 'future')
    if (turn.heldBack.length > 0 || turn.findings.some(isError)) return EXIT.bad
    return exitCode === true && !isEmptyPlan(turn.plan) ? EXIT.changes : EXIT.done
  } finally {
    await session.close()
  }
}

/** A session on top of what the manifests are compared with; undefined where that cannot be read without an error. */
async function openBase(
  io: Io,
  paths: readonly string[],
  { state, allowDelete, at, against, ...cluster }: PlanOptions,
): Promise<Session | undefined> {
  const options = { paths, allowance: allowDelete, at }
  if (isForCluster(cluster)) return openClusterSession(io, cluster, { paths, at })
  if (against !== undefined) return openComparison(io, against, { ...options, state: undefined })
  return openSession(io, { ...options, state: { folder: state, mode: 'read' } })
}
