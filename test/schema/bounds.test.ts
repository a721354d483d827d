import { describe, expect, test } from 'vitest'
import { fieldPath, type FieldPath } from '../../src/core/field-path.ts'
import type { SchemaCode } from '../../src/schema/codes.ts'
import type { ScalarSchema, StructuralSchema } from '../../src/schema/structural.ts'
import { crds, document, validator } from './documents.ts'

/** One bound of one node: a value just beyond it, and one just inside it. */
interface Edge {
  readonly code: SchemaCode
  /** Of the node that gets the value. */
  readonly path: FieldPath
  /** Of the finding, where it is not the node's. */
  readonly at?: FieldPath
  readonly beyond: unknown
  readonly within: unknown
}

const letters = (count: number): string => 'a'.repeat(count)

function edges(schema: StructuralSchema, path: FieldPath): readonly Edge[] {
  const own = [...typeEdges(schema, path), ...boundEdges(schema, path)]
  switch (schema.type) {
    case 'object':
      return [...own, ...[...schema.properties].flatMap(([name, child]) => edges(child, [...path, name]))]
    case 'map':
      return [...own, ...edges(schema.values, [...path, 'key'])]
    case 'list':
      return [...own, ...edges(schema.items, [...path, 0])]
    case 'string':
    case 'integer':
    case 'boolean':
    case 'int-or-string':
      return own
  }
}

function typeEdges(schema: StructuralSchema, path: FieldPath): readonly Edge[] {
  const values = {
    object: [[], {}],
    map: [[], {}],
    list: [{}, []],
    string: [7, 'a'],
    integer: [7.5, 7],
    boolean: ['true', true],
    'int-or-string': [true, 7],
  }
  const [beyond, within] = values[schema.type]
  return [{ code: 'WrongType', path, beyond, within }]
}

function boundEdges(schema: StructuralSchema, path: FieldPath): readonly Edge[] {
  switch (schema.type) {
    case 'object': {
      const unknown: Edge = {
        code: 'UnknownField',
        path,
        at: [...path, 'other'],
        beyond: { other: 1 },
        within: {},
      }
      const missing = schema.required.map((name): Edge => {
        return { code: 'MissingField', path, at: [...path, name], beyond: {}, within: { [name]: {} } }
      })
      return [unknown, ...missing]
    }
    case 'map': {
      const entries = (count: number): unknown =>
        Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, '']))
      const { maxEntries } = schema
      return [{ code: 'TooMany', path, beyond: entries(maxEntries + 1), within: entries(maxEntries) }]
    }
    case 'list':
      return listEdges(schema, path)
    case 'string':
    case 'integer':
    case 'boolean':
    case 'int-or-string':
      return scalarEdges(schema, path)
  }
}

function listEdges(schema: StructuralSchema & { type: 'list' }, path: FieldPath): readonly Edge[] {
  const items = (count: number): unknown => Array.from({ length: count }, (_, index) => index)
  const { minItems, maxItems, listType, listKeys } = schema
  const all: Edge[] = [{ code: 'TooMany', path, beyond: items(maxItems + 1), within: items(maxItems) }]
  if (minItems > 0) all.push({ code: 'TooFew', path, beyond: items(minItems - 1), within: items(minItems) })
  const entry = (value: string): unknown =>
    listType === 'set' ? value : Object.fromEntries(listKeys.map((key) => [key, value]))
  if (listType !== 'atomic' && maxItems > 1) {
    const beyond = [entry('a'), entry('a')]
    all.push({ code: 'DuplicateEntry', path, at: [...path, 1], beyond, within: [entry('a'), entry('b')] })
  }
  return all
}

function scalarEdges(schema: ScalarSchema, path: FieldPath): readonly Edge[] {
  const { minLength, maxLength, minimum, maximum, pattern, options } = schema
  const all: Edge[] = []
  const add = (code: SchemaCode, beyond: unknown, within: unknown): number =>
    all.push({ code, path, beyond, within })
  if (maxLength !== undefined) add('TooLong', letters(maxLength + 1), letters(maxLength))
  if (minLength !== undefined) add('TooShort', letters(minLength - 1), letters(minLength))
  if (minimum !== undefined) add('OutOfRange', minimum - 1, minimum)
  if (maximum !== undefined) add('OutOfRange', maximum + 1, maximum)
  if (options !== undefined) for (const option of options) add('NotOneOf', `${option} `, option)
  if (pattern !== undefined) {
    const within = ['a', '1', '02:00:00:00:00:01', '^[a]$', '2026-12-01T18:00:00Z'].find((text) =>
      new RegExp(pattern, 'u').test(text),
    )
    if (within === undefined) throw new Error(`no example matches ${pattern}`)
    add('PatternMismatch', `${within}\n`, within)
  }
  return all
}

/** The spec that holds the value at the path and nothing else. */
function specWith(path: FieldPath, value: unknown): unknown {
  return path
    .slice(1)
    .reduceRight<unknown>((inner, step) => (step === 0 ? [inner] : { [step]: inner }), value)
}

describe.each(crds)('the bounds of $kind', ({ kind, spec }) => {
  const found = (path: FieldPath, value: unknown): readonly string[] =>
    validator
      .validate(document(kind, specWith(path, value)))
      .findings.map((finding) => `${finding.code} ${fieldPath(finding.path ?? [])}`)

  const rows = edges(spec, ['spec']).map(
    (edge) => [edge.code, fieldPath(edge.at ?? edge.path), edge] as const,
  )

  test.each(rows)('%s at %s: beyond it is refused, within it is not', (code, field, edge) => {
    expect(found(edge.path, edge.beyond)).toContain(`${code} ${field}`)
    expect(found(edge.path, edge.within)).not.toContain(`${code} ${field}`)
  })
})
