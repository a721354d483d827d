import { nearest } from '../core/nearest.ts'
import type { SchemaCode } from './codes.ts'
import { UNIQUE_ENTRIES, UNIQUE_KEYS } from './json-schema.ts'
import { quoted, quotesHint } from './quoted.ts'
import { isList, isRecord } from '../core/record.ts'
import type { Finding } from './report.ts'
import type { ShapeFault } from './shape.ts'
import type { ScalarSchema, StructuralSchema } from './structural.ts'

/** A place in an object: the value that is there and the schema that it should have. */
interface Place {
  readonly path: readonly (string | number)[]
  readonly value: unknown
  readonly schema: StructuralSchema
}

/** Says in words what a fault is; `spec` is the value, `schema` its schema. */
export function shapeFinding(fault: ShapeFault, spec: unknown, schema: StructuralSchema): Finding {
  if (fault.keyword === 'required') return missing(fault, spec, schema)
  const place = locate(fault.pointer, spec, schema)
  return { path: place.path, ...describe(fault, place) }
}

/** Follows a JSON Pointer that starts with the field `spec`. */
function locate(pointer: string, spec: unknown, schema: StructuralSchema): Place {
  const [, field = 'spec', ...steps] = pointer.split('/')
  const place = { path: [field], value: spec, schema }
  return steps.reduce<Place>(child, place)
}

function child({ path, value, schema }: Place, escaped: string): Place {
  if (schema.type === 'list') {
    const index = Number(escaped)
    return { path: [...path, index], value: isList(value) ? value[index] : undefined, schema: schema.items }
  }
  const name = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
  const inner = schema.type === 'object' ? schema.properties.get(name) : undefined
  return {
    path: [...path, name],
    value: isRecord(value) ? value[name] : undefined,
    schema: inner ?? (schema.type === 'map' ? schema.values : schema),
  }
}

function missing({ pointer, params }: ShapeFault, spec: unknown, schema: StructuralSchema): Finding {
  const name = String(params['missingProperty'])
  const place = pointer === '' ? { path: ['spec'], schema } : child(locate(pointer, spec, schema), name)
  const hint = place.schema.description
  return { code: 'MissingField', path: place.path, text: 'is required', hint: hint === '' ? undefined : hint }
}

interface Description {
  readonly code: SchemaCode
  readonly text: string
  readonly hint?: string | undefined
}

function describe({ keyword, params }: ShapeFault, { value, schema }: Place): Description {
  const limit = String(params['limit'])
  switch (keyword) {
    case 'type':
      return wrongType(value, schema)
    case 'enum':
      return notOneOf(value, schema)
    case 'pattern':
      return {
        code: 'PatternMismatch',
        text: `${quoted(value)} does not have the right form`,
        hint: form(schema),
      }
    case 'minLength':
      return {
        code: 'TooShort',
        text: textLength(value),
        hint: `at least ${limit} ${noun('character', limit)}`,
      }
    case 'maxLength':
      return { code: 'TooLong', text: textLength(value), hint: `at most ${limit} characters are allowed` }
    case 'minItems':
      return { code: 'TooFew', text: 'has too few entries', hint: `at least ${limit}` }
    case 'minimum':
    case 'maximum':
      return { code: 'OutOfRange', text: `${quoted(value)} is out of range`, hint: range(schema) }
    case UNIQUE_ENTRIES:
      return {
        code: 'DuplicateEntry',
        text: `repeats entry ${String(params['first'])}, ${quoted(value)}`,
        hint: 'keep one',
      }
    case UNIQUE_KEYS:
      return duplicateKey(value, params)
    default:
      throw new Error(`no words for the schema keyword ${keyword}`)
  }
}

function wrongType(value: unknown, schema: StructuralSchema): Description {
  const text = `must be ${typeName(schema)}, not ${quoted(value)}`
  return { code: 'WrongType', text, hint: typeHint(value, schema) }
}

function typeName({ type }: StructuralSchema): string {
  const names = {
    object: 'a map of fields',
    map: 'a map',
    list: 'a list',
    string: 'text',
    integer: 'a whole number',
    boolean: 'true or false',
    'int-or-string': 'a whole number or text',
  } as const
  return names[type]
}

function typeHint(value: unknown, schema: StructuralSchema): string | undefined {
  return spellingHint(value, schema) ?? (schema.description === '' ? undefined : schema.description)
}

/** How to write the value that was probably meant. */
function spellingHint(value: unknown, schema: StructuralSchema): string | undefined {
  switch (schema.type) {
    case 'string':
      return value === null ? 'write "" for an empty text' : quotesHint(value)
    case 'integer':
      return typeof value === 'string' && /^\d{1,9}$/.test(value)
        ? `leave out the quotes: ${value}`
        : undefined
    case 'list':
      return typeof value === 'object' ? undefined : `put it in brackets: [${quoted(value)}]`
    case 'object': {
      // A reference is an object, so that it can grow; the name alone is the usual slip.
      const isReference = schema.properties.has('name') && schema.properties.size === 1
      return isReference && typeof value === 'string' ? `write {name: ${quoted(value)}}` : undefined
    }
    case 'map':
    case 'boolean':
    case 'int-or-string':
      return undefined
  }
}

function notOneOf(value: unknown, schema: StructuralSchema): Description {
  const options = ('options' in schema ? schema.options : undefined) ?? []
  const meant = typeof value === 'string' ? nearest(value, options) : undefined
  const listed = `one of ${options.join(', ')}`
  return {
    code: 'NotOneOf',
    text: `${quoted(value)} is not ${listed}`,
    hint: meant === undefined ? `write ${listed}` : `did you mean ${meant}?`,
  }
}

function form(schema: StructuralSchema): string {
  const pattern = 'pattern' in schema ? schema.pattern : undefined
  return `${schema.description} It must match ${pattern ?? ''}`.trim()
}

const textLength = (value: unknown): string =>
  `has ${typeof value === 'string' ? characters(value) : 0} characters: ${quoted(value)}`

/** As the bounds of a schema count them: code points, not UTF-16 units. */
function characters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

const noun = (word: string, count: string): string => (count === '1' ? word : `${word}s`)

function range(schema: StructuralSchema): string | undefined {
  const { minimum, maximum }: Partial<ScalarSchema> = 'minimum' in schema ? schema : {}
  if (minimum === undefined || maximum === undefined) return schema.description
  return `write a number from ${minimum} to ${maximum}`
}

function duplicateKey(value: unknown, { first, keys }: ShapeFault['params']): Description {
  const names = isList(keys) ? keys.map(String) : []
  const same = names.map((name) => `${name} ${quoted(isRecord(value) ? value[name] : undefined)}`)
  return {
    code: 'DuplicateEntry',
    text: `has the same ${same.join(' and ')} as entry ${String(first)}`,
    hint: `give each entry its own ${names.join(' and ')}, or keep one of them`,
  }
}
