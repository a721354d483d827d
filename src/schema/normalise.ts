import { isList, isRecord, type UnknownRecord } from '../core/record.ts'
import { reportUnknownFields } from './unknown-fields.ts'
import type { Report } from './report.ts'
import type { ListSchema, MapSchema, ObjectSchema, StructuralSchema } from './structural.ts'

/** More fields than this are not listed in a hint: nobody would read them. */
const LISTED_FIELDS = 12

/**
 * Copies a value as an API server would store it, fields in the order of the schema: a field that is
 * null counts as absent, and an absent field with a default has it
 * (k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting).
 *
 * What the server drops without a word is an error here (unknown fields) or at least a warning
 * (null). Lists and maps are cut at their bound, so that what follows has bounded work; that, too, is
 * reported. Values of the wrong type are kept for the type check to find.
 */
export function normalise(schema: StructuralSchema, value: unknown, field: string, report: Report): unknown {
  return new Normaliser(field, report).value(schema, value)
}

class Normaliser {
  readonly #report: Report
  /** Where the walk is; grows and shrinks with it. */
  readonly #path: (string | number)[]

  constructor(field: string, report: Report) {
    this.#path = [field]
    this.#report = report
  }

  value(schema: StructuralSchema, value: unknown): unknown {
    switch (schema.type) {
      case 'object':
        return isRecord(value) ? this.#object(schema, value) : value
      case 'map':
        return isRecord(value) ? this.#map(schema, value) : value
      case 'list':
        return isList(value) ? this.#list(schema, value) : value
      case 'string':
      case 'integer':
      case 'boolean':
      case 'int-or-string':
        return value
    }
  }

  #object(schema: ObjectSchema, value: UnknownRecord): UnknownRecord {
    const names = (): string => fieldsHint([...schema.properties.keys()])
    reportUnknownFields(value, schema.properties, this.#path, names, this.#report)
    const copy: Record<string, unknown> = {}
    for (const [name, property] of schema.properties) {
      const given = value[name]
      if (given !== undefined && given !== null) copy[name] = this.#at(name, property, given)
      else {
        if (given === null && !schema.required.includes(name)) this.#null(name, property)
        if (property.default !== undefined) copy[name] = this.#at(name, property, property.default)
      }
    }
    return copy
  }

  /**
   * A key without a value stays, for the type check to refuse: an API server drops it, and a label
   * selector that loses its only requirement selects everything.
   */
  #map(schema: MapSchema, value: UnknownRecord): UnknownRecord {
    const keys = Object.keys(value)
    this.#limit(keys.length, schema.maxEntries)
    const kept = keys.slice(0, schema.maxEntries)
    // Not by assignment: a key may be called __proto__.
    return Object.fromEntries<unknown>(kept.map((key) => [key, this.#at(key, schema.values, value[key])]))
  }

  #list(schema: ListSchema, value: readonly unknown[]): readonly unknown[] {
    this.#limit(value.length, schema.maxItems)
    return value.slice(0, schema.maxItems).map((item, index) => this.#at(index, schema.items, item))
  }

  #at(step: string | number, schema: StructuralSchema, value: unknown): unknown {
    this.#path.push(step)
    const copy = this.value(schema, value)
    this.#path.pop()
    return copy
  }

  #limit(count: number, most: number): void {
    if (count <= most) return
    const text = `has ${count} entries`
    this.#report.add({ code: 'TooMany', path: this.#path, text, hint: `at most ${most} are allowed` })
  }

  /**
   * An API server drops the field. In a file it is an unfinished line, and what is not given means
   * more than nobody wanted: no remote is anywhere, no egress the profile's initial rules.
   */
  #null(name: string, property: StructuralSchema): void {
    const empty = property.type === 'list' ? 'write [] for an empty list, or ' : ''
    this.#report.add({
      code: 'NoValue',
      path: [...this.#path, name],
      text: 'has no value',
      hint: `${empty}leave the field out`,
    })
  }
}

function fieldsHint(names: readonly string[]): string {
  const listed = names.slice(0, LISTED_FIELDS)
  return `the fields here are ${listed.join(', ')}${names.length > listed.length ? ' ...' : ''}`
}
