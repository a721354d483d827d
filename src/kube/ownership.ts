import { isGuardedKind } from '../api/guarded-kinds.ts'
import { keyOf, type PalisadeObject } from '../api/objects.ts'
import { canonicalJson, digestText } from '../core/digest.ts'
import type { ObjectKey } from '../core/key.ts'
import type { AppliedFields } from './cluster-writer.ts'
import { keyOfServerObject, type ServerObject } from './server-object.ts'

/** The field manager of what the controller writes: statuses, and the objects that it makes itself. */
export const CONTROLLER = 'palisade-controller'

/** The field manager of the finalizer alone: applying it must not take anything else away. */
export const FINALIZER_MANAGER = 'palisade-finalizer'

/** Keeps what others need from going before the rules that name it have. */
export const FINALIZER = 'palisade.dev/in-use'

/** Whether nothing keeps it from going at once that should: it is guarded, not deleted, and without the finalizer. */
export function lacksFinalizer({ kind, metadata }: ServerObject): boolean {
  const { deletionTimestamp, finalizers } = metadata
  return isGuardedKind(kind) && deletionTimestamp === undefined && !finalizers.includes(FINALIZER)
}

/**
 * Whether somebody has deleted it and nothing of palisade's keeps it: what it was is in force no more, whatever else has
 * yet to let it go.
 */
export function isReleased({ metadata }: ServerObject): boolean {
  return metadata.deletionTimestamp !== undefined && !metadata.finalizers.includes(FINALIZER)
}

const GENERATED_LABEL = 'palisade.dev/generated'

/** Digest of the spec as palisade made it, and of whose it is: another spec is a person's, and so is a copy of the object. */
const DIGEST_ANNOTATION = 'palisade.dev/generated-digest'

/** What palisade applies of an object that it makes itself; `owner` is gone with: so is the object. */
export function generatedFields(object: PalisadeObject, owner: Owner | undefined): AppliedFields {
  const { metadata, spec } = object
  return {
    metadata: {
      labels: { ...metadata.labels, [GENERATED_LABEL]: 'true' },
      annotations: { [DIGEST_ANNOTATION]: digestOf(keyOf(object), spec) },
      ...(owner && { ownerReferences: [{ ...owner, controller: true }] }),
    },
    spec: { ...spec },
  }
}

export interface Owner {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}

/** Whether palisade made it, whoever has changed it since. */
export function wasGenerated({ metadata }: ServerObject): boolean {
  return metadata.labels[GENERATED_LABEL] === 'true'
}

/** Whether palisade made this very object, and nobody has changed its spec since: what somebody changed is declared by them. */
export function isGenerated(object: ServerObject): boolean {
  return isMadeWith(object, object.spec)
}

/** Whether the server has an object of palisade's own making as it is to be. */
export function isUpToDate(current: ServerObject, { spec }: PalisadeObject): boolean {
  return isGenerated(current) && isMadeWith(current, spec)
}

function isMadeWith(object: ServerObject, spec: object): boolean {
  const digest = digestOf(keyOfServerObject(object), spec)
  return wasGenerated(object) && object.metadata.annotations[DIGEST_ANNOTATION] === digest
}

const digestOf = (key: ObjectKey, spec: object): string => digestText(canonicalJson({ key, spec }))
