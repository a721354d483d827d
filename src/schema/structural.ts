import { isList, isRecord, type UnknownRecord } from '../core/record.ts'

/**
 * A node of a CRD's openAPIV3Schema ("structural schema"), as far as the CRDs of palisade use it.
 *
 * Reading one throws on everything else, so that no keyword of a CRD can go unenforced offline.
 */
export type StructuralSchema = ObjectSchema | MapSchema | ListSchema | ScalarSchema

/** One entry of x-kubernetes-validations. */
export interface ValidationRule {
  /** CEL over `self` and, where it is a transition rule, `oldSelf`. */
  readonly rule: string
  readonly message: string
  /** The field that the finding points at, from the node that has the rule; empty for the node itself. */
  readonly fieldPath: readonly string[]
}

interface SchemaNode {
  readonly description: string
  readonly rules: readonly ValidationRule[]
  /** What an absent field stands for; `undefined` for none. */
  readonly default: unknown
}

export interface ObjectSchema extends SchemaNode {
  readonly type: 'object'
  readonly properties: ReadonlyMap<string, StructuralSchema>
  readonly required: readonly string[]
  /** Whether it is replaced as a whole: then its fields have no former values of their own. */
  readonly atomic: boolean
}

/** An object with free keys. */
export interface MapSchema extends SchemaNode {
  readonly type: 'map'
  readonly values: StructuralSchema
  readonly maxEntries: number
}

export interface ListSchema extends SchemaNode {
  readonly type: 'list'
  readonly items: StructuralSchema
  readonly minItems: number
  readonly maxItems: number
  /** What makes entries the same: the entry (`set`), its `listKeys` (`map`), nothing (`atomic`). */
  readonly listType: 'atomic' | 'set' | 'map'
  readonly listKeys: readonly string[]
}

export interface ScalarSchema extends SchemaNode {
  readonly type: ScalarType
  readonly options: readonly string[] | undefined
  /** In the syntax that RE2 and JavaScript share. */
  readonly pattern: string | undefined
  /** In characters (Unicode code points). */
  readonly minLength: number | undefined
  readonly maxLength: number | undefined
  readonly minimum: number | undefined
  readonly maximum: number | undefined
}

export type ScalarType = 'string' | 'integer' | 'boolean' | 'int-or-string'

/** For people only, or for other readers of the CRD. */
const SILENT_KEYWORDS = ['description', 'title', 'default', 'x-kubernetes-validations']

/** `where` names the node in what is thrown when the schema is not one that palisade can enforce. */
export function readSchema(node: unknown, where: string): StructuralSchema {
  return new NodeReader(node, where).schema()
}

class NodeReader {
  readonly #node: UnknownRecord
  readonly #where: string

  constructor(node: unknown, where: string) {
    if (!isRecord(node)) throw new Error(`${where}: must be a schema`)
    this.#node = node
    this.#where = where
  }

