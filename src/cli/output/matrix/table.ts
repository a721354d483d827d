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

/** One line for each two ends between which something passes. */
export function matrixTable(
  matrices: readonly VpcMatrix[],
  paint: Paint,
  width: number | undefined,
): readonly string[] {
  return matrices.flatMap(({ namespace, vpc, matrix: { cells } }, index) => [
    ...(index === 0 ? [] : ['']),
    paint.bold(printable(`VPC ${namespace}/${vpc}`)),
    ...(cells.length === 0
      ? ['Nothing passes.']
      : tableLines(
          COLUMNS,
          cells.map((cell) => [cell.from.name, cell.to.name, cellText(cell)]),
          width,
        )),
  ])
}
