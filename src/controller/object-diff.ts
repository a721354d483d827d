import type { PalisadeObject } from '../api/objects.ts'
import { canonicalJson } from '../core/digest.ts'
import { fieldPath } from '../core/field-path.ts'

/** Fields named for one change; a person reads a few, and the rest is in the file. */
const LISTED_FIELDS = 8

type Path = readonly (string | number)[]

/** The fields in which two versions of an object differ, as short as tells them apart. */
export function changedFields(before: PalisadeObject, after: PalisadeObject): readonly string[] {
  const found: Path[] = []
  compare(before.metadata.labels ?? {}, after.metadata.labels ?? {}, ['metadata', 'labels'], found)
  compare(before.spec, after.spec, ['spec'], found)
  const listed = found.slice(0, LISTED_FIELDS).map(fieldPath)
  const more = found.length - LISTED_FIELDS
  return more > 0 ? [...listed, `${String(more)} more`] : listed
}

function compare(before: unknown, after: unknown, path: Path, found: Path[]): void {
  if (before === after) return
  if (isMap(before) && isMap(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(before[key], after[key], [...path, key], found)
    }
  } else if (isNamedList(before) && isNamedList(after)) {
    compare(byName(before), byName(after), path, found)
  } else if (canonicalJson(before) !== canonicalJson(after)) found.push(path)
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type Named = Readonly<Record<string, unknown>> & { readonly name: string }

/** Rules and subnets are told apart by name, so that one put in front does not change all others. */
function isNamedList(value: unknown): value is readonly Named[] {
  return Array.isArray(value) && value.every((item) => isMap(item) && typeof item['name'] === 'string')
}

function byName(list: readonly Named[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list.map((item) => [item.name, item]))
}
