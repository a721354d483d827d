import type { DeletionAllowance } from '../../controller/deletion-brake.ts'
import type { Turn } from '../../controller/loop.ts'
import { isEmptyPlan } from '../../controller/plan.ts'
import { isError } from '../../core/diagnostic.ts'
import { displayKey, type ObjectKey } from '../../core/key.ts'
import type { Moment } from '../../core/moment.ts'
import { printYaml } from '../../manifest/print.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { writeLines, type Io } from '../io.ts'
import { byPlace, findingLines } from '../output/findings.ts'
import { paintFor } from '../output/paint.ts'
import { planJson } from '../output/plan-json.ts'
import { planLines, type Tense } from '../output/plan-text.ts'
import { printable, printableJson } from '../output/printable.ts'
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

export type PlanFormat = 'text' | 'json' | 'yaml'

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

export function printFindings(io: Io, { findings }: Pick<Turn, 'findings'>): void {
  const paint = paintFor(io.stderr, io)
  writeLines(
    io.stderr,
    byPlace(findings).flatMap((finding) => findingLines(finding, paint)),
  )
}

export function printPlan(
  io: Io,
  output: PlanFormat,
  turn: Pick<Turn, 'plan' | 'findings' | 'heldBack'>,
  tense: Tense,
): void {
  switch (output) {
    case 'json':
      writeLines(io.stdout, [printableJson(planJson(turn.plan, turn))])
      return
    case 'yaml':
      io.stdout.write(printYaml(planJson(turn.plan, turn)))
      return
    case 'text':
      writeLines(
        io.stdout,
        turn.heldBack.length > 0
          ? heldBackLines(turn.heldBack)
          : planLines(turn.plan, tense, paintFor(io.stdout, io)),
      )
  }
}

function heldBackLines(keys: readonly ObjectKey[]): readonly string[] {
  return [
    'Held back, with every other change, since it would delete:',
    ...keys.map((key) => printable(`- ${displayKey(key)}`)),
  ]
}
