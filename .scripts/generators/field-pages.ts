import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { load } from 'js-yaml'
import type { GeneratedFile, Generator } from './generator.ts'

const ORIGIN = '<!-- Generated from crds/ by `npm run generate`. Edit those, not this file. -->'

interface FieldSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly maxProperties?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, FieldSchema>>
  readonly items?: FieldSchema
  readonly additionalProperties?: FieldSchema
}

interface Crd {
  readonly spec: {
    readonly names: { readonly kind: string; readonly shortNames: readonly string[] }
    readonly scope: string
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: FieldSchema } }[]
  }
}

/** The page that lists every field of every kind with its bounds: what `kubectl explain` shows, in one place. */
export const fieldPages: Generator = async (root) => {
  const folder = path.join(root, 'crds')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  const parts = await Promise.all(files.map(async (name) => kindPart(await readCrd(path.join(folder, name)))))
  const intro =
    'Every field with its type, its limits and its default. Field rules that hold across fields are in the CRDs.'
  const content = ['# Fields', ORIGIN, intro, ...parts].join('\n\n')
  const page: GeneratedFile = { path: 'docs/reference/fields.md', content }
  return [page]
}

async function readCrd(file: string): Promise<Crd> {
  const crd: unknown = load(await readFile(file, 'utf8'))
  if (!isCrd(crd)) throw new Error(`${file} is no CustomResourceDefinition`)
  return crd
}

function isCrd(value: unknown): value is Crd {
  return typeof value === 'object' && value !== null && 'spec' in value
}

function kindPart({ spec }: Crd): string {
  const schema = spec.versions[0]?.schema.openAPIV3Schema
  const rows = [
    ...fieldRows(schema?.properties?.['spec'], 'spec'),
    ...fieldRows(schema?.properties?.['status'], 'status'),
  ]
  const names = `${spec.scope === 'Cluster' ? 'Cluster-scoped' : 'Namespaced'}, short name \`${spec.names.shortNames.join('`, `')}\`.`
  const head = '| Field | Type | Limits | Meaning |\n| --- | --- | --- | --- |'
  return [`## ${spec.names.kind}`, `${schema?.description ?? ''} ${names}`, [head, ...rows].join('\n')].join(
    '\n\n',
  )
}

function fieldRows(schema: FieldSchema | undefined, field: string): string[] {
  if (schema === undefined) return []
  const rows = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const place = `${field}.${name}`
    const required = schema.required?.includes(name) === true
    const nested = child.items === undefined ? fieldRows(child, place) : fieldRows(child.items, `${place}[]`)
    const cells = [`\`${place}\``, typeOf(child), limitsOf(child, required), child.description ?? '']
    return [`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`, ...nested]
  })
  return rows
}

function typeOf({ type, items, additionalProperties }: FieldSchema): string {
  if (items !== undefined) return `list of ${typeOf(items)}`
  if (additionalProperties !== undefined) return 'map of string'
  return type ?? 'integer or string'
}

function limitsOf(schema: FieldSchema, required: boolean): string {
  const limits = [
    required ? 'required' : undefined,
    schema.enum?.join(', '),
    range(schema),
    schema.maxLength === undefined ? undefined : `at most ${String(schema.maxLength)} characters`,
    schema.maxItems === undefined ? undefined : `at most ${String(schema.maxItems)} items`,
    schema.maxProperties === undefined ? undefined : `at most ${String(schema.maxProperties)} keys`,
    schema.default === undefined ? undefined : `default ${JSON.stringify(schema.default)}`,
  ]
  return limits.filter((limit) => limit !== undefined).join('; ')
}

function range({ minimum, maximum }: FieldSchema): string | undefined {
  if (minimum === undefined && maximum === undefined) return undefined
  return `${String(minimum ?? '')} to ${String(maximum ?? '')}`
}
