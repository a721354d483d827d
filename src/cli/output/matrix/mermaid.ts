import { graphsOf } from './graph.ts'
import type { VpcMatrix } from './vpc-matrix.ts'

/** A flowchart that code hosts draw in Markdown. */
export function matrixMermaid(matrices: readonly VpcMatrix[]): readonly string[] {
  return [
    'flowchart LR',
    ...graphsOf(matrices).flatMap(({ title, nodes, edges }, index) => [
      `  subgraph v${index}[${quoted(title)}]`,
      ...nodes.map(({ id, text }) => `    ${id}[${quoted(text)}]`),
      '  end',
      ...edges.map(({ from, to, text }) => `  ${from} -->|${quoted(text)}| ${to}`),
    ]),
  ]
}

/** Mermaid writes a quotation mark within text as an entity with `#`, so `#` itself too. */
function quoted(text: string): string {
  return `"${text.replaceAll('#', '#35;').replaceAll('"', '#quot;')}"`
}
