import type { CountedRules, RuleHits } from '../counted-rules.ts'
import { ageText } from './age.ts'
import { count } from './count.ts'

/** Cells of a table: packets, bytes, and how long ago the last one was. */
export function hitCells(hits: RuleHits | undefined, now: Date): readonly [string, string, string] {
  if (hits === undefined) return ['-', '-', '-']
  const { packets, bytes, lastHit } = hits
  const never = packets === 0 ? 'never' : 'unknown'
  return [shortCount(packets), shortCount(bytes), lastHit === undefined ? never : ageText(lastHit, now)]
}

/** What the counts are of, and from when. */
export function countedText({ countedAt, everySeconds, others }: CountedRules, now: Date): string {
  const together = others === 0 ? '' : `, together with ${count(others, 'other instance')}`
  return `first packets of connections${together}, ${ageText(countedAt, now)} ago, every ${String(everySeconds)}s`
}

const UNITS = ['', 'k', 'M', 'G', 'T', 'P'] as const

/** Exact up to five digits, then three or four with a decimal unit: `99999`, `100k`, `12.3M`. */
function shortCount(number: number): string {
  if (number < 100_000) return String(number)
  let rest = number
  let unit = 0
  while (rest >= 1000 && unit < UNITS.length - 1) {
    rest /= 1000
    unit += 1
  }
  return `${rest < 100 ? (Math.floor(rest * 10) / 10).toFixed(1) : String(Math.floor(rest))}${UNITS[unit] ?? ''}`
}
