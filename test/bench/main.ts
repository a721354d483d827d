import { runCompiled } from './compiled.ts'
import { measureFiles } from './measure-files.ts'
import { measureNft } from './measure-nft.ts'
import { measurePackets } from './measure-packets.ts'
import { PROOF_SIZE, type ProofSize } from './proof-workload.ts'
import { WORKLOADS } from './workloads.ts'

/**
 * `npm run bench`: prints each figure with its target beside it and says which it misses. Medians of
 * three processes each; it judges nothing, since machines differ and are shared.
 *
 * What is compared: Antrea's memory is the largest `runtime.MemStats.Alloc` of a sample every 500 ms, which is its
 * heap with the objects and with garbage not yet collected. Beside a quarter of that stands the same of
 * Node: heap used and external memory, largest before any collection. What the operating
 * system gave to the whole process, which includes Node itself and heap that is free at the moment, stands below
 * it for information: nothing of the kind is known of Antrea. Both heaps are of the run with acceptance.
 */
interface Row {
  readonly what: string
  readonly figure: string
  readonly target: string
  readonly met: boolean
}

/** Half of everything, and then twice of each in turn. */
const GROWTH = [
  { instances: 5000, groups: 250, rules: 2500 },
  { instances: 10_000, groups: 250, rules: 2500 },
  { instances: 5000, groups: 500, rules: 5000 },
  { instances: 5000, groups: 250, rules: 5000 },
]

const REPEATS = 3
const EDITS = 50

/** See run-workload.ts. */
interface WorkloadFigures {
  readonly seconds: number
  readonly heapMegabytes: number
  readonly processMegabytes: number
  /** How many instances had rules, and how many addresses the groups that these name. */
  readonly digests: number
  readonly addresses: number
  readonly changes: readonly number[]
  readonly queries?: number
}

const rows: Row[] = []
for (const { name, target } of WORKLOADS) {
  const runs = Array.from({ length: REPEATS }, () => runWorkload(name, 'full'))
  const alone = Array.from({ length: REPEATS }, () => runWorkload(name, 'model'))
  if (new Set([...runs, ...alone].map(({ digests, addresses }) => `${digests} ${addresses}`)).size > 1) {
    throw new Error(`${name} came to other rules without acceptance`)
  }
  const middle = (figure: (run: WorkloadFigures) => number): number => median(runs.map(figure))
  rows.push(
    row(
      `${name}, to effective rules, model alone`,
      median(alone.map(({ seconds }) => seconds)),
      target.seconds,
      's',
    ),
  )
  rows.push(
    row(
      '  with acceptance, which Antrea has no part of in its test',
      middle(({ seconds }) => seconds),
      target.seconds,
      's',
    ),
  )
  rows.push(
    row(
      '  heap, objects included',
      middle(({ heapMegabytes }) => heapMegabytes),
      target.megabytes,
      'MB',
    ),
  )
  rows.push(
    row(
      '  whole process',
      middle(({ processMegabytes }) => processMegabytes),
      undefined,
      'MB',
    ),
  )
}
const queries = median(
  Array.from({ length: REPEATS }, () => runWorkload('OneNamespace', 'query').queries ?? Infinity),
)
rows.push(row('1,000 questions on 10,000 x 10,000', queries, 1, 's'))
for (const name of ['SmallNamespaces', 'LargeNamespaces']) {
  const { changes } = runWorkload(name, 'change')
  rows.push(row(`${name}, one change to the new plan, p99`, percentile(changes, 99), 5, 'ms'))
}
rows.push(...proofRows())
const files = await measureFiles(EDITS)
rows.push(row('10,000 instances in 100 files, cold apply', median(files.coldSeconds), 3, 's'))
rows.push(row('  its status files written by themselves', files.bareWriteSeconds, undefined, 's'))
rows.push(row('the same again, nothing changed', files.unchangedSeconds, 0.5, 's'))
rows.push(row('one changed file to its new status, median', median(files.savedMilliseconds), 100, 'ms'))
const nft = await measureNft()
if (typeof nft === 'string') process.stderr.write(`nft is not measured: ${nft}\n`)
else {
  const bare = 'time over bare nft -f of the same text'
  rows.push(row(`nft, 10,000 instances with 80,000 rules loaded: ${bare}`, nft.load, 1.2, 'x'))
  rows.push(row(`one rule changed: ${bare}`, nft.rule, 1.5, 'x'))
  rows.push(row(`  a second after another of its chain: ${bare}`, nft.ruleAgain, 1.5, 'x'))
  rows.push(row(`  right after it: ${bare}`, nft.ruleAtOnce, undefined, 'x'))
  rows.push(row(`one member more: ${bare}`, nft.member, 1.5, 'x'))
  rows.push(row(`one instance more: ${bare}`, nft.instance, 1.5, 'x'))
  rows.push(row('from the save of one rule to the commit', nft.saved.milliseconds, undefined, 'ms'))
  rows.push(
    row('  bare nft -f of such a rule, after a rest as well', nft.saved.bareMilliseconds, undefined, 'ms'),
  )
  rows.push(row('  the one over the other', nft.saved.ratio, 1.5, 'x'))
  rows.push(row("one member more in the shape of Calico's benchmark", nft.calico.milliseconds, 17, 'ms'))
  rows.push(row(`  ${bare}`, nft.calico.ratio, 1.5, 'x'))
}
const packets = await measurePackets()
if (typeof packets === 'string') process.stderr.write(`packets are not measured: ${packets}\n`)
else {
  const alone = 'time over connection tracking alone'
  rows.push(row(`first packet through 500 rules: ${alone}`, packets.fresh, 1.3, 'x'))
  rows.push(row(`packet of an established connection: ${alone}`, packets.established, 1.1, 'x'))
}
process.stdout.write(`${table(rows)}\n`)

