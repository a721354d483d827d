import type { ListSchema, ScalarSchema, StructuralSchema } from './structural.ts'

/** Stands for the entries of a list whose entries, or the named fields of them, must differ. */
export const UNIQUE_ENTRIES = 'x-kubernetes-list-type'
export const UNIQUE_KEYS = 'x-kubernetes-list-map-keys'

export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The JSON Schema that checks a normalised object of a kind, `spec` being the schema of its spec.
 *
 * A subtree that occurs several times is written once and referred to: the CloudProfile holds the
 * schema of a rule six times, and compiling each of them would take most of a short command's time.
 */
export function objectJsonSchema(spec: StructuralSchema): JsonSchema {
  const shared = new SharedSchemas()
  const properties = { spec: shared.refer(spec) }
  return { type: 'object', required: ['spec'], properties, $defs: shared.definitions }
}

class SharedSchemas {
  /** The name of each subtree by its text. */
  readonly #names = new Map<string, string>()
  readonly definitions: Record<string, JsonSchema> = {}

  refer(schema: StructuralSchema): JsonSchema {
    const converted = this.#convert(schema)
    // A call costs more than the checks of a scalar.
    if (schema.type !== 'object' && schema.type !== 'list') return converted
    const text = JSON.stringify(converted)
    const known = this.#names.get(text)
    const name = known ?? `schema${this.#names.size}`
    if (known === undefined) {
      this.#names.set(text, name)
      this.definitions[name] = converted
    }
    return { $ref: `#/$defs/${name}` }
  }

  #convert(schema: StructuralSchema): JsonSchema {
    switch (schema.type) {
      case 'object':
        return {
          type: 'object',
          properties: Object.fromEntries(
            [...schema.properties].map(([name, field]) => [name, this.refer(field)]),
          ),
          required: schema.required,
          additionalProperties: false,
        }
      case 'map':
        return { type: 'object', additionalProperties: this.refer(schema.values) }
      case 'list':
        return {
          type: 'array',
          items: this.refer(schema.items),
          minItems: schema.minItems,
          ...unique(schema),
        }
      case 'int-or-string':
        return { type: ['integer', 'string'], ...bounds(schema) }
      case 'string':
      case 'integer':
      case 'boolean':
        return { type: schema.type, ...bounds(schema) }
    }
  }
}

function unique({ listType, listKeys }: ListSchema): JsonSchema {
  if (listType === 'atomic') return {}
  return listType === 'set' ? { [UNIQUE_ENTRIES]: 'set' } : { [UNIQUE_KEYS]: listKeys }
}

function bounds({ options, pattern, minLength, maxLength, minimum, maximum }: ScalarSchema): JsonSchema {
  const given = Object.entries({ enum: options, pattern, minLength, maxLength, minimum, maximum })
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}
