import type { Diagnostic, Position, Severity } from '../../core/diagnostic.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'

/** In the order of files, lines and columns; findings without a place come first. */
export function byPlace(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  return findings.toSorted((a, b) => compare(a.position, b.position))
}

function compare(a: Position | undefined, b: Position | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}

/** `file:line:column: severity code: message`, then what would be right and the cloud's own words, indented. */
export function findingLines(finding: Diagnostic, paint: Paint): readonly string[] {
  const { severity, code, message, hint, profileText } = finding
  const heading = SEVERITY_PAINT[severity](paint)(`${severity} ${code}:`)
  return [
    `${place(finding, paint)}${heading} ${printable(message)}`,
    ...(hint === undefined ? [] : [`    hint: ${printable(hint)}`]),
    ...(profileText === undefined ? [] : [`    in the cloud's words: "${printable(profileText)}"`]),
  ]
}

const SEVERITY_PAINT: Readonly<Record<Severity, (paint: Paint) => (text: string) => string>> = {
  error: ({ red }) => red,
  warning: ({ yellow }) => yellow,
  info: ({ dim }) => dim,
}

function place({ position }: Diagnostic, { bold }: Paint): string {
  if (position === undefined) return ''
  const { file, line, column } = position
  return `${bold(`${printable(file)}:${line}:${column}:`)} `
}