/** See run-proof.ts. */
interface ProofFigures {
  readonly matrixMilliseconds: number
  readonly peakMegabytes: number
  readonly explainMilliseconds?: number
  readonly differenceMilliseconds?: number
  readonly checksMilliseconds?: number
}

/** Who reaches whom: the figures with targets, then how the matrix grows with each of its three sizes. */
function proofRows(): readonly Row[] {
  const runs = Array.from({ length: REPEATS }, () => runProof(PROOF_SIZE))
  const middle = (figure: (run: ProofFigures) => number | undefined): number =>
    median(runs.map((run) => figure(run) ?? Infinity))
  const large = runProof({ ...PROOF_SIZE, instances: 100_000 }, 'matrix')
  return [
    row(
      'matrix, 10,000 instances, 500 groups, 5,000 rules',
      middle((run) => run.matrixMilliseconds) / 1000,
      1,
      's',
    ),
    row(
      '  one explanation',
      middle((run) => run.explainMilliseconds),
      1,
      'ms',
    ),
    row(
      '  one rule changed, what that opens and closes',
      middle((run) => run.differenceMilliseconds),
      50,
      'ms',
    ),
    row(
      '  one rule changed, 1,000 checks',
      middle((run) => run.checksMilliseconds),
      100,
      'ms',
    ),
    row('matrix, 100,000 instances', large.matrixMilliseconds / 1000, 10, 's'),
    row('  whole process', large.peakMegabytes, 1024, 'MB'),
    ...GROWTH.map((size) =>
      row(
        `  grown: ${size.instances.toLocaleString('en-US')} instances, ${String(size.groups)} groups, ${size.rules.toLocaleString('en-US')} rules`,
        runProof(size, 'matrix').matrixMilliseconds / 1000,
        undefined,
        's',
      ),
    ),
  ]
}

function runProof({ instances, groups, rules }: ProofSize, mode = 'full'): ProofFigures {
  const size = [instances, groups, rules].map(String)
  const figures: ProofFigures = JSON.parse(runCompiled('run-proof', [...size, mode]))
  return figures
}

function runWorkload(name: string, mode: string): WorkloadFigures {
  const figures: WorkloadFigures = JSON.parse(runCompiled('run-workload', [name, mode]))
  return figures
}

/** Without a target the figure is for information. */
function row(what: string, figure: number, target: number | undefined, unit: string): Row {
  const digits = unit === 's' || unit === 'x' ? 2 : unit === 'ms' ? 1 : 0
  return {
    what,
    figure: `${figure.toFixed(digits)} ${unit}`,
    target: target === undefined ? '' : `${String(target)} ${unit}`,
    met: target === undefined || figure <= target,
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
  const head = `${'WHAT'.padEnd(width)}  ${'FIGURE'.padStart(8)}  ${'TARGET'.padStart(8)}`
  const lines = all.map(({ what, figure, target, met }) => {
    const line = `${what.padEnd(width)}  ${figure.padStart(8)}  ${target.padStart(8)}${met ? '' : '  missed'}`
    return line.trimEnd()
  })
  return [head, ...lines].join('\n')
}
