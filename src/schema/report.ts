import type { Diagnostic } from '../core/diagnostic.ts'
import { fieldPath, type FieldPath } from '../core/field-path.ts'
import { displayKey, type ObjectKey } from '../core/key.ts'
import { BrokenNodes } from './broken-nodes.ts'
import type { SchemaCode } from './codes.ts'
import { shortened } from './quoted.ts'

/** Findings listed of one object; nobody reads the ten-thousandth, and a hostile file could cause millions. */
export const FINDINGS_PER_OBJECT = 100

export interface Finding {
  readonly code: SchemaCode
  readonly path: FieldPath
  /** What is wrong with the field; the names of object and field are put before it. */
  readonly text: string
  readonly hint?: string | undefined
}

/** Which object the findings are about: its key where it has one, else a phrase for people. */
export type Subject = { readonly key: ObjectKey } | { readonly phrase: string }

/** Collects the findings of one object. */
export class Report {
  readonly #subjectOf: () => Subject
  readonly #findings: Diagnostic[] = []
  /** Where rules need not be checked any more. */
  readonly broken = new BrokenNodes()
  #unlisted = 0

  /** `subject` is asked for when there is something to report, which of most objects there is not. */
  constructor(subject: () => Subject) {
    this.#subjectOf = subject
  }

  /** The path is copied, so that a walker may go on changing its own. */
  add({ code, path, text, hint }: Finding): void {
    this.broken.add(code, path)
    if (this.#findings.length >= FINDINGS_PER_OBJECT) this.#unlisted++
    else this.#findings.push(this.#diagnostic(code, path, text, hint))
  }

  get hasErrors(): boolean {
    return this.#findings.length > 0
  }

  /** Whether more findings would change nothing: neither what is listed nor that the object is refused. */
  get isSettled(): boolean {
    return this.#unlisted > 0
  }

  get findings(): readonly Diagnostic[] {
    if (this.#unlisted === 0) return this.#findings
    const text = 'there are more findings than are listed'
    const hint = `correct the ${FINDINGS_PER_OBJECT} listed ones first`
    return [...this.#findings, this.#diagnostic('MoreFindings', [], text, hint)]
  }

  #diagnostic(code: SchemaCode, path: FieldPath, text: string, hint: string | undefined): Diagnostic {
    const subject = this.#subjectOf()
    const title = 'key' in subject ? displayKey(subject.key) : subject.phrase
    const field = fieldPath(path.map((step) => (typeof step === 'string' ? shortened(step) : step)))
    return {
      code,
      severity: 'error',
      message: field === '' ? `${title}: ${text}` : `${title}: ${field}: ${text}`,
      ...(hint === undefined ? {} : { hint }),
      ...('key' in subject ? { object: subject.key } : {}),
      path: [...path],
    }
  }
}
