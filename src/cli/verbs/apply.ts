import type { DeletionAllowance } from '../../controller/deletion-brake.ts'
import type { Loop, Turn } from '../../controller/loop.ts'
import { isEmptyPlan, type Plan } from '../../controller/plan.ts'
import { isError } from '../../core/diagnostic.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'
import { printable } from '../output/printable.ts'
import { openSession } from '../wiring.ts'
import { printFindings, printPlan, type PlanFormat } from './plan.ts'

export interface ApplyOptions {
  readonly state: string
  readonly output: PlanFormat
  readonly allowDelete: DeletionAllowance
  readonly listedAddresses: number
  readonly trustClock?: boolean
}

/** The first turn does it all and the second finds nothing left; more only while files change meanwhile. */
const MOST_TURNS = 10

/** Reconciles until nothing changes any more. */
export async function apply(
  io: Io,
  paths: readonly string[],
  { state, output, allowDelete, listedAddresses, trustClock }: ApplyOptions,
): Promise<ExitStatus> {
  const session = await openSession(io, {
    paths,
    state: { folder: state, mode: 'exclusive' },
    allowance: allowDelete,
    listedAddresses,
    trustClock,
  })
  try {
    const { plan, last } = await converge(session.loop)
    printFindings(io, last)
    printPlan(io, output, { ...last, plan }, last.refusal === undefined ? 'past' : 'future')
    if (last.refusal !== undefined) {
      io.stderr.write(`error: the firewall refused the change: ${printable(last.refusal)}\n`)
      return EXIT.environment
    }
    if (last.unreported !== undefined) {
      io.stderr.write(
        `error: the rules are in force, and not all is in status: ${printable(last.unreported)}\n`,
      )
      return EXIT.environment
    }
    return last.heldBack.length > 0 || last.findings.some(isError) ? EXIT.bad : EXIT.done
  } finally {
    await session.close()
  }
}

async function converge(loop: Loop): Promise<{ readonly plan: Plan; readonly last: Turn }> {
  let last = await loop.turn()
  let { plan } = last
  for (let turns = 1; turns < MOST_TURNS && isGoingOn(last); turns++) {
    last = await loop.turn()
    plan = followed(plan, last.plan)
  }
  return { plan, last }
}

const isGoingOn = ({ plan, refusal, unreported, heldBack }: Turn): boolean =>
  refusal === undefined && unreported === undefined && heldBack.length === 0 && !isEmptyPlan(plan)

/** What two plans carried out one after the other have changed. */
function followed(first: Plan, next: Plan): Plan {
  return {
    objects: [...first.objects, ...next.objects],
    instances: [...first.instances, ...next.instances],
    remotes: [...first.remotes, ...next.remotes],
  }
}
