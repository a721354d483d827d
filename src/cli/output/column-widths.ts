/** How much of the width of a table a column asks for. */
export interface ColumnNeed {
  /** With every cell in one line. */
  readonly natural: number
  /** With every word in one line; absent: its cells are not divided. */
  readonly narrowest?: number
}

/** No column is made narrower than takes an IPv4 prefix with a comma after it: `100.100.100.100/32,`. */
const LEAST = 19

/** Divides a width among columns that need more of it: words are kept whole if that is possible. */
export function fitColumns(needs: readonly ColumnNeed[], width: number): readonly number[] {
  const whole = needs.map(({ natural, narrowest }) => narrowest ?? natural)
  if (sum(whole) <= width) return share(needs, whole, width)
  const least = needs.map(({ natural, narrowest }) =>
    narrowest === undefined ? natural : Math.min(natural, LEAST),
  )
  return share(needs, least, width)
}

/** Shares what is left beyond the least widths, those that need little first, so that they get all of it. */
function share(needs: readonly ColumnNeed[], least: readonly number[], width: number): readonly number[] {
  const widths = [...least]
  let left = width - sum(least)
  const lacking = [...needs.entries()]
    .map(([index, { natural }]) => ({ index, lack: natural - (least[index] ?? 0) }))
    .sort((a, b) => a.lack - b.lack)
  for (const [position, { index, lack }] of lacking.entries()) {
    const given = Math.max(0, Math.min(lack, Math.floor(left / (lacking.length - position))))
    widths[index] = (least[index] ?? 0) + given
    left -= given
  }
  return widths
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
