import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { compile } from 'json-schema-to-typescript'
import { parse } from 'yaml'
import { docBlock, withShortBlocks } from './comment.ts'
import { isNode, nodeAt, SchemaCollection, type SchemaNode, stringAt } from './crd-schema.ts'
import type { GeneratedFile } from './generator.ts'
import { withReadonly } from './readonly.ts'

const banner = '// Generated from crds/*.yaml by `npm run generate`. Edit those, not this file.'

const objectMeta = `/** The metadata of every object, as far as palisade reads or writes it. */
export interface ObjectMeta {
  name: string
  namespace?: string
  labels?: { [key: string]: string }
  annotations?: { [key: string]: string }
  /** Counts the changes of the spec. */
  generation?: number
  uid?: string
  /** RFC 3339. */
  creationTimestamp?: string
  /** RFC 3339; present while the object waits for its finalizers. */
  deletionTimestamp?: string
  finalizers?: string[]
  resourceVersion?: string
}`

/** What an object of a CRD consists of, beside apiVersion, kind and metadata. */
interface KindShape {
  readonly kind: string
  readonly apiVersion: string
  readonly description: string
  readonly specRequired: boolean
  readonly hasStatus: boolean
}

/** `src/api/types.gen.ts`: the TypeScript types of the kinds that `crds/*.yaml` define. */
export async function types(root: string): Promise<readonly GeneratedFile[]> {
  const folder = path.join(root, 'crds')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).toSorted()
  if (names.length === 0) throw new Error(`${folder} holds no CRD`)

  const collection = new SchemaCollection()
  const kinds: KindShape[] = []
  for (const name of names) {
    const crd: unknown = parse(await readFile(path.join(folder, name), 'utf8'), { merge: true })
    if (!isNode(crd)) throw new Error(`crds/${name}: must hold one CustomResourceDefinition`)
    kinds.push(collectKind(crd, `crds/${name}`, collection))
  }

  const declarations = await Promise.all(
    collection.schemas.map(([title, schema]) =>
      compile(schema, title, { bannerComment: '', ignoreMinAndMaxItems: true, format: false }),
    ),
  )
  checkDeclaredOnce([...kinds.map(({ kind }) => kind), ...collection.schemas.map(([title]) => title)])
  const source = [objectMeta, ...kinds.map(objectInterface), ...declarations].join('\n\n')
  return [{ path: 'src/api/types.gen.ts', content: `${banner}\n\n${withShortBlocks(withReadonly(source))}` }]
}

function collectKind(crd: SchemaNode, where: string, collection: SchemaCollection): KindShape {
  const spec = nodeAt(crd, 'spec', where)
  const kind = stringAt(nodeAt(spec, 'names', where), 'kind', where)
  const versions: unknown = spec['versions']
  const version: unknown = Array.isArray(versions) && versions.length === 1 ? versions[0] : undefined
  if (!isNode(version)) throw new Error(`${where}: want exactly one version`)
  const schema = nodeAt(nodeAt(version, 'schema', where), 'openAPIV3Schema', where)
  const properties = nodeAt(schema, 'properties', where)
  const parts = ['spec', 'status'].filter((part) => part in properties)
  for (const part of parts) {
    const name = kind + (part === 'spec' ? 'Spec' : 'Status')
    const node = nodeAt(properties, part, where)
    const title = node['title'] ?? name
    if (title !== name) throw new Error(`${where}: the title of ${part} must be ${name}`)
    collection.add(name, node, `${where}: ${part}`)
  }
  return {
    kind,
    apiVersion: `${stringAt(spec, 'group', where)}/${stringAt(version, 'name', where)}`,
    description: stringAt(schema, 'description', where),
    specRequired: Array.isArray(schema['required']) && schema['required'].includes('spec'),
    hasStatus: parts.includes('status'),
  }
}

function objectInterface({ kind, apiVersion, description, specRequired, hasStatus }: KindShape): string {
  return `${docBlock(description)}
export interface ${kind} {
  apiVersion: '${apiVersion}'
  kind: '${kind}'
  metadata: ObjectMeta
  spec${specRequired ? '' : '?'}: ${kind}Spec
  ${hasStatus ? `status?: ${kind}Status` : ''}
}`
}

function checkDeclaredOnce(names: readonly string[]): void {
  const seen = new Set(['ObjectMeta'])
  for (const name of names) {
    if (seen.has(name)) throw new Error(`the type ${name} would be declared twice: rename a title`)
    seen.add(name)
  }
}
