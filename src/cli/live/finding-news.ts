import type { Diagnostic } from '../../core/diagnostic.ts'

/** What is to be said of the findings of one turn, after those of the turn before. */
export interface News {
  readonly appeared: readonly Diagnostic[]
  readonly gone: readonly Diagnostic[]
}

/** Remembers which findings have been told, so that each is told when it appears and when it is gone. */
export class FindingNews {
  #told: ReadonlyMap<string, Diagnostic> = new Map()

  next(findings: readonly Diagnostic[]): News {
    const present = new Map(findings.map((finding) => [identityOf(finding), finding]))
    const appeared = [...present].filter(([identity]) => !this.#told.has(identity))
    const gone = [...this.#told].filter(([identity]) => !present.has(identity))
    this.#told = present
    return { appeared: appeared.map(([, one]) => one), gone: gone.map(([, one]) => one) }
  }
}

/** Without line and column: a finding that moved with the lines above it is the same. */
function identityOf({ code, severity, message, object, path, position }: Diagnostic): string {
  return JSON.stringify([code, severity, message, object, path, position?.file])
}
