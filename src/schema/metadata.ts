import { isClusterScoped, type Kind } from '../api/objects.ts'
import type { ObjectMeta } from '../api/types.gen.ts'
import type { FieldPath } from '../core/field-path.ts'
import { readLabels, readAnnotations } from './labels.ts'
import { quoted, quotesHint } from './quoted.ts'
import { isList, isRecord, type UnknownRecord } from '../core/record.ts'
import type { Report } from './report.ts'
import { reportUnknownFields } from './unknown-fields.ts'

/** RFC 1123 subdomain, as Kubernetes has it for the names of custom resources. */
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const NAME_LENGTH = 253

/** RFC 1123 label. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const NAMESPACE_LENGTH = 63

/**
 * The fields that palisade has no use for, beside those of ObjectMeta. They come with objects that
 * were read back from a cluster, and mean nothing in a file.
 */
const IGNORED_FIELDS: readonly string[] = [
  ...['generateName', 'selfLink', 'deletionGracePeriodSeconds', 'ownerReferences', 'managedFields'],
]

const TEXT_FIELDS = ['uid', 'creationTimestamp', 'deletionTimestamp', 'resourceVersion'] as const

const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...['name', 'namespace', 'labels', 'annotations', 'generation', 'finalizers'],
  ...TEXT_FIELDS,
  ...IGNORED_FIELDS,
])

/** Checks and copies the metadata; `undefined` where there is not even a name. All findings go to `report`. */
export function readMetadata(value: unknown, kind: Kind, report: Report): ObjectMeta | undefined {
  if (!isRecord(value)) {
    const missing = value === undefined || value === null
    report.add({
      code: missing ? 'MissingField' : 'WrongType',
      path: ['metadata'],
      text: missing ? 'is required' : `must be a map, not ${quoted(value)}`,
      hint: 'give the object a name: metadata: {name: ...}',
    })
    return undefined
  }
  const hint = 'free text about an object belongs in annotations'
  reportUnknownFields(value, KNOWN_FIELDS, ['metadata'], hint, report)
  const name = readName(value, report)
  const metadata = {
    ...readNamespace(value['namespace'], kind, report),
    ...readLabels(value['labels'], report),
    ...readAnnotations(value['annotations'], report),
    ...readServerFields(value, report),
  }
  return name === undefined ? undefined : { name, ...metadata }
}

function readName({ name, generateName }: UnknownRecord, report: Report): string | undefined {
  const path = ['metadata', 'name']
  if (name === undefined || name === null || name === '') {
    const generated = generateName !== undefined && generateName !== null
    const hint = generated ? 'generateName makes a new object each time: give it a name' : 'give it a name'
    report.add({ code: 'MissingField', path, text: 'is required', hint })
    return undefined
  }
  if (typeof name !== 'string') {
    wrongText(name, path, report)
    return undefined
  }
  if (name.length > NAME_LENGTH || !NAME.test(name)) {
    const hint = `lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit, at most ${NAME_LENGTH} characters`
    report.add({ code: 'BadName', path, text: `${quoted(name)} cannot be a name`, hint })
  }
  return name
}

function readNamespace(namespace: unknown, kind: Kind, report: Report): { readonly namespace?: string } {
  const path = ['metadata', 'namespace']
  if (namespace === undefined || namespace === null || namespace === '') return {}
  if (typeof namespace !== 'string') {
    wrongText(namespace, path, report)
    return {}
  }
  if (isClusterScoped(kind)) {
    const text = `a ${kind} belongs to no namespace`
    report.add({ code: 'BadName', path, text, hint: 'leave metadata.namespace out' })
    return {}
  }
  if (namespace.length > NAMESPACE_LENGTH || !NAMESPACE.test(namespace)) {
    const hint = `lower-case letters, digits and "-", beginning and ending with a letter or digit, at most ${NAMESPACE_LENGTH} characters`
    report.add({ code: 'BadName', path, text: `${quoted(namespace)} cannot be a namespace`, hint })
  }
  return { namespace }
}

type ServerFields = Pick<ObjectMeta, (typeof TEXT_FIELDS)[number] | 'generation' | 'finalizers'>

/** What an API server writes. Generated manifests hold `creationTimestamp: null`. */
function readServerFields(metadata: UnknownRecord, report: Report): ServerFields {
  const fields: { -readonly [F in keyof ServerFields]: ServerFields[F] } = {}
  for (const field of TEXT_FIELDS) {
    const value = metadata[field] ?? undefined
    if (typeof value === 'string') fields[field] = value
    else if (value !== undefined) wrongText(value, ['metadata', field], report)
  }
  const { generation, finalizers } = metadata
  if (typeof generation === 'number' && Number.isSafeInteger(generation)) fields.generation = generation
  else if (generation !== undefined && generation !== null) {
    const text = `must be a whole number, not ${quoted(generation)}`
    report.add({ code: 'WrongType', path: ['metadata', 'generation'], text, hint: 'leave it out' })
  }
  if (isTexts(finalizers)) fields.finalizers = [...finalizers]
  else if (finalizers !== undefined && finalizers !== null) {
    const text = `must be a list of text, not ${quoted(finalizers)}`
    report.add({ code: 'WrongType', path: ['metadata', 'finalizers'], text, hint: 'leave it out' })
  }
  return fields
}

const isTexts = (value: unknown): value is readonly string[] =>
  isList(value) && value.every((item) => typeof item === 'string')

function wrongText(value: unknown, path: FieldPath, report: Report): void {
  const text = `must be text, not ${quoted(value)}`
  report.add({ code: 'WrongType', path, text, hint: quotesHint(value) })
}
