import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { measureFiles } from './measure-files.ts'
import { WORKLOADS } from './workloads.ts'

/**
 * `npm run bench`: prints each figure with its target beside it and says which it misses. Medians of
 * three processes each; it judges nothing, since machines differ and are shared.
 */
interface Row {
  readonly what: string
  readonly figure: string
  readonly target: string
  readonly met: boolean
}

const REPEATS = 3
const EDITS = 50

interface WorkloadFigures {
  readonly seconds: number
  readonly megabytes: number
  readonly changes: readonly number[]
  readonly queries?: number
}

const rows: Row[] = []
for (const { name, target } of WORKLOADS) {
  const runs = Array.from({ length: REPEATS }, () => runWorkload(name, 'full'))
  const seconds = median(runs.map((run) => run.seconds))
  const megabytes = median(runs.map((run) => run.megabytes))
  rows.push(row(`${name}: objects to effective rules`, seconds, target.seconds, 's'))
  rows.push(row(`${name}: whole process, Node and objects included`, megabytes, target.megabytes, 'MB'))
}
const queries = median(
  Array.from({ length: REPEATS }, () => runWorkload('OneNamespace', 'query').queries ?? Infinity),
)
rows.push(row('1,000 questions what applies to an instance, 10,000 x 10,000', queries, 1, 's'))
for (const name of ['SmallNamespaces', 'LargeNamespaces']) {
  const { changes } = runWorkload(name, 'change')
  rows.push(
    row(`${name}: one group or instance changed, to the new plan, p99`, percentile(changes, 99), 5, 'ms'),
  )
}
const files = await measureFiles(EDITS)
rows.push(row('10,000 instances in 100 files, cold apply', files.coldSeconds, 3, 's'))
rows.push(row('the same again, nothing changed', files.unchangedSeconds, 0.5, 's'))
rows.push(row('one changed file to its new status, median', median(files.savedMilliseconds), 100, 'ms'))
process.stdout.write(`${table(rows)}\n`)

function runWorkload(name: string, mode: string): WorkloadFigures {
  const script = fileURLToPath(new URL('run-workload.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(
    'node',
    ['--expose-gc', '--import', 'tsx', script, name, mode],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stderr}`)
  const figures: WorkloadFigures = JSON.parse(stdout)
  return figures
}

function row(what: string, figure: number, target: number, unit: string): Row {
  const digits = unit === 's' ? 2 : unit === 'ms' ? 1 : 0
  return {
    what,
    figure: `${figure.toFixed(digits)} ${unit}`,
    target: `${String(target)} ${unit}`,
    met: figure <= target,
  }
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Infinity
}

function median(values: readonly number[]): number {
  return percentile(values, 50)
}

function table(all: readonly Row[]): string {
  const width = Math.max(...all.map(({ what }) => what.length))
  const head = `${'WHAT'.padEnd(width)}  ${'FIGURE'.padStart(10)}  ${'TARGET'.padStart(10)}`
  const lines = all.map(({ what, figure, target, met }) => {
    return `${what.padEnd(width)}  ${figure.padStart(10)}  ${target.padStart(10)}${met ? '' : '  missed'}`
  })
  return [head, ...lines].join('\n')
}
