import { fieldPath, type FieldPath } from '../core/field-path.ts'
import type { ManifestCode } from './codes.ts'

/** Why something is not taken as it is written, and what to write instead. */
export interface Refusal {
  readonly code: ManifestCode
  readonly message: string
  readonly hint: string
}

/** A refusal at a place of a text. */
export interface Problem extends Refusal {
  /** Into the text that was read. */
  readonly offset: number
  readonly path: FieldPath
  /** Another place that belongs to it: the first of two equal keys. */
  readonly related?: number
}

/** The subject of a sentence about a value in a document. */
export const fieldName = (path: FieldPath): string => (path.length === 0 ? 'the document' : fieldPath(path))