  schema(): StructuralSchema {
    if (this.#node['x-kubernetes-int-or-string'] === true) return this.#scalar('int-or-string')
    const type = this.#node['type']
    switch (type) {
      case 'object':
        return this.#node['additionalProperties'] === undefined ? this.#object() : this.#map()
      case 'array':
        return this.#list()
      case 'string':
      case 'integer':
      case 'boolean':
        return this.#scalar(type)
      default:
        return this.#fail(`type ${String(type)} is not supported`)
    }
  }

  #object(): ObjectSchema {
    this.#allow('type', 'properties', 'required', 'x-kubernetes-map-type')
    const properties = new Map<string, StructuralSchema>()
    for (const [name, child] of Object.entries(this.#record('properties'))) {
      // So that reading a field of a plain object never finds what all objects inherit.
      if (name in Object.prototype) this.#fail(`a field cannot be called ${name}`)
      properties.set(name, readSchema(child, `${this.#where}.${name}`))
    }
    const required = this.#strings('required')
    for (const name of required) if (!properties.has(name)) this.#fail(`required names no field: ${name}`)
    const atomic = this.#node['x-kubernetes-map-type'] === 'atomic'
    return { ...this.#common(), type: 'object', properties, required, atomic }
  }

  #map(): MapSchema {
    this.#allow('type', 'additionalProperties', 'maxProperties')
    const values = readSchema(this.#node['additionalProperties'], `${this.#where}{}`)
    return { ...this.#common(), type: 'map', values, maxEntries: this.#bound('maxProperties') }
  }

  #list(): ListSchema {
    this.#allow(
      'type',
      'items',
      'minItems',
      'maxItems',
      'x-kubernetes-list-type',
      'x-kubernetes-list-map-keys',
    )
    const listType = this.#node['x-kubernetes-list-type'] ?? 'atomic'
    if (listType !== 'atomic' && listType !== 'set' && listType !== 'map') {
      return this.#fail('this x-kubernetes-list-type is not supported')
    }
    return {
      ...this.#common(),
      type: 'list',
      items: readSchema(this.#node['items'], `${this.#where}[]`),
      minItems: this.#number('minItems') ?? 0,
      maxItems: this.#bound('maxItems'),
      listType,
      listKeys: this.#strings('x-kubernetes-list-map-keys'),
    }
  }

  #scalar(type: ScalarType): ScalarSchema {
    this.#allow(
      ...['type', 'format', 'x-kubernetes-int-or-string', 'enum', 'pattern'],
      ...['minLength', 'maxLength', 'minimum', 'maximum'],
    )
    // A format is advice to the API server, too: those that it does not know it ignores.
    const pattern = this.#node['pattern']
    return {
      ...this.#common(),
      type,
      options: this.#node['enum'] === undefined ? undefined : this.#strings('enum'),
      pattern: typeof pattern === 'string' ? pattern : undefined,
      minLength: this.#number('minLength'),
      maxLength: this.#number('maxLength'),
      minimum: this.#number('minimum'),
      maximum: this.#number('maximum'),
    }
  }

  #common(): SchemaNode {
    const { description, default: fallback } = this.#node
    return {
      description: typeof description === 'string' ? description : '',
      rules: this.#items('x-kubernetes-validations').map((rule) => this.#rule(rule)),
      default: fallback,
    }
  }

  #rule(node: unknown): ValidationRule {
    if (!isRecord(node)) return this.#fail('a validation rule must be an object')
    const { rule, message, fieldPath = '', ...others } = node
    if (typeof rule !== 'string' || typeof message !== 'string' || typeof fieldPath !== 'string') {
      return this.#fail('a validation rule needs rule and message')
    }
    const other = Object.keys(others)[0]
    if (other !== undefined) this.#fail(`${other} of a validation rule is not supported`)
    if (!/^(?:\.[A-Za-z_]\w*)*$/.test(fieldPath)) this.#fail(`fieldPath ${fieldPath} is not supported`)
    return { rule, message, fieldPath: fieldPath.split('.').slice(1) }
  }

  #allow(...keywords: readonly string[]): void {
    for (const key of Object.keys(this.#node)) {
      if (!keywords.includes(key) && !SILENT_KEYWORDS.includes(key)) this.#fail(`${key} is not supported`)
    }
  }

  #record(key: string): UnknownRecord {
    const value = this.#node[key]
    return isRecord(value) ? value : this.#fail(`${key} must be an object`)
  }

  #items(key: string): readonly unknown[] {
    const value = this.#node[key] ?? []
    return isList(value) ? value : this.#fail(`${key} must be a list`)
  }

  #strings(key: string): readonly string[] {
    return this.#items(key).map((item) =>
      typeof item === 'string' ? item : this.#fail(`${key} must hold text`),
    )
  }

  #number(key: string): number | undefined {
    const value = this.#node[key]
    if (value === undefined || typeof value === 'number') return value
    return this.#fail(`${key} must be a number`)
  }

  /** Without it an API server refuses the rules below as too expensive, and a file could grow without end. */
  #bound(key: string): number {
    return this.#number(key) ?? this.#fail(`${key} is missing`)
  }

  #fail(problem: string): never {
    throw new Error(`${this.#where}: ${problem}`)
  }
}
