import { KINDS, type Kind } from '../api/objects.ts'
import { parseKey, type ObjectKey } from '../core/key.ts'
import { isRecord } from '../core/record.ts'
import { keyOfServerObject, type ServerObject } from '../kube/server-object.ts'
import { decodeEnforced } from '../api/enforced-object.ts'
import type { AcceptedVersion } from '../store/store.ts'

/** What the controller has put into force, as far as one node needs it. */
export interface AcceptedWorld {
  readonly versions: ReadonlyMap<ObjectKey, AcceptedVersion>
  /** Everything that there is, accepted or not. */
  readonly present: ReadonlySet<ObjectKey>
  /** Groups that are declared and of which no version was ever accepted: no default group takes their names. */
  readonly reserved: ReadonlySet<ObjectKey>
}

/** The kinds from which rules follow. */
export const RULE_KINDS: readonly Kind[] = KINDS.filter((kind) => kind !== 'ReachabilityCheck')

/** Objects that palisade makes itself are labelled so; they follow from the others. */
const GENERATED_LABEL = 'palisade.dev/generated'

/** A version as it was read, and what it was read from. */
interface Known {
  readonly text: string
  readonly version: AcceptedVersion | undefined
}

/** Reads the accepted versions out of the statuses. A version that did not change stays the same object. */
export class AcceptedReader {
  readonly #node: string
  #known = new Map<ObjectKey, Known>()

  constructor(node: string) {
    this.#node = node
  }

  /** Objects refer to those of their own namespace alone, so others than those of the node's instances are left out. */
  read(objects: Iterable<ServerObject>): AcceptedWorld {
    const all = new Map<ObjectKey, AcceptedVersion>()
    const present = new Set<ObjectKey>()
    const unaccepted = new Set<ObjectKey>()
    const namespaces = new Set([''])
    const known = new Map<
      ObjectKey,
      { readonly text: string; readonly version: AcceptedVersion | undefined }
    >()
    for (const object of objects) {
      const key = keyOfServerObject(object)
      present.add(key)
      const entry = this.#read(key, object)
      if (entry !== undefined) known.set(key, entry)
      const version = entry?.version
      if (version === undefined) {
        if (object.kind === 'SecurityGroup' && !isGenerated(object)) unaccepted.add(key)
        continue
      }
      all.set(key, version)
      if (nodeOf(version) === this.#node) namespaces.add(object.metadata.namespace)
    }
    this.#known = known
    const isNeeded = (key: ObjectKey): boolean => namespaces.has(parseKey(key).namespace)
    return {
      versions: new Map([...all].filter(([key]) => isNeeded(key))),
      present,
      reserved: new Set([...unaccepted].filter(isNeeded)),
    }
  }

  #read(key: ObjectKey, { kind, metadata, status }: ServerObject): Known | undefined {
    const { enforced } = status
    if (!isRecord(enforced)) return undefined
    const { generation, digest, object: text } = enforced
    if (typeof generation !== 'number' || typeof digest !== 'string' || typeof text !== 'string') {
      return undefined
    }
    const before = this.#known.get(key)
    const last = before?.text === text ? before.version : undefined
    if (before !== undefined && last?.generation === generation && last.digest === digest) return before
    const { name, namespace } = metadata
    const object = last?.object ?? decodeEnforced({ kind, name, namespace }, text)
    return { text, version: object && { generation, digest, object } }
  }
}

/** The node that an instance is to be enforced on. */
export function nodeOf({ object }: AcceptedVersion): string | undefined {
  return object.kind === 'Instance' ? object.spec.attachment?.nodeName : undefined
}

const isGenerated = ({ metadata }: ServerObject): boolean => metadata.labels[GENERATED_LABEL] === 'true'
