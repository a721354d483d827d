import type { DeletionAllowance } from '../../controller/deletion-brake.ts'
import type { Loop, Turn } from '../../controller/loop.ts'
import type { Plan } from '../../controller/plan.ts'
import { isError } from '../../core/diagnostic.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'
import { firewallChoice, type EnforcementOptions } from '../options.ts'
import { printable } from '../output/printable.ts'
import { openPlace, type Place } from '../place.ts'
import { Resting } from '../resting.ts'
import { printFindings, printPlan, type PlanFormat } from '../output/turn-output.ts'

export interface ApplyOptions extends EnforcementOptions {
  readonly state: string
  readonly output: PlanFormat
  readonly allowDelete: DeletionAllowance
  readonly listedAddresses: number
  readonly trustClock?: boolean
}

/** The first turn does it all and the second finds nothing left to do; more only while files change meanwhile. */
const MOST_TURNS = 10

/** Reconciles until nothing changes any more. What is at rest is left so, without loading what would judge it. */
export async function apply(io: Io, paths: readonly string[], chosen: ApplyOptions): Promise<ExitStatus> {
  const { state, output, allowDelete, listedAddresses, trustClock } = chosen
  const options = {
    paths,
    state: { folder: state, mode: 'exclusive' },
    firewall: firewallChoice(chosen),
    allowance: allowDelete,
    listedAddresses,
    trustClock,
  } as const
  const place = await openPlace(io, options)
  const resting = new Resting(place, { paths, listedAddresses, now: io.now })
  if (trustClock !== true && (await isAtRest(place, resting))) {
    await place.store.close()
    printPlan(io, output, { plan: NOTHING, findings: [], heldBack: [], isMisdirected: false }, 'past')
    return EXIT.done
  }
  const { openSessionIn } = await import('../wiring.ts')
  const session = await openSessionIn(place, io, options)
  try {
    const { plan, last } = await converge(session.loop)
    const restsOn = last.isIdle ? last.restsOn() : undefined
    if (restsOn !== undefined) await resting.note(restsOn)
    return report(io, output, { ...last, plan })
  } finally {
    await session.close()
  }
}

const NOTHING: Plan = { objects: [], instances: [], remotes: [] }

async function isAtRest({ store }: Place, resting: Resting): Promise<boolean> {
  try {
    return await resting.isUndisturbed()
  } catch (error) {
    await store.close()
    throw error
  }
}

function report(io: Io, output: PlanFormat, turn: Turn): ExitStatus {
  printFindings(io, turn)
  printPlan(io, output, turn, turn.refusal === undefined ? 'past' : 'future')
  if (turn.refusal !== undefined) {
    io.stderr.write(`error: the firewall refused the change: ${printable(turn.refusal)}\n`)
    return EXIT.environment
  }
  if (turn.unreported !== undefined) {
    io.stderr.write(
      `error: the rules are in force, and not all is in status: ${printable(turn.unreported)}\n`,
    )
    return EXIT.environment
  }
  return turn.heldBack.length > 0 || turn.findings.some(isError) ? EXIT.bad : EXIT.done
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

const isGoingOn = ({ isIdle, isMisdirected, refusal, unreported, heldBack }: Turn): boolean =>
  !isIdle && !isMisdirected && refusal === undefined && unreported === undefined && heldBack.length === 0

/** What two plans carried out one after the other have changed. */
function followed(first: Plan, next: Plan): Plan {
  return {
    objects: [...first.objects, ...next.objects],
    instances: [...first.instances, ...next.instances],
    remotes: [...first.remotes, ...next.remotes],
  }
}
