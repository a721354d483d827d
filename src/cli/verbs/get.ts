import { DEFAULT_NAMESPACE, isClusterScoped, namespaceOf, type PalisadeObject } from '../../api/objects.ts'
import { objectKey, parseKey, type ObjectKey } from '../../core/key.ts'
import { nearest } from '../../core/nearest.ts'
import { printYaml } from '../../manifest/print.ts'
import { loadCrds, type CustomResourceDefinition } from '../../schema/crd.ts'
import type { ClusterOptions } from '../cluster/options.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { writeLines, type Io } from '../io.ts'
import { printable, printableJson } from '../output/printable.ts'
import { objectTable, resourceName } from '../output/printer-columns.ts'
import { readSelection, type Selection } from '../selection.ts'
import { openRemembered } from '../remembered.ts'

export interface GetOptions extends ClusterOptions {
  readonly state: string
  readonly output: 'table' | 'wide' | 'yaml' | 'json' | 'name'
  readonly namespace?: string
  readonly allNamespaces?: boolean
}

/** The objects with their status, as kubectl shows those of a cluster. */
export async function get(io: Io, words: readonly string[], given: GetOptions): Promise<ExitStatus> {
  const crds = loadCrds()
  const selection = readSelection(words, crds)
  const { store, namespace } = await openRemembered(given)
  const options = { ...given, ...(namespace !== undefined && { namespace }) }
  const present = await store.listStatus()
  const { found, missing } = select(selection, present, options)
  const objects = await store.readStatus(found)
  print(io, crds, selection, objects, options)
  for (const { kind, name } of missing) {
    io.stderr.write(`error: ${printable(notFound(kind, name, present, options))}\n`)
  }
  if (objects.length === 0 && missing.length === 0) {
    io.stderr.write(`${nothingFound(crds, selection, present, options)}\n`)
  }
  return missing.length > 0 ? EXIT.bad : EXIT.done
}

interface Selected {
  readonly found: readonly ObjectKey[]
  readonly missing: Selection['named']
}

function select({ kinds, named }: Selection, present: ReadonlySet<ObjectKey>, options: GetOptions): Selected {
  const inScope = [...present].filter((key) => isInScope(key, options))
  if (named.length === 0) {
    return { found: inScope.filter((key) => kinds.some((kind) => kind === parseKey(key).kind)), missing: [] }
  }
  const isOf = (key: ObjectKey, { kind, name }: Selection['named'][number]): boolean => {
    const parts = parseKey(key)
    return parts.kind === kind && parts.name === name
  }
  return {
    found: inScope.filter((key) => named.some((one) => isOf(key, one))),
    missing: named.filter((one) => !inScope.some((key) => isOf(key, one))),
  }
}

function isInScope(key: ObjectKey, { allNamespaces = false, namespace }: GetOptions): boolean {
  const { kind, namespace: own } = parseKey(key)
  return allNamespaces || isClusterScoped(kind) || own === (namespace ?? DEFAULT_NAMESPACE)
}

function print(
  io: Io,
  crds: readonly CustomResourceDefinition[],
  { kinds, named }: Selection,
  objects: readonly PalisadeObject[],
  { output, allNamespaces = false }: GetOptions,
): void {
  const [first] = objects
  const isOne = named.length === 1 && objects.length === 1 && first !== undefined
  const list = { apiVersion: 'v1', kind: 'List', items: objects }
  switch (output) {
    case 'yaml':
      io.stdout.write(printYaml(isOne ? first : list))
      return
    case 'json':
      writeLines(io.stdout, [printableJson(isOne ? first : list)])
      return
    case 'name':
      writeLines(
        io.stdout,
        objects.map((object) => resourceName(singularOf(crds, object), object)),
      )
      return
    case 'table':
    case 'wide': {
      const tables = crds.flatMap((crd) => {
        const own = objects.filter(({ kind }) => kind === crd.kind)
        const look = { withNamespace: allNamespaces, withKind: kinds.length > 1, now: io.now() }
        return own.length === 0 ? [] : [objectTable(crd, sorted(own), look)]
      })
      writeLines(
        io.stdout,
        tables.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
      )
    }
  }
}

function singularOf(crds: readonly CustomResourceDefinition[], { kind }: PalisadeObject): string {
  return crds.find((crd) => crd.kind === kind)?.names.singular ?? kind.toLowerCase()
}

/** By namespace, then by name. */
function sorted(objects: readonly PalisadeObject[]): readonly PalisadeObject[] {
  const order = (object: PalisadeObject): string => `${namespaceOf(object)}/${object.metadata.name}`
  return objects.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
}

/** With the name that was probably meant, or the namespaces in which there is such an object. */
function notFound(kind: string, name: string, present: ReadonlySet<ObjectKey>, options: GetOptions): string {
  const same = [...present].map(parseKey).filter((key) => key.kind === kind)
  const elsewhere = same.filter((key) => key.name === name).map(({ namespace }) => namespace)
  const place = scopeText(kind, options)
  if (elsewhere.length > 0) {
    return `there is no ${kind} ${name}${place}, but in ${elsewhere.sort().join(', ')}: choose with -n`
  }
  const names = same.filter((key) => isInScope(objectKey(kind, key.namespace, key.name), options))
  const meant = nearest(
    name,
    names.map((key) => key.name),
  )
  return `there is no ${kind} ${name}${place}${meant === undefined ? '' : `: did you mean ${meant}?`}`
}

function nothingFound(
  crds: readonly CustomResourceDefinition[],
  { kinds }: Selection,
  present: ReadonlySet<ObjectKey>,
  options: GetOptions,
): string {
  if (present.size === 0) {
    if (options.kubernetes === true) {
      return 'Nothing is in the cluster yet, or no controller has looked at it.'
    }
    return printable(`Nothing is in ${options.state} yet: palisade apply PATH... fills it.`)
  }
  const [kind = ''] = kinds
  const plural = crds.find((crd) => crd.kind === kind)?.names.plural ?? ''
  return printable(
    kinds.length === 1 ? `No ${plural} found${scopeText(kind, options)}.` : 'No objects found.',
  )
}

function scopeText(kind: string, { allNamespaces = false, namespace }: GetOptions): string {
  if (allNamespaces || isClusterScoped(kind)) return ''
  return ` in namespace ${namespace ?? DEFAULT_NAMESPACE}`
}
