import type { Matrix } from '../../../policy/reachability/matrix.ts'
import type { Paint } from '../paint.ts'
import { printable } from '../printable.ts'
import { tableLines, type Column } from '../table.ts'
import { cellText } from './cell-text.ts'
import type { VpcMatrix } from './vpc-matrix.ts'

const COLUMNS: readonly Column[] = [
  { title: 'FROM', wraps: 'Words' },
  { title: 'TO', wraps: 'Words' },
  { title: 'TRAFFIC', wraps: 'Words' },
]

/** One line for each two ends between which something passes. `isWhole`: whether these are all that there are. */
export function matrixTable(
  matrices: readonly VpcMatrix[],
  paint: Paint,
  width: number | undefined,
  isWhole: boolean,
): readonly string[] {
  return matrices.flatMap(({ namespace, vpc, matrix }, index) => [
    ...(index === 0 ? [] : ['']),
    paint.bold(printable(`VPC ${namespace}/${vpc}`)),
    ...linesOf(matrix, width),
    ...(isWhole ? silentOutside(matrix) : []),
  ])
}

function linesOf({ cells }: Matrix, width: number | undefined): readonly string[] {
  if (cells.length === 0) return ['Nothing passes.']
  const rows = cells.map((cell) => [cell.from.name, cell.to.name, cellText(cell)])
  return tableLines(COLUMNS, rows, width)
}

/** Addresses outside that no line is about, which somebody who reads of the Internet would take for a part of that. */
function silentOutside({ ends, cells }: Matrix): readonly string[] {
  const told = new Set(cells.flatMap(({ from, to }) => [from, to]))
  const silent = ends.filter((end) => end.kind === 'Outside' && !told.has(end)).map(({ name }) => name)
  const isNeeded = silent.length > 0 && ends.some((end) => end.kind === 'Internet' && told.has(end))
  return isNeeded ? [printable(`Internet is without ${silent.join(', ')}: nothing passes there.`)] : []
}
