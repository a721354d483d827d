import { API_GROUP, isClusterScoped, namespaceOf, type PalisadeObject } from '../../api/objects.ts'
import type { CustomResourceDefinition, PrinterColumn } from '../../schema/crd.ts'
import { ageText } from './age.ts'
import { compileJsonPath } from './json-path.ts'
import { tableLines } from './table.ts'

export interface ObjectTableOptions {
  /** Whether to show which namespace each object is in. */
  readonly withNamespace: boolean
  /** Whether names carry their kind, as kubectl has it where it lists several. */
  readonly withKind: boolean
  readonly now: Date
}

/** The objects of one kind as kubectl lists them, with the printer columns of their CRD. */
export function objectTable(
  { kind, names, printerColumns }: CustomResourceDefinition,
  objects: readonly PalisadeObject[],
  { withNamespace, withKind, now }: ObjectTableOptions,
): readonly string[] {
  const namespaced = withNamespace && !isClusterScoped(kind)
  const cells = printerColumns.map((column) => cellOf(column, now))
  const titles = [
    ...(namespaced ? ['NAMESPACE'] : []),
    'NAME',
    ...printerColumns.map(({ name }) => name.toUpperCase()),
  ]
  const rows = objects.map((object) => [
    ...(namespaced ? [namespaceOf(object)] : []),
    withKind ? resourceName(names.singular, object) : object.metadata.name,
    ...cells.map((cell) => cell(object)),
  ])
  return tableLines(
    titles.map((title) => ({ title })),
    rows,
  )
}

/** As `-o name` prints it: `securitygroup.palisade.dev/web`. */
export function resourceName(singular: string, { metadata }: PalisadeObject): string {
  return `${singular}.${API_GROUP}/${metadata.name}`
}

function cellOf({ type, jsonPath }: PrinterColumn, now: Date): (object: PalisadeObject) => string {
  const look = compileJsonPath(jsonPath)
  return (object) => {
    const value = look(object)
    // kubectl leaves the cell of a value that is not there empty.
    if (value === undefined || value === null) return ''
    if (type === 'date') return typeof value === 'string' ? ageText(value, now) : '<unknown>'
    return typeof value === 'string' ? value : JSON.stringify(value)
  }
}
