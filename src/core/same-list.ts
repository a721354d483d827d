/** Whether two lists hold the same values in the same order. A loop: a function would be made for each pair of lists. */
export function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false
  return true
}
