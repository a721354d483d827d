import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { KINDS, type Kind } from '../api/objects.ts'
import { isList, isRecord, type UnknownRecord } from '../core/record.ts'
import { readSchema, type StructuralSchema } from './structural.ts'

/** A CRD of palisade. The largest takes tens of milliseconds to parse, so it is parsed when it is first asked. */
export interface CustomResourceDefinition {
  readonly kind: Kind
  /** The name of its file in crds/. */
  readonly file: string
  readonly names: CrdNames
  /** The columns of `kubectl get`, besides the name. */
  readonly printerColumns: readonly PrinterColumn[]
  /** The schema of `spec`. */
  readonly spec: StructuralSchema
}

/** What people may call the kind on a command line. */
export interface CrdNames {
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
}

export interface PrinterColumn {
  readonly name: string
  /** `string`, `integer` or `date`. */
  readonly type: string
  /** A JSONPath from the root of the object, without braces: `.spec.vpcRef.name`. */
  readonly jsonPath: string
}

/** The text of a file of crds/. Throws when it cannot be read: then the installation is broken. */
export function readShippedCrd(file: string): string {
  // Two folders up, from src/ as from dist/.
  return readFileSync(new URL(`../../crds/${file}`, import.meta.url), 'utf8')
}

/** The CRD of every kind, in the order of KINDS. */
export function loadCrds(read: (file: string) => string = readShippedCrd): CustomResourceDefinition[] {
  return KINDS.map((kind) => {
    const file = `${kind.toLowerCase()}s.yaml`
    return new LazyCrd(kind, file, read(file))
  })
}

/** The kind that a word of a command line means: its name, plural, singular or a short name, in any case. */
export function kindNamed(crds: readonly CustomResourceDefinition[], word: string): Kind | undefined {
  const wanted = word.toLowerCase()
  return crds.find(({ kind, names }) =>
    [kind.toLowerCase(), names.plural, names.singular, ...names.shortNames].includes(wanted),
  )?.kind
}

class LazyCrd implements CustomResourceDefinition {
  readonly kind: Kind
  readonly file: string
  readonly #text: string
  #parsed: UnknownRecord | undefined
  #spec: StructuralSchema | undefined

  constructor(kind: Kind, file: string, text: string) {
    this.kind = kind
    this.file = file
    this.#text = text
  }

  get names(): CrdNames {
    const names = recordAt(this.#definition, 'names', this.file)
    return {
      plural: stringAt(names, 'plural', this.file),
      singular: stringAt(names, 'singular', this.file),
      shortNames: listAt(names, 'shortNames', this.file).map(String),
    }
  }

  get printerColumns(): readonly PrinterColumn[] {
    return listAt(this.#version, 'additionalPrinterColumns', this.file).map((column) => {
      if (!isRecord(column)) throw new Error(`${this.file}: a printer column must be an object`)
      return {
        name: stringAt(column, 'name', this.file),
        type: stringAt(column, 'type', this.file),
        jsonPath: stringAt(column, 'jsonPath', this.file),
      }
    })
  }

  get spec(): StructuralSchema {
    this.#spec ??= this.#readSpec()
    return this.#spec
  }

  #readSpec(): StructuralSchema {
    const root = recordAt(recordAt(this.#version, 'schema', this.file), 'openAPIV3Schema', this.file)
    const properties = recordAt(root, 'properties', this.file)
    // The validator takes these for granted.
    const known = ['apiVersion', 'kind', 'metadata', 'spec', 'status']
    const unknown = Object.keys(properties).find((name) => !known.includes(name))
    if (unknown !== undefined) throw new Error(`${this.file}: ${unknown} beside spec is not supported`)
    if (!listAt(root, 'required', this.file).includes('spec')) {
      throw new Error(`${this.file}: spec must be required`)
    }
    if ('x-kubernetes-validations' in root) throw new Error(`${this.file}: rules belong to spec`)
    return readSchema(properties['spec'], `${this.file}: spec`)
  }

  get #version(): UnknownRecord {
    const [version, ...others] = listAt(this.#definition, 'versions', this.file)
    if (!isRecord(version) || others.length > 0) throw new Error(`${this.file}: want exactly one version`)
    return version
  }

  get #definition(): UnknownRecord {
    this.#parsed ??= this.#parse()
    return this.#parsed
  }

  #parse(): UnknownRecord {
    const manifest = load(this.#text, { filename: this.file })
    if (!isRecord(manifest)) throw new Error(`${this.file}: must hold a CustomResourceDefinition`)
    const definition = recordAt(manifest, 'spec', this.file)
    const kind = stringAt(recordAt(definition, 'names', this.file), 'kind', this.file)
    if (kind !== this.kind) throw new Error(`${this.file}: defines ${kind}, not ${this.kind}`)
    return definition
  }
}

function recordAt(parent: UnknownRecord, key: string, file: string): UnknownRecord {
  const value = parent[key]
  if (!isRecord(value)) throw new Error(`${file}: ${key} must be an object`)
  return value
}

function stringAt(parent: UnknownRecord, key: string, file: string): string {
  const value = parent[key]
  if (typeof value !== 'string') throw new Error(`${file}: ${key} must be text`)
  return value
}

function listAt(parent: UnknownRecord, key: string, file: string): readonly unknown[] {
  const value = parent[key] ?? []
  if (!isList(value)) throw new Error(`${file}: ${key} must be a list`)
  return value
}
