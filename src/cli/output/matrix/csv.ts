import { trafficText } from '../../../policy/reachability/traffic-text.ts'
import { printable } from '../printable.ts'
import type { VpcMatrix } from './vpc-matrix.ts'

const TITLES = ['namespace', 'vpc', 'from', 'to', 'family', 'traffic']

/** A line for each cell and family, as RFC 4180 has them but for the line ends, which are those of this system. */
export function matrixCsv(matrices: readonly VpcMatrix[]): readonly string[] {
  const rows = matrices.flatMap(({ namespace, vpc, matrix: { cells } }) =>
    cells.flatMap(({ from, to, traffic }) =>
      [...traffic].map(([family, set]) => [namespace, vpc, from.name, to.name, family, trafficText(set)]),
    ),
  )
  return [TITLES, ...rows].map((row) => row.map(field).join(','))
}

function field(text: string): string {
  const safe = printable(text)
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
