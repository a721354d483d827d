import { fitColumns, type ColumnNeed } from './column-widths.ts'
import { displayWidth, padToWidth } from './display-width.ts'
import { printable } from './printable.ts'
import { narrowestWrap, wrap, type Wrapping } from './wrap.ts'

export interface Column {
  readonly title: string
  /** How its cells may be divided into lines, so that the table fits the terminal; absent: not at all. */
  readonly wraps?: Wrapping
  /** Colours a cell that is already as wide as it has to be. */
  readonly paint?: (cell: string) => string
}

/** Between two columns, as kubectl has it; where space is short, less. */
const GAP = 3
const NARROW_GAP = 2

/** The lines of a table; cells may hold any text. Without `width` every row is one line. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width?: number,
): readonly string[] {
  const cells = rows.map((row) => row.map(printable))
  const needs = columns.map((column, index) => needOf(column, index, cells))
  const natural = needs.map((need) => need.natural)
  const total = natural.reduce((sum, own) => sum + own, GAP * (columns.length - 1))
  const isNarrow = width !== undefined && total > width
  const layout = isNarrow
    ? { widths: fitColumns(needs, width - NARROW_GAP * (columns.length - 1)), gap: NARROW_GAP }
    : { widths: natural, gap: GAP }
  const titles = columns.map(({ title }) => title)
  const plain = titles.map((title) => ({ title }))
  return [...rowLines(titles, plain, layout), ...cells.flatMap((row) => rowLines(row, columns, layout))]
}

function needOf({ title, wraps }: Column, index: number, cells: readonly (readonly string[])[]): ColumnNeed {
  let natural = displayWidth(title)
  let narrowest = natural
  for (const row of cells) {
    const cell = row[index] ?? ''
    natural = Math.max(natural, displayWidth(cell))
    if (wraps !== undefined) narrowest = Math.max(narrowest, narrowestWrap(cell, wraps))
  }
  return wraps === undefined ? { natural } : { natural, narrowest }
}

interface Layout {
  readonly widths: readonly number[]
  readonly gap: number
}

function rowLines(
  row: readonly string[],
  columns: readonly Column[],
  { widths, gap }: Layout,
): readonly string[] {
  const cells = row.map((cell, index) => {
    const wraps = columns[index]?.wraps
    return wraps === undefined ? [cell] : wrap(cell, widths[index] ?? cell.length, wraps)
  })
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) => {
    const texts = cells.map((lines) => lines[line] ?? '')
    const last = texts.findLastIndex((text) => text !== '')
    return texts
      .slice(0, last + 1)
      .map((text, index) => {
        const padded = index === last ? text : padToWidth(text, widths[index] ?? 0)
        return text === '' ? padded : (columns[index]?.paint?.(padded) ?? padded)
      })
      .join(' '.repeat(gap))
  })
}
