import { API_GROUP, API_VERSION, isClusterScoped, isKind, KINDS, DEFAULT_NAMESPACE } from '../api/objects.ts'
import type { Kind } from '../api/objects.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { objectKey } from '../core/key.ts'
import { nearest } from '../core/nearest.ts'
import { quoted, shown } from './quoted.ts'
import { isRecord, type UnknownRecord } from '../core/record.ts'
import { Report, type Subject } from './report.ts'

/**
 * What a document is. `Foreign`: an object of another API group, which is for others to read.
 * `Invalid`: meant for palisade, or for nobody, and not to be read.
 */
export type Recognition =
  | { readonly type: 'Known'; readonly kind: Kind }
  | { readonly type: 'Foreign' }
  | { readonly type: 'Invalid'; readonly findings: readonly Diagnostic[] }

/** Looks at apiVersion and kind alone. */
export function recognise(value: UnknownRecord): Recognition {
  const { apiVersion, kind } = value
  if (apiVersion === API_VERSION && typeof kind === 'string' && isKind(kind)) return { type: 'Known', kind }
  const report = new Report(() => subjectOf(value))
  if (isGiven(apiVersion, 'apiVersion', `${API_GROUP} has ${API_VERSION}`, report)) {
    const [group = ''] = apiVersion.split('/')
    const misspelt = isMisspelt(group, kind)
    if (group !== API_GROUP && !misspelt) return { type: 'Foreign' }
    if (apiVersion !== API_VERSION) reportVersion(apiVersion, misspelt, report)
  }
  if (isGiven(kind, 'kind', `one of ${KINDS.join(', ')}`, report)) {
    // Without an apiVersion it may be an object of another group.
    if (!isKind(kind) && apiVersion !== undefined) reportKind(kind, report)
  }
  return invalid(report)
}

/** The key of an object that has a kind and a name, a phrase for any other. */
export function subjectOf({ kind, metadata }: UnknownRecord): Subject {
  const { name, namespace } = isRecord(metadata) ? metadata : {}
  if (typeof kind !== 'string' || kind === '') return { phrase: 'a document without a kind' }
  if (typeof name !== 'string' || name === '') return { phrase: `${shown(kind)} without a name` }
  const isNamed = typeof namespace === 'string' && namespace !== ''
  // A slash would make another key of it; such a name is refused, and so is such a kind.
  if ([kind, name, isNamed ? namespace : ''].some((part) => part.includes('/') || part !== shown(part))) {
    return { phrase: `${shown(kind)} ${quoted(name)}` }
  }
  return { key: objectKey(kind, isClusterScoped(kind) ? '' : isNamed ? namespace : DEFAULT_NAMESPACE, name) }
}

const invalid = (report: Report): Recognition => ({ type: 'Invalid', findings: report.findings })

function isGiven(value: unknown, field: string, hint: string, report: Report): value is string {
  if (typeof value === 'string' && value !== '') return true
  if (value === undefined || value === null || value === '') {
    report.add({ code: 'MissingField', path: [field], text: 'is required', hint })
  } else {
    report.add({ code: 'WrongType', path: [field], text: `must be text, not ${quoted(value)}`, hint })
  }
  return false
}

/**
 * A security group whose apiVersion has a typing error would be skipped in silence, and what it
 * closes would stay open. An unrelated group of other people comes nowhere near the name.
 */
function isMisspelt(group: string, kind: unknown): boolean {
  if (group === API_GROUP || typeof kind !== 'string' || !isKind(kind)) return false
  return nearest(group, [API_GROUP]) !== undefined
}

function reportVersion(apiVersion: string, misspelt: boolean, report: Report): void {
  const problem = misspelt ? `misspells the group ${API_GROUP}` : `is no version of ${API_GROUP}`
  report.add({
    code: 'WrongApiVersion',
    path: ['apiVersion'],
    text: `${quoted(apiVersion)} ${problem}`,
    hint: `write ${API_VERSION}`,
  })
}

function reportKind(kind: string, report: Report): void {
  const meant = nearest(kind, KINDS) ?? nearest(kind.replace(/s$/i, ''), KINDS)
  report.add({
    code: 'UnknownKind',
    path: ['kind'],
    text: `${API_GROUP} has no kind ${quoted(kind)}`,
    hint: meant === undefined ? `the kinds are ${KINDS.join(', ')}` : `did you mean ${meant}?`,
  })
}
