import type { SchemaCode } from '../../../src/schema/codes.ts'

/** One way to be wrong, beside the nearest way to be right. Specs are YAML, as people write them. */
export interface SchemaCase {
  readonly name: string
  readonly bad: string
  readonly good: string
  /** The spec that `bad` or `good` replaces, for rules about what may change. */
  readonly former?: string
  readonly code: SchemaCode
  /** The field that the finding points at. */
  readonly field: string
  /** Part of the message; for a rule, the message of the rule. */
  readonly text: string
  readonly hint?: string
}
