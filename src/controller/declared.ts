import { keyOf, type PalisadeObject } from '../api/objects.ts'
import type { Diagnostic, Position } from '../core/diagnostic.ts'
import { canonicalJson, digestText } from '../core/digest.ts'
import type { ObjectKey } from '../core/key.ts'
import type { Selection } from '../policy/acceptance/decision.ts'
import type { ServerRecord } from '../source/source.ts'

/** Turns a field of an object into a place in a file. */
export type Locate = (path: readonly (string | number)[]) => Position

/** What one document of a file says, after the first two storeys of validation. */
export interface DeclaredDocument {
  /** Undefined: no object can be named from it. */
  readonly key: ObjectKey | undefined
  /** Undefined: it is not valid by itself. */
  readonly object: PalisadeObject | undefined
  readonly digest: string
  /** What it selects, where it is a group that is not valid by itself. */
  readonly selects?: readonly Selection[]
  readonly findings: readonly Diagnostic[]
  readonly locate: Locate
  /** Absent: it was read from a file. */
  readonly server?: ServerRecord | undefined
}

/** What one file says. */
export interface DeclaredFile {
  readonly path: string
  readonly documents: readonly DeclaredDocument[]
  readonly findings: readonly Diagnostic[]
  /** False: some of it could not be read, so what it last gave and gives no more is kept. */
  readonly complete: boolean
  /** Documents of other API groups, which are for others to read. */
  readonly foreign: number
}

/** One object of the whole source. */
export interface DeclaredObject {
  readonly key: ObjectKey
  readonly object: PalisadeObject | undefined
  readonly digest: string
  /** What a group selects that cannot be used. */
  readonly selects: readonly Selection[]
  readonly origin: string
  readonly findings: readonly Diagnostic[]
  readonly locate: Locate | undefined
  /** Undefined: it is declared by a file, and palisade itself notes when it first was. */
  readonly server: ServerRecord | undefined
}

/** Digest of what a person declares: name, labels, annotations and spec, not what machines add. */
export function declarationDigest(object: PalisadeObject): string {
  const { name, namespace, labels, annotations } = object.metadata
  return digestText(
    canonicalJson({ kind: object.kind, name, namespace, labels, annotations, spec: object.spec }),
  )
}

/** In place of the digest of a declaration that cannot be used: what still counts of it. */
export function selectionDigest(selects: readonly Selection[]): string {
  return selects.length === 0 ? '' : digestText(canonicalJson(selects))
}

/** Findings with the place that they are about. */
export function located(findings: readonly Diagnostic[], locate: Locate | undefined): readonly Diagnostic[] {
  if (locate === undefined) return findings
  return findings.map((finding) => {
    return finding.position === undefined ? { ...finding, position: locate(finding.path ?? []) } : finding
  })
}

/** Objects of one document, for sources that read no files. */
export function declaredDocument(object: PalisadeObject, locate: Locate): DeclaredDocument {
  return { key: keyOf(object), object, digest: declarationDigest(object), findings: [], locate }
}

/** Findings of files in the order of the text; those without a place first. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  const [left, right] = [a.position, b.position]
  if (left === undefined || right === undefined) {
    return Number(left !== undefined) - Number(right !== undefined)
  }
  if (left.file !== right.file) return left.file < right.file ? -1 : 1
  return left.line - right.line || left.column - right.column
}
