const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/** A unit and the next smaller one, which is told as well while the duration is shorter than `bothBelow`. */
interface Step {
  readonly below: number
  readonly unit: number
  readonly suffix: string
  readonly bothBelow: number
  readonly rest: readonly [unit: number, suffix: string]
}

/** Where kubectl changes from one unit to the next (k8s.io/apimachinery, pkg/util/duration). */
const STEPS: readonly Step[] = [
  { below: 2 * MINUTE, unit: SECOND, suffix: 's', bothBelow: 0, rest: [SECOND, ''] },
  { below: 3 * HOUR, unit: MINUTE, suffix: 'm', bothBelow: 10 * MINUTE, rest: [SECOND, 's'] },
  { below: 2 * DAY, unit: HOUR, suffix: 'h', bothBelow: 8 * HOUR, rest: [MINUTE, 'm'] },
  { below: 2 * YEAR, unit: DAY, suffix: 'd', bothBelow: 8 * DAY, rest: [HOUR, 'h'] },
  { below: Infinity, unit: YEAR, suffix: 'y', bothBelow: 8 * YEAR, rest: [DAY, 'd'] },
]

/** How long ago a time was, as kubectl shows it: `45s`, `3m20s`, `5d`; `<unknown>` for what is no time. */
export function ageText(time: string, now: Date): string {
  const duration = now.getTime() - Date.parse(time)
  if (Number.isNaN(duration)) return '<unknown>'
  // Clocks of two machines differ a little; more than that is wrong.
  if (duration < 0) return duration <= -2 * SECOND ? '<invalid>' : '0s'
  for (const { below, unit, suffix, bothBelow, rest } of STEPS) {
    if (duration >= below) continue
    const [small, smallSuffix] = rest
    const less = duration < bothBelow ? Math.floor((duration % unit) / small) : 0
    return `${Math.floor(duration / unit)}${suffix}${less === 0 ? '' : `${less}${smallSuffix}`}`
  }
  return '<unknown>'
}
