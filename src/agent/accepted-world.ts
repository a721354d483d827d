import type { ConditionType, Reason } from '../api/conditions.ts'
import { decodeEnforced } from '../api/enforced-object.ts'
import { KINDS, type Kind, type PalisadeObject } from '../api/objects.ts'
import { isError, sentenceOf, type Diagnostic } from '../core/diagnostic.ts'
import { displayKey, objectKey, type ObjectKey } from '../core/key.ts'
import { isRecord } from '../core/record.ts'
import type { ObjectChange } from '../kube/change-feed.ts'
import { isGenerated, isReleased, wasGenerated } from '../kube/ownership.ts'
import { declaredObject, type ServerObject } from '../kube/server-object.ts'
import { conditionsOf } from '../kube/written-status.ts'
import { mayReplaceDefault } from '../policy/model/default-groups.ts'
import type { AcceptedVersion } from '../store/store.ts'

/** What there is of an object. */
export interface Presence {
  /** Another one is another object of the same name; undefined: unknown. */
  readonly uid: string | undefined
  /** Undefined: nothing of it is accepted. */
  readonly version: AcceptedVersion | undefined
}

/**
 * What the controller has put into force, as far as one node needs it. The maps of an earlier world are changed in place
 * by the next `read` of its reader.
 */
export interface AcceptedWorld {
  readonly versions: ReadonlyMap<ObjectKey, AcceptedVersion>
  /** Everything that there is, accepted or not. */
  readonly present: Pick<ReadonlyMap<ObjectKey, Presence>, 'get' | 'has'>
  /** Groups that are declared and of which no version was ever accepted: no default group takes their names. */
  readonly reserved: ReadonlySet<ObjectKey>
  /** Why what the cluster has as the version in force of an object is taken for none, as sentences. */
  readonly unreadable?: ReadonlyMap<ObjectKey, string>
  /** Those whose versions are among these; absent: all. */
  readonly namespaces?: Pick<ReadonlySet<string>, 'has'>
  /** Its number among those of its reader; absent: it is of none. */
  readonly revision?: number
  /** All that may differ from the world of the revision before; absent: anything. */
  readonly changed?: ReadonlySet<ObjectKey>
}

/** What is wrong with an object by itself, and the object where nothing is. */
export type Validate = (object: PalisadeObject) => {
  readonly object: PalisadeObject | undefined
  readonly findings: readonly Diagnostic[]
}

/** The kinds from which rules follow. */
export const RULE_KINDS: readonly Kind[] = KINDS.filter((kind) => kind !== 'ReachabilityCheck')

/** What was read of an object. */
interface Known extends Presence {
  readonly source: ServerObject
  readonly text: string
  /** Why there is no version although the text is there. */
  readonly fault?: string
  /** Whether no default group takes its name although there is no version. */
  readonly isReserved: boolean
}

/**
 * Reads the accepted versions out of the statuses. A controller of another release, or anyone who may write statuses, can
 * have written what no rules can be computed from: that object alone has no accepted version then. A version that did
 * not change stays the same object.
 */
export class AcceptedReader {
  readonly #node: string
  readonly #validate: Validate
  readonly #known = new Map<ObjectKey, Known>()
  /** How many instances of the node a namespace has; none that has none. */
  readonly #own = new Map<string, number>()
  #namespaces: ReadonlySet<string> = new Set([''])
  #versions = new Map<ObjectKey, AcceptedVersion>()
  #reserved = new Set<ObjectKey>()
  #unreadable = new Map<ObjectKey, string>()
  #world: AcceptedWorld | undefined
  #revision = 0

  constructor(node: string, validate: Validate) {
    this.#node = node
    this.#validate = validate
  }

