/** What a list in a status may take, whichever is reached first. */
export interface ListBounds {
  /** As the CRD has it. */
  readonly items: number
  /** Of JSON. */
  readonly bytes: number
}

/** As much of a list from its beginning as its bounds let through. */
export function cutList<T>(list: Iterable<T>, { items, bytes }: ListBounds): readonly T[] {
  const kept: T[] = []
  let size = 0
  for (const item of list) {
    size += Buffer.byteLength(JSON.stringify(item)) + 1
    if (kept.length === items || size > bytes) break
    kept.push(item)
  }
  return kept
}
