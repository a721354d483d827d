import { Ajv, type ErrorObject, type FuncKeywordDefinition, type SchemaValidateFunction } from 'ajv'
import type { PalisadeObject } from '../api/objects.ts'
import { objectJsonSchema, UNIQUE_ENTRIES, UNIQUE_KEYS } from './json-schema.ts'
import { isList, isRecord } from '../core/record.ts'
import type { StructuralSchema } from './structural.ts'

/** One way in which a value differs from its schema. */
export interface ShapeFault {
  /** The keyword of the schema that does not hold. */
  readonly keyword: string
  /** JSON Pointer from the root of the object (RFC 6901). */
  readonly pointer: string
  readonly params: Readonly<Record<string, unknown>>
}

export interface Shape {
  /** Whether the object has the shape of its kind; `faults` then holds all that is wrong with it. */
  fits(object: unknown, faults: ShapeFault[]): object is PalisadeObject
}

/** Compiles the schema of a kind's spec; takes some 10 ms for a small one and 100 ms for the largest. */
export function compileShape(spec: StructuralSchema): Shape {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    // The schemas are made here from those of the CRDs: nothing to check, and no formats in them.
    meta: false,
    validateSchema: false,
    validateFormats: false,
    // A shared subtree is compiled once and called, rather than copied to where it is used.
    inlineRefs: false,
    messages: false,
  })
  ajv.addKeyword(uniqueness(UNIQUE_ENTRIES, 'string', (entry) => entry))
  ajv.addKeyword(uniqueness(UNIQUE_KEYS, 'array', keyOfEntry))
  const validate = ajv.compile<PalisadeObject>(objectJsonSchema(spec))
  return {
    fits(object, faults): object is PalisadeObject {
      if (validate(object)) return true
      faults.push(...(validate.errors ?? []).map(fault))
      return false
    },
  }
}

const fault = ({ keyword, instancePath, params }: ErrorObject): ShapeFault => ({
  keyword,
  pointer: instancePath,
  params,
})

/**
 * A keyword that no two entries with the same identity satisfy. The second of them is reported, and
 * further ones are not, as an API server does it.
 */
function uniqueness(
  keyword: string,
  schemaType: 'string' | 'array',
  identity: (entry: unknown, schema: unknown) => unknown,
): FuncKeywordDefinition {
  const validate: SchemaValidateFunction = (schema: unknown, entries: unknown, _parent, context) => {
    validate.errors = []
    const seen = new Map<unknown, { readonly first: number; repeated: boolean }>()
    for (const [index, entry] of isList(entries) ? entries.entries() : []) {
      const id = identity(entry, schema)
      // Entries of the wrong type are reported as such.
      if (id === undefined || typeof id === 'object') continue
      const known = seen.get(id)
      if (known === undefined) seen.set(id, { first: index, repeated: false })
      else if (!known.repeated) {
        known.repeated = true
        const instancePath = `${context?.instancePath ?? ''}/${index}`
        validate.errors.push({ keyword, instancePath, params: { first: known.first, keys: schema } })
      }
    }
    return validate.errors.length === 0
  }
  return { keyword, type: 'array', schemaType, errors: 'full', validate }
}

/** One key is compared as it is; several as their JSON, in the order of the schema. */
function keyOfEntry(entry: unknown, keys: unknown): unknown {
  if (!isRecord(entry) || !isList(keys)) return undefined
  const values = keys.map((key) => entry[String(key)])
  return values.length === 1 ? values[0] : JSON.stringify(values)
}
