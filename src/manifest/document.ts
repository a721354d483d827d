import type { Diagnostic, Position } from '../core/diagnostic.ts'
import type { FieldPath } from '../core/field-path.ts'
import type { UnknownRecord } from '../core/record.ts'

/** One object of a file, an item of a `kind: List` included. */
export interface ManifestDocument {
  readonly value: UnknownRecord
  /** The file as the user named it. */
  readonly file: string
  /**
   * Where the value at a path begins; its key where nothing is written after the colon; the nearest
   * ancestor that is written where the path leads to nothing.
   */
  locate(path: FieldPath): Position
}

export interface ParsedManifest {
  readonly documents: readonly ManifestDocument[]
  readonly findings: readonly Diagnostic[]
  /** False when any part of the file could not be read into documents: what it last gave must stay in force. */
  readonly complete: boolean
}
