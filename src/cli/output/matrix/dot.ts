import { graphsOf } from './graph.ts'
import type { VpcMatrix } from './vpc-matrix.ts'

/** A graph in the language of Graphviz. */
export function matrixDot(matrices: readonly VpcMatrix[]): readonly string[] {
  return [
    'digraph matrix {',
    '  rankdir=LR',
    '  node [shape=box]',
    ...graphsOf(matrices).flatMap(({ title, nodes, edges }, index) => [
      `  subgraph cluster_${index} {`,
      `    label=${quoted(title)}`,
      ...nodes.map(({ id, text }) => `    ${id} [label=${quoted(text)}]`),
      '  }',
      ...edges.map(({ from, to, text }) => `  ${from} -> ${to} [label=${quoted(text)}]`),
    ]),
    '}',
  ]
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
