import { Ajv, type ValidateFunction } from 'ajv'
import { load } from 'js-yaml'
import { KINDS, type PalisadeObject } from '../../src/api/objects.ts'
import { isList, isRecord, type UnknownRecord } from '../../src/core/record.ts'
import { readShippedCrd } from '../../src/schema/crd.ts'

type Statused = Pick<PalisadeObject, 'kind' | 'metadata'> & { readonly status?: unknown }

/** What an API server would refuse of the status of an object, or drop from it without a word. */
export function statusFaults({ kind, metadata, status }: Statused): readonly string[] {
  const validate = VALIDATORS.get(kind)
  if (validate === undefined) throw new Error(`no CRD of ${kind}`)
  if (validate(status)) return []
  const faults = validate.errors ?? []
  return faults.map(
    ({ instancePath, message }) => `${kind} ${metadata.name}${instancePath} ${String(message)}`,
  )
}

const ajv = new Ajv({ strict: false, allErrors: true })
const VALIDATORS: ReadonlyMap<string, ValidateFunction> = new Map(
  KINDS.map((kind) => [kind, ajv.compile(strictly(statusSchema(`${kind.toLowerCase()}s.yaml`)))] as const),
)

function statusSchema(file: string): UnknownRecord {
  const [version] = listAt(at(load(readShippedCrd(file)), 'spec'), 'versions')
  return at(at(at(at(version, 'schema'), 'openAPIV3Schema'), 'properties'), 'status')
}

function at(value: unknown, key: string): UnknownRecord {
  const found = isRecord(value) ? value[key] : undefined
  if (!isRecord(found)) throw new Error(`the CRD has no ${key}`)
  return found
}

function listAt(value: UnknownRecord, key: string): readonly unknown[] {
  const found = value[key]
  if (!isList(found)) throw new Error(`the CRD has no ${key}`)
  return found
}

/** As JSON schema: fields that are not in the schema would be pruned, so they are refused here. */
function strictly(schema: UnknownRecord): UnknownRecord {
  const { properties, items, format: _, ...rest } = schema
  return {
    ...rest,
    ...(isRecord(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [name, isRecord(one) ? strictly(one) : one]),
      ),
      additionalProperties: false,
    }),
    ...(isRecord(items) && { items: strictly(items) }),
    ...(schema['x-kubernetes-list-type'] === 'set' && { uniqueItems: true }),
  }
}
