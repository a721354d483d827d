import { KINDS, type Kind } from '../api/objects.ts'
import type { ObjectKey } from '../core/key.ts'
import { isRecord } from '../core/record.ts'
import type { ServerObject } from '../kube/server-object.ts'
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

/** What was read of an object. */
interface Known {
  readonly source: ServerObject
  readonly text: string
  readonly version: AcceptedVersion | undefined
}

/** Reads the accepted versions out of the statuses. A version that did not change stays the same object. */
export class AcceptedReader {
  readonly #node: string
  #known: ReadonlyMap<ObjectKey, Known> = new Map()
  #world: AcceptedWorld | undefined

  constructor(node: string) {
    this.#node = node
  }

  /**
   * Objects refer to those of their own namespace alone, so others than those of the node's instances are left out.
   * The same world as before where nothing in it changed.
   */
  read(objects: Iterable<readonly [ObjectKey, ServerObject]>): AcceptedWorld {
    const known = new Map<ObjectKey, Known>()
    let hasChanged = this.#world === undefined
    for (const [key, object] of objects) {
      const before = this.#known.get(key)
      const now = before?.source === object ? before : this.#read(object, before)
      hasChanged ||= before === undefined || !saysTheSame(before, now)
      known.set(key, now)
    }
    const isSame = !hasChanged && known.size === this.#known.size
    this.#known = known
    return (this.#world = isSame && this.#world !== undefined ? this.#world : this.#worldOf(known))
  }

  #worldOf(known: ReadonlyMap<ObjectKey, Known>): AcceptedWorld {
    const namespaces = new Set([''])
    for (const { source, version } of known.values()) {
      if (version !== undefined && nodeOf(version) === this.#node) namespaces.add(source.metadata.namespace)
    }
    const versions = new Map<ObjectKey, AcceptedVersion>()
    const reserved = new Set<ObjectKey>()
    for (const [key, { source, version }] of known) {
      if (!namespaces.has(source.metadata.namespace)) continue
      if (version !== undefined) versions.set(key, version)
      else if (isReserved(source)) reserved.add(key)
    }
    return { versions, present: new Set(known.keys()), reserved }
  }

  #read(source: ServerObject, before: Known | undefined): Known {
    const { kind, metadata, status } = source
    const { enforced } = status
    const nothing = { source, text: '', version: undefined }
    if (!isRecord(enforced)) return nothing
    const { generation, digest, object: text } = enforced
    if (typeof generation !== 'number' || typeof digest !== 'string' || typeof text !== 'string') {
      return nothing
    }
    const last = before?.text === text ? before.version : undefined
    if (last?.generation === generation && last.digest === digest) return { source, text, version: last }
    const { name, namespace } = metadata
    const object = last?.object ?? decodeEnforced({ kind, name, namespace }, text)
    return { source, text, version: object && { generation, digest, object } }
  }
}

/** The node that an instance is to be enforced on. */
export function nodeOf({ object }: AcceptedVersion): string | undefined {
  return object.kind === 'Instance' ? object.spec.attachment?.nodeName : undefined
}

function saysTheSame(a: Known, b: Known): boolean {
  return a === b || (a.version === b.version && isReserved(a.source) === isReserved(b.source))
}

/** Whether a group that has no accepted version is somebody's. */
const isReserved = (object: ServerObject): boolean => object.kind === 'SecurityGroup' && !isGenerated(object)

const isGenerated = ({ metadata }: ServerObject): boolean => metadata.labels[GENERATED_LABEL] === 'true'
