import { isDeepStrictEqual } from 'node:util'
import type { JSONSchema } from 'json-schema-to-typescript'
import { wrapped } from './comment.ts'

/** A node of an openAPIV3Schema as it was read: nothing is known about its fields yet. */
export type SchemaNode = Readonly<Record<string, unknown>>

export function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function nodeAt(parent: SchemaNode, field: string, where: string): SchemaNode {
  const child = parent[field]
  if (!isNode(child)) throw new Error(`${where}: ${field} must be an object`)
  return child
}

export function stringAt(parent: SchemaNode, field: string, where: string): string {
  const child = parent[field]
  if (typeof child !== 'string') throw new Error(`${where}: ${field} must be a string`)
  return child
}

interface NamedSchema {
  readonly schema: JSONSchema
  readonly where: string
}

const described = (node: SchemaNode): JSONSchema =>
  typeof node['description'] === 'string' ? { description: wrapped(node['description']) } : {}

/**
 * Turns the structural schemas of CRDs into plain JSON schemas, one for each `title`.
 *
 * Only what shapes a type is kept: bounds, patterns, formats, defaults, `x-kubernetes-*` and the
 * validating `anyOf`/`oneOf`/`allOf`/`not` of a structural schema do not. A titled schema is
 * replaced by its name wherever it occurs, so that each place keeps its own description.
 */
export class SchemaCollection {
  readonly #named = new Map<string, NamedSchema>()

  /** In the order in which they were met, each once. */
  get schemas(): readonly (readonly [name: string, schema: JSONSchema])[] {
    return [...this.#named].map(([name, { schema }]) => [name, schema])
  }

  /** Adds `node` as the type `name`; throws when that name already denotes another shape. */
  add(name: string, node: SchemaNode, where: string): void {
    if (!/^[A-Z][A-Za-z0-9]*$/.test(name)) {
      throw new Error(`${where}: title ${JSON.stringify(name)} is no type name (want [A-Z][A-Za-z0-9]*)`)
    }
    // Reserves the place, so that a type stands before those that it is made of.
    const known = this.#named.get(name)
    if (known === undefined) this.#named.set(name, { schema: {}, where })
    const { description, ...shape } = { ...described(node), ...this.#shape(node, where) }
    if (known === undefined) {
      this.#named.set(name, { schema: { title: name, description, ...shape }, where })
      return
    }
    const { title: _title, description: knownDescription, ...knownShape } = known.schema
    if (!isDeepStrictEqual(shape, knownShape)) {
      throw new Error(
        `${where}: title ${name} denotes another schema than at ${known.where}; rename one or make them equal`,
      )
    }
    // Where the places describe it differently, none of them describes the type itself.
    if (description !== knownDescription) {
      this.#named.set(name, { schema: { title: name, ...knownShape }, where: known.where })
    }
  }

  #convert(node: SchemaNode, where: string): JSONSchema {
    const title = node['title']
    if (title === undefined) return { ...described(node), ...this.#shape(node, where) }
    if (typeof title !== 'string') throw new Error(`${where}: title must be a string`)
    const { nullable, ...plain } = node
    this.add(title, plain, where)
    return { ...described(node), tsType: nullable === true ? `(${title} | null)` : title }
  }

  #shape(node: SchemaNode, where: string): JSONSchema {
    const shape = this.#nonNullShape(node, where)
    return node['nullable'] === true ? { ...shape, nullable: true } : shape
  }

  #nonNullShape(node: SchemaNode, where: string): JSONSchema {
    // In parentheses, since a custom type is copied as it is: `number | string[]` is another type.
    if (node['x-kubernetes-int-or-string'] === true) return { tsType: '(number | string)' }
    const type = stringAt(node, 'type', where)
    switch (type) {
      case 'string':
      case 'integer':
      case 'number':
      case 'boolean':
        return Array.isArray(node['enum']) ? { type, enum: node['enum'] } : { type }
      case 'array':
        return { type, items: this.#itemShape(nodeAt(node, 'items', where), `${where}[]`) }
      case 'object':
        return this.#objectShape(node, where)
      default:
        throw new Error(`${where}: type ${type} is not one of a structural schema`)
    }
  }

  /** The description of a titled item stands at its own type; repeated at every list it is noise. */
  #itemShape(items: SchemaNode, where: string): JSONSchema {
    const { description, ...shape } = this.#convert(items, where)
    return items['title'] === undefined ? { description, ...shape } : shape
  }

  #objectShape(node: SchemaNode, where: string): JSONSchema {
    const values = node['additionalProperties']
    if (isNode(values)) {
      return { type: 'object', additionalProperties: this.#convert(values, `${where}{}`) }
    }
    if (values === true || node['x-kubernetes-preserve-unknown-fields'] === true) {
      return { tsType: 'Readonly<Record<string, unknown>>' }
    }
    const properties: Record<string, JSONSchema> = {}
    for (const [field, child] of Object.entries(nodeAt(node, 'properties', where))) {
      if (!isNode(child)) throw new Error(`${where}.${field}: must be a schema`)
      properties[field] = this.#convert(child, `${where}.${field}`)
    }
    const required = Array.isArray(node['required']) ? node['required'].map(String) : []
    return { type: 'object', additionalProperties: false, properties, required }
  }
}
