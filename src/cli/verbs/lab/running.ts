import { LabError } from '../../../lab/lab-error.ts'
import { runningLab, type RunningLab } from '../../../lab/lab-file.ts'

/** The lab that is up; throws LabError when none is. */
export function needLab(state: string): RunningLab {
  const lab = runningLab(state)
  if (lab !== undefined) return lab
  throw new LabError(
    `no lab is up in ${state}: start one with palisade lab up PATH, or name its folder with --state`,
  )
}
