/** Where in the input a finding is. Lines and columns count from 1; an editor can jump there. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

export type Severity = 'error' | 'warning' | 'info'

/**
 * An expected problem with the input, as a value: exceptions are for bugs and I/O.
 *
 * `path` is the field inside the object (`['spec', 'ingress', 0, 'ports']`); the reader of the
 * input turns it into a `position` when there is a text to point at.
 */
export interface Diagnostic {
  /** Stable, CamelCase, listed in docs/reference/diagnostics.md; scripts may depend on it. */
  readonly code: string
  readonly severity: Severity
  /** One sentence: which object and field, and what is wrong. */
  readonly message: string
  /** One sentence: what would be right. */
  readonly hint?: string
  /** The refusal as the cloud itself words it, where the profile has one. */
  readonly profileText?: string
  /** Key of the object that the finding is about (see core/key.ts). */
  readonly object?: string
  readonly path?: readonly (string | number)[]
  readonly position?: Position
}

export const isError = (finding: Diagnostic): boolean => finding.severity === 'error'

/** Those that are not among others already, word for word. */
export function findingsBeyond(
  known: readonly Diagnostic[],
  all: readonly Diagnostic[],
): readonly Diagnostic[] {
  const before = new Set(known.map((finding) => JSON.stringify(finding)))
  return all.filter((finding) => !before.has(JSON.stringify(finding)))
}

/** A finding as a sentence, with its hint and the cloud's own words; `more` says how many others there are. */
export function sentenceOf({ message, hint, profileText }: Diagnostic, more = 0): string {
  const rest = more > 0 ? ` (and ${String(more)} more)` : ''
  const quote = profileText === undefined ? '' : ` "${profileText}"`
  return `${message}${hint === undefined ? '' : `: ${hint}`}${rest}.${quote}`
}
