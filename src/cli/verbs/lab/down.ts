import { setTimeout as sleep } from 'node:timers/promises'
import { LabError } from '../../../lab/lab-error.ts'
import { runningLab } from '../../../lab/lab-file.ts'
import { EXIT, type ExitStatus } from '../../exit-status.ts'
import { writeLines, type Io } from '../../io.ts'

export interface LabDownOptions {
  readonly state: string
}

/** Longer than the turn in hand takes, which is finished first. */
const LONGEST_MS = 30_000

const STEP_MS = 20

/** Ends a lab as Ctrl-C does, and waits until it is gone. */
export async function labDown(io: Io, { state }: LabDownOptions): Promise<ExitStatus> {
  const lab = runningLab(state)
  if (lab === undefined) {
    writeLines(io.stdout, [`No lab is up in ${state}.`])
    return EXIT.done
  }
  process.kill(lab.supervisor.pid, 'SIGTERM')
  for (let waited = 0; waited < LONGEST_MS; waited += STEP_MS) {
    if (runningLab(state)?.supervisor.startTime !== lab.supervisor.startTime) return EXIT.done
    await sleep(STEP_MS)
  }
  throw new LabError(
    `process ${lab.supervisor.pid} was told to take the lab down, and has not done so in 30 s`,
  )
}
