import { Buffer } from 'node:buffer'
import type { Diagnostic } from '../../src/core/diagnostic.ts'
import type { ParsedManifest } from '../../src/manifest/document.ts'
import { MANIFEST_LIMITS, type ManifestLimits } from '../../src/manifest/limits.ts'
import { parseManifest } from '../../src/manifest/parse.ts'

/** What a text gives as the file `shop.yaml`. */
export function read(text: string | Uint8Array, limits: Partial<ManifestLimits> = {}): ParsedManifest {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  return parseManifest('shop.yaml', bytes, { ...MANIFEST_LIMITS, ...limits })
}

export const valuesOf = (manifest: ParsedManifest): unknown[] => manifest.documents.map(({ value }) => value)

/** `line:column code` of each finding. */
export const placesOf = (findings: readonly Diagnostic[]): string[] =>
  findings.map(({ code, position }) => `${position?.line ?? 0}:${position?.column ?? 0} ${code}`)

/** The findings of a text from which nothing may come out. */
export function refused(text: string | Uint8Array, limits: Partial<ManifestLimits> = {}): string[] {
  const { documents, findings, complete } = read(text, limits)
  if (documents.length > 0 || complete) throw new Error(`accepted: ${JSON.stringify(documents)}`)
  return placesOf(findings)
}

/** An object of palisade with one field in its spec, in line 3 from column 15. */
export const withField = (yaml: string): string =>
  `apiVersion: palisade.dev/v1alpha1\nkind: VPC\nspec: {field: ${yaml}}\n`
