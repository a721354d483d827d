/** Longer words are no slips of the finger; the limit also bounds the work, which grows with the square. */
const LONGEST_WORD = 64

/**
 * The candidate that was probably meant by a misspelt word, for "did you mean ...?"; `undefined`
 * when none is close. Case does not count; the first of equally close candidates wins.
 *
 * A slip for every three letters is close: `ingres` and `ingress`, `Permitt` and `Permit`, but not
 * `Deny` and `Drop`.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST_WORD) return undefined
  const typed = word.toLowerCase()
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates) {
    const allowed = Math.max(1, Math.floor(Math.min(word.length, candidate.length) / 3))
    const distance = slips(typed, candidate.toLowerCase())
    if (distance <= allowed && distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/**
 * How many letters have to be added, left out, replaced or swapped with their neighbour (optimal
 * string alignment distance). Row `i` of the table holds the distances of the first `i` letters of
 * `a` to each beginning of `b`; a swap looks back two rows.
 */
function slips(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let distance = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) distance = Math.min(distance, at(beforeLast, j - 2) + 1)
      row.push(distance)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity
