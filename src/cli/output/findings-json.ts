import type { Diagnostic } from '../../core/diagnostic.ts'
import { fieldPath } from '../../core/field-path.ts'
import { parseKey } from '../../core/key.ts'

/** A finding for scripts. A field that does not apply is missing. */
export interface FindingJson {
  readonly severity: string
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly profileText?: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  /** As in `spec.ingress[0].ports`. */
  readonly path?: string
}

export function findingJson(finding: Diagnostic): FindingJson {
  const { severity, code, message, hint, profileText, position, object, path } = finding
  return {
    severity,
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(profileText !== undefined && { profileText }),
    ...position,
    ...(object !== undefined && objectJson(object)),
    ...(path !== undefined && path.length > 0 && { path: fieldPath(path) }),
  }
}

/** The object of a key for scripts; one without a namespace belongs to none. */
export function objectJson(key: string): { kind: string; namespace?: string; name: string } {
  const { kind, namespace, name } = parseKey(key)
  return { kind, ...(namespace !== '' && { namespace }), name }
}
