import { isRecord, type UnknownRecord } from '../core/record.ts'

/** Other tools keep their own notes in annotations, such as the whole object as it was applied last. */
const OWN = 'palisade.dev/'

/** The annotations that declare something; undefined where there is none. */
export function ownAnnotations(annotations: UnknownRecord): UnknownRecord | undefined {
  const own = Object.entries(annotations).filter(([key]) => key.startsWith(OWN))
  return own.length === 0 ? undefined : Object.fromEntries(own)
}

/** An object without the notes of other tools, so that it is the same for who reads it with them and without. */
export function withOwnAnnotations(object: UnknownRecord): UnknownRecord {
  const { metadata } = object
  if (!isRecord(metadata)) return object
  const { annotations, ...rest } = metadata
  if (!isRecord(annotations)) return object
  const own = ownAnnotations(annotations)
  return { ...object, metadata: { ...rest, ...(own && { annotations: own }) } }
}
