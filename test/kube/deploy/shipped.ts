import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isList, isRecord, isStringList, type UnknownRecord } from '../../../src/core/record.ts'
import { parseManifest } from '../../../src/manifest/parse.ts'

export const DEPLOY = path.join(import.meta.dirname, '../../../manifests/deploy')

/** The objects of a file of the folder. */
export function shippedObjects(file: string): readonly UnknownRecord[] {
  const { documents } = parseManifest(file, readFileSync(path.join(DEPLOY, file)))
  return documents.map(({ value }) => value)
}

/** What a container of a workload is started with. */
export interface EntryPoint {
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly container: UnknownRecord
}

/** The only container of the only workload of a file. */
export function entryPoint(file: string): EntryPoint {
  for (const { spec } of shippedObjects(file)) {
    const podSpec = recordAt(spec, 'template', 'spec')
    const [container] = isList(podSpec?.['containers']) ? podSpec['containers'] : []
    if (!isRecord(container)) continue
    const { command, args } = container
    if (isStringList(command) && isStringList(args)) return { command, args, container }
  }
  throw new Error(`${file} has no workload`)
}

/** The record at a path, if there is one. */
export function recordAt(value: unknown, ...path: readonly string[]): UnknownRecord | undefined {
  let found = value
  for (const step of path) found = isRecord(found) ? found[step] : undefined
  return isRecord(found) ? found : undefined
}
