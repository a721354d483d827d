import type { DeletionAllowance } from '../../controller/deletion-brake.ts'
import { isEmptyPlan } from '../../controller/plan.ts'
import { isError } from '../../core/diagnostic.ts'
import type { Moment } from '../../core/moment.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'
import { printFindings, printPlan, type PlanFormat } from '../output/turn-output.ts'
import { openSession } from '../wiring.ts'

export interface PlanOptions {
  readonly state: string
  readonly output: PlanFormat
  readonly allowDelete: DeletionAllowance
  /** The moment for which to look; absent: now. */
  readonly at?: Moment
  /** Whether the exit status says that something would change. */
  readonly exitCode?: boolean
}

/** What an apply would do now. Writes nothing. */
export async function plan(
  io: Io,
  paths: readonly string[],
  { state, output, allowDelete, at, exitCode }: PlanOptions,
): Promise<ExitStatus> {
  const session = await openSession(io, {
    paths,
    state: { folder: state, mode: 'read' },
    allowance: allowDelete,
    at,
  })
  try {
    const turn = await session.loop.look()
    printFindings(io, turn)
    printPlan(io, output, turn, 'future')
    if (turn.heldBack.length > 0 || turn.findings.some(isError)) return EXIT.bad
    return exitCode === true && !isEmptyPlan(turn.plan) ? EXIT.changes : EXIT.done
  } finally {
    await session.close()
  }
}
