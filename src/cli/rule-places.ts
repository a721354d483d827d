import { readFileSync, statSync } from 'node:fs'
import type { Locate } from '../controller/declared.ts'
import type { Position } from '../core/diagnostic.ts'
import { objectKey, type ObjectKey } from '../core/key.ts'
import { MANIFEST_LIMITS } from '../manifest/limits.ts'
import { parseManifest } from '../manifest/parse.ts'
import type { Model } from '../policy/model/model.ts'
import type { Direction } from '../policy/profile.ts'
import { subjectOf } from '../schema/recognise.ts'

/** Where an object is written, if that can be found out. */
export type PlaceOf = (key: ObjectKey) => Locate | undefined

/**
 * Where the rule that a source such as `web/https` names is written; undefined for what a profile brings
 * and for what is no longer where it was read from.
 */
export function placeOfSource(
  source: string,
  { namespace, direction }: { readonly namespace: string; readonly direction: Direction },
  model: Model,
  placeOf: PlaceOf,
): Position | undefined {
  const [group = '', name, ...more] = source.split('/')
  const key = objectKey('SecurityGroup', namespace, group)
  const locate = placeOf(key)
  const object = model.object(key)
  if (locate === undefined || object?.kind !== 'SecurityGroup') return undefined
  const side = direction === 'Ingress' ? 'ingress' : 'egress'
  if (name === 'innerAccess') return locate(['spec', 'innerAccess'])
  if (more.length > 0) return locate(name === 'initial' ? ['spec'] : ['spec', 'template'])
  const index = (object.spec[side] ?? []).findIndex((rule) => rule.name === name)
  return locate(index === -1 ? ['spec'] : ['spec', side, index])
}

/** Finds objects in the files that they were read from, each read once and only when asked for. */
export function placesInFiles(originOf: (key: ObjectKey) => string | undefined): PlaceOf {
  const files = new Map<string, ReadonlyMap<ObjectKey, Locate>>()
  return (key) => {
    const file = originOf(key)
    if (file === undefined || file === '' || file === '-') return undefined
    const known = files.get(file) ?? readPlaces(file)
    files.set(file, known)
    return known.get(key)
  }
}

/** Nothing for a file that has gone or cannot be read: a rule is in force all the same. */
function readPlaces(file: string): ReadonlyMap<ObjectKey, Locate> {
  let bytes: Uint8Array
  try {
    const stats = statSync(file)
    // A FIFO may have taken its place, whose writer would be waited for, or a device without an end.
    if (!stats.isFile() || stats.size > MANIFEST_LIMITS.bytes) return new Map()
    bytes = readFileSync(file)
  } catch {
    return new Map()
  }
  const { documents } = parseManifest(file, bytes)
  return new Map(
    documents.flatMap((document) => {
      const subject = subjectOf(document.value)
      const locate: Locate = (path) => document.locate(path)
      return 'key' in subject ? [[subject.key, locate] as const] : []
    }),
  )
}
