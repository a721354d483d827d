import type { PalisadeObject } from '../../api/objects.ts'

/** On an object: one `CODE: reason` a line, for findings about it that are meant. */
export const IGNORE_ANNOTATION = 'palisade.dev/lint-ignore'

/** One line of the annotation. */
export interface IgnoreEntry {
  readonly code: string
  /** '' where none is given: then nothing is silenced. */
  readonly reason: string
}

export function ignoreEntries({ metadata }: PalisadeObject): readonly IgnoreEntry[] {
  const lines = (metadata.annotations?.[IGNORE_ANNOTATION] ?? '').split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':')
      if (colon === -1) return { code: line, reason: '' }
      return { code: line.slice(0, colon).trim(), reason: line.slice(colon + 1).trim() }
    })
}
