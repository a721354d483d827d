/** Where text goes: a terminal, a pipe or a file. */
export interface Output {
  write(text: string): void
  /** Whether a person looks at it. */
  readonly isTerminal: boolean
  /** The width of the terminal; undefined for anything else, which has no width. */
  readonly columns: number | undefined
}

/** Everything of the process that a verb may touch; src/main.ts makes the real one. */
export interface Io {
  /** Results. */
  readonly stdout: Output
  /** Everything else: findings, logs, progress. */
  readonly stderr: Output
  readonly stdin: AsyncIterable<Uint8Array>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
  /**
   * Tells the listener once that the process is asked to end: SIGINT, SIGTERM, or nobody reads its
   * results any more. Returns how to take the listener back. Without one a signal ends the process.
   */
  readonly onStop: (listener: () => void) => () => void
}

/** A line, or several. */
export function writeLines(output: Output, lines: readonly string[]): void {
  if (lines.length > 0) output.write(`${lines.join('\n')}\n`)
}
