import type { MatrixEnd } from '../../../policy/reachability/matrix-end.ts'
import { printable } from '../printable.ts'
import { cellText } from './cell-text.ts'
import type { VpcMatrix } from './vpc-matrix.ts'

/** A VPC as a picture: its ends that something passes to or from, and an arrow for each cell. */
interface Graph {
  readonly title: string
  readonly nodes: readonly { readonly id: string; readonly text: string }[]
  readonly edges: readonly { readonly from: string; readonly to: string; readonly text: string }[]
}

/** Names of nodes are different in all graphs, so that they can stand in one picture. */
export function graphsOf(matrices: readonly VpcMatrix[]): readonly Graph[] {
  return matrices.map(({ namespace, vpc, matrix: { ends, cells } }, index) => {
    const ids = new Map<MatrixEnd, string>(ends.map((end, place) => [end, `v${index}e${place}`]))
    const met = new Set(cells.flatMap(({ from, to }) => [from, to]))
    return {
      title: printable(`VPC ${namespace}/${vpc}`),
      nodes: ends
        .filter((end) => met.has(end))
        .map((end) => ({ id: ids.get(end) ?? '', text: printable(end.name) })),
      edges: cells.map((cell) => ({
        from: ids.get(cell.from) ?? '',
        to: ids.get(cell.to) ?? '',
        text: printable(cellText(cell)),
      })),
    }
  })
}