  /**
   * Takes in what changed since it was last asked. Objects refer to those of their own namespace alone, so others than
   * those of the node's instances are left out. The same world as before where nothing in it changed.
   */
  read(changes: Iterable<Pick<ObjectChange, 'key' | 'now'>>): AcceptedWorld {
    const changed = new Set<ObjectKey>()
    for (const { key, now } of changes) {
      const before = this.#known.get(key)
      const known = now === undefined || isReleased(now) ? undefined : this.#read(now, before)
      if (known === undefined) this.#known.delete(key)
      else this.#known.set(key, known)
      if (saysTheSame(before, known)) continue
      changed.add(key)
      this.#count(before, -1)
      this.#count(known, 1)
    }
    if (this.#world !== undefined && changed.size === 0) return this.#world
    const hasOtherNamespaces =
      this.#namespaces.size !== this.#own.size + 1 || !isWithin(this.#own.keys(), this.#namespaces)
    if (hasOtherNamespaces || this.#world === undefined) return (this.#world = this.#whole())
    for (const key of changed) this.#place(key, this.#known.get(key))
    return (this.#world = { ...this.#world, revision: ++this.#revision, changed })
  }

  #count(known: Known | undefined, by: 1 | -1): void {
    if (known?.version === undefined || nodeOf(known.version) !== this.#node) return
    const { namespace } = known.source.metadata
    const count = (this.#own.get(namespace) ?? 0) + by
    if (count === 0) this.#own.delete(namespace)
    else this.#own.set(namespace, count)
  }

  #whole(): AcceptedWorld {
    this.#namespaces = new Set(['', ...this.#own.keys()])
    this.#versions = new Map()
    this.#reserved = new Set()
    this.#unreadable = new Map()
    for (const [key, known] of this.#known) this.#place(key, known)
    const [versions, present, reserved] = [this.#versions, this.#known, this.#reserved]
    const [unreadable, namespaces] = [this.#unreadable, this.#namespaces]
    return { versions, present, reserved, unreadable, namespaces, revision: ++this.#revision }
  }

  #place(key: ObjectKey, known: Known | undefined): void {
    const isNear = known !== undefined && this.#namespaces.has(known.source.metadata.namespace)
    if (isNear && known.version !== undefined) this.#versions.set(key, known.version)
    else this.#versions.delete(key)
    if (isNear && known.isReserved) this.#reserved.add(key)
    else this.#reserved.delete(key)
    // Whose instance it is cannot be told.
    const isTold = isNear || known?.source.kind === 'Instance'
    if (isTold && known.fault !== undefined) this.#unreadable.set(key, known.fault)
    else this.#unreadable.delete(key)
  }

  #read(source: ServerObject, before: Known | undefined): Known {
    const { enforced } = source.status
    const uid = uidOf(source)
    const nothing = (): Known => {
      return { source, uid, text: '', version: undefined, isReserved: this.#isReserved(source) }
    }
    if (!isRecord(enforced)) return nothing()
    const { generation, digest, object: text } = enforced
    if (typeof generation !== 'number' || typeof digest !== 'string' || typeof text !== 'string') {
      return nothing()
    }
    const last = before?.text === text && before.uid === uid ? before.version : undefined
    const found = { source, uid, text, isReserved: false }
    if (last?.generation === generation && last.digest === digest) return { ...found, version: last }
    const object = last?.object ?? this.#decode(source, text)
    if (typeof object === 'string') return { ...nothing(), fault: object }
    return { ...found, version: { generation, digest, object } }
  }

  /** Whether it is somebody's group that may be meant for a default group; of what is not valid nobody can tell. */
  #isReserved(source: ServerObject): boolean {
    if (!isSomebodys(source)) return false
    const group = isRecord(source.spec['vpcRef']) ? declaredObject(source) : undefined
    return mayReplaceDefault(group && this.#validate(group).object)
  }

  /** A sentence where the text is of no valid object. */
  #decode(source: ServerObject, text: string): PalisadeObject | string {
    const { kind, metadata } = source
    const { name, namespace } = metadata
    const uid = uidOf(source)
    const decoded = decodeEnforced({ kind, name, namespace, ...(uid !== undefined && { uid }) }, text)
    const what = `status.enforced of ${displayKey(objectKey(kind, namespace, name))} cannot be read, so what was in force of it stays`
    if (decoded === undefined) return `${what}: it is no object of palisade`
    const { object, findings } = this.#validate(decoded)
    const [first, ...rest] = findings.filter(isError)
    return object ?? (first === undefined ? what : `${what}: ${sentenceOf(first, rest.length)}`)
  }
}

/** The node that an instance is to be enforced on. */
export function nodeOf({ object }: AcceptedVersion): string | undefined {
  return object.kind === 'Instance' ? object.spec.attachment?.nodeName : undefined
}

function uidOf({ metadata }: ServerObject): string | undefined {
  return metadata.uid === '' ? undefined : metadata.uid
}

function saysTheSame(a: Known | undefined, b: Known | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.version === b.version && a.uid === b.uid && a.fault === b.fault && a.isReserved === b.isReserved
}

function isWithin(keys: Iterable<string>, set: ReadonlySet<string>): boolean {
  for (const key of keys) if (!set.has(key)) return false
  return true
}

/**
 * Whether a group that has no accepted version is somebody's. One that palisade made and somebody changed is theirs once
 * the controller has refused it: while it has not looked at the change, or holds it back for the sake of a check, the
 * default group is in force.
 */
function isSomebodys(object: ServerObject): boolean {
  if (object.kind !== 'SecurityGroup' || isGenerated(object)) return false
  return !wasGenerated(object) || isRefused(object)
}

const ACCEPTED: ConditionType = 'Accepted'
const HELD: Reason = 'ChangeBlocked'

function isRefused({ metadata, status }: ServerObject): boolean {
  if (status['observedGeneration'] !== metadata.generation) return false
  const verdict = conditionsOf(status).get(ACCEPTED)
  return verdict !== undefined && verdict['status'] !== 'True' && verdict['reason'] !== HELD
}
