import { API_VERSION, keyOf, type PalisadeObject } from '../api/objects.ts'
import { objectKey, type ObjectKey } from '../core/key.ts'
import type { Moment } from '../core/moment.ts'
import { isRecord, type UnknownRecord } from '../core/record.ts'
import type { ClusterObjects } from './cluster-objects.ts'
import type { ClusterWriter } from './cluster-writer.ts'
import { KubeError } from './kube-error.ts'
import {
  CONTROLLER,
  FINALIZER,
  FINALIZER_MANAGER,
  generatedFields,
  isGenerated,
  isUpToDate,
  lacksFinalizer,
  type Owner,
} from './ownership.ts'
import type { ServerObject } from './server-object.ts'
import { WrittenObjects } from './written-objects.ts'
import { letGoStatus, tooLargeStatus } from './writers-verdicts.ts'
import { digestOfOwn, ownsProgrammed, statusToApply } from './written-status.ts'

/** A status that was written over another. */
export interface WrittenStatus {
  readonly key: ObjectKey
  readonly before: ServerObject
  readonly now: ServerObject
}

interface Answer {
  readonly seen: ServerObject | undefined
  readonly now: ServerObject
}

/** Brings single objects to where the engine wants them. Nothing is sent that is there already. */
export class ObjectWriter {
  readonly #cluster: ClusterObjects
  readonly #writer: ClusterWriter
  readonly #onWritten: (written: WrittenStatus) => void
  readonly #now: () => Moment
  readonly #written: WrittenObjects
  /** What the server answered to the last write, until the watch tells of something newer. */
  readonly #answers = new Map<ObjectKey, Answer>()

  constructor(
    cluster: ClusterObjects,
    writer: ClusterWriter,
    onWritten: (written: WrittenStatus) => void,
    now: () => Moment,
  ) {
    this.#cluster = cluster
    this.#writer = writer
    this.#onWritten = onWritten
    this.#now = now
    this.#written = new WrittenObjects(cluster, now)
  }

  /** Whether its status brings another version into force than the server knows of. */
  isEnforcedAnew(object: PalisadeObject): boolean {
    const known = this.current(keyOf(object))?.status['enforced']
    const { enforced } = object.status ?? {}
    if (enforced === undefined || !isRecord(known)) return enforced !== known
    return known['digest'] !== enforced.digest || known['generation'] !== enforced.generation
  }

  /** Objects of which others changed what was written. */
  lost(): readonly ObjectKey[] {
    return this.#written.lost()
  }

  /** True when the server has carried anything out. */
  async put(object: PalisadeObject): Promise<boolean> {
    const key = keyOf(object)
    const before = this.#answers.get(key)
    await this.#put(key, object)
    return this.#isAnswered(key, before)
  }

  /** An object without a uid is one that no server has given: palisade makes it. */
  async #put(key: ObjectKey, object: PalisadeObject): Promise<void> {
    const { uid } = object.metadata
    const found = this.current(key)
    if (uid === undefined) {
      const made = await this.#make(key, object, found)
      if (made !== undefined) await this.#applyStatus(key, object, made)
      return
    }
    // It has gone, or another has its name: the watch tells, and then it is looked at again.
    if (found?.metadata.uid !== uid) return
    await unlessGone(async () => {
      await this.#applyStatus(key, object, await this.#guard(key, found))
      return true
    })
  }

  /** Nothing of the object is in force any more. True when the server has carried anything out. */
  async remove(key: ObjectKey): Promise<boolean> {
    const current = this.current(key)
    this.#written.forget(key)
    if (current === undefined) return false
    const before = this.#answers.get(key)
    const isLetGo = await unlessGone(async () => {
      if (!isGenerated(current)) {
        await this.#withdraw(key, current)
        return this.#release(key, current)
      }
      await this.#writer.delete(key, current.metadata.uid)
      return true
    })
    return isLetGo || this.#isAnswered(key, before)
  }

  /** Of what others keep on the server, its status is not to say that it is in force. */
  async #withdraw(key: ObjectKey, current: ServerObject): Promise<void> {
    const status = letGoStatus(current, this.#now())
    if (status !== undefined) await this.#replaceStatus(key, current, status)
  }

  async #applyStatus(key: ObjectKey, object: PalisadeObject, current: ServerObject): Promise<void> {
    const isMade = object.metadata.uid === undefined
    const { deletionTimestamp, generation } = current.metadata
    // A deletion counts as a change of the object, and what it has led to is in this status.
    const isCounted = isMade || deletionTimestamp !== undefined
    const status = statusToApply(object, isCounted ? generation : undefined)
    const withProgrammed = ownsProgrammed(status)
    const digest = digestOfOwn(status, withProgrammed)
    const isSame = (other: ServerObject): boolean => digestOfOwn(other.status, withProgrammed) === digest
    const written = { digest, withProgrammed, isMade }
    if (isSame(current)) {
      this.#written.note(key, current, { ...written, isAsSent: true })
      return
    }
    const now = await this.#send(key, status, current)
    this.#written.note(key, now, { ...written, isAsSent: isSame(now) })
    this.#onWritten({ key, before: current, now })
  }

  /** Where the server cannot keep it, the conditions at least say so; it fails all the same. */
  async #send(key: ObjectKey, status: UnknownRecord, current: ServerObject): Promise<ServerObject> {
    try {
      return this.#note(key, await this.#writer.applyStatus(key, status, CONTROLLER))
    } catch (error) {
      if (error instanceof KubeError && error.isTooLarge) {
        this.#written.forget(key)
        await this.#replaceStatus(key, current, tooLargeStatus(current, status, this.#now()))
      }
      throw error
    }
  }

  async #replaceStatus(key: ObjectKey, current: ServerObject, status: UnknownRecord): Promise<void> {
    if (digestOfOwn(status, false) === digestOfOwn(current.status, false)) return
    this.#note(key, await this.#writer.applyStatus(key, status, CONTROLLER))
  }

  /** Undefined: a person's object has its name, and stays as it is. */
  async #make(
    key: ObjectKey,
    object: PalisadeObject,
    current: ServerObject | undefined,
  ): Promise<ServerObject | undefined> {
    if (current?.metadata.deletionTimestamp !== undefined) await this.#release(key, current)
    else if (current !== undefined && !isGenerated(current)) return undefined
    else if (current !== undefined && isUpToDate(current, object)) return current
    const fields = generatedFields(object, this.#ownerOf(object))
    return this.#note(key, await this.#writer.apply(key, fields, CONTROLLER))
  }

  /** The VPC of a default group. */
  #ownerOf(object: PalisadeObject): Owner | undefined {
    if (object.kind !== 'SecurityGroup') return undefined
    const { name } = object.spec.vpcRef
    const vpc = this.#cluster.get(objectKey('VPC', object.metadata.namespace ?? '', name))
    return vpc && { apiVersion: API_VERSION, kind: 'VPC', name, uid: vpc.metadata.uid }
  }

  /** Before anything of it is in force, what others may need is kept from going. */
  async #guard(key: ObjectKey, current: ServerObject): Promise<ServerObject> {
    if (!lacksFinalizer(current)) return current
    const { uid } = current.metadata
    const fields = { metadata: { uid, finalizers: [FINALIZER] } }
    return this.#note(key, await this.#writer.apply(key, fields, FINALIZER_MANAGER))
  }

  /** True when it was asked for. */
  async #release(key: ObjectKey, { metadata }: ServerObject): Promise<boolean> {
    if (metadata.deletionTimestamp === undefined || !metadata.finalizers.includes(FINALIZER)) return false
    await this.#writer.apply(key, { metadata: { uid: metadata.uid } }, FINALIZER_MANAGER)
    return true
  }

  /** An object as it was last seen, or as it was written since. */
  current(key: ObjectKey): ServerObject | undefined {
    const seen = this.#cluster.get(key)
    const answer = this.#answers.get(key)
    if (answer === undefined) return seen
    if (answer.seen === seen) return answer.now
    this.#answers.delete(key)
    return seen
  }

  #isAnswered(key: ObjectKey, before: Answer | undefined): boolean {
    const answer = this.#answers.get(key)
    return answer !== undefined && answer !== before
  }

  #note(key: ObjectKey, now: ServerObject): ServerObject {
    this.#answers.set(key, { seen: this.#cluster.get(key), now })
    return now
  }
}

/** Who has gone needs nothing, and another of the same name is looked at when the watch tells of it. */
async function unlessGone(write: () => Promise<boolean>): Promise<boolean> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof KubeError && (error.code === 404 || error.code === 409)) return false
    throw error
  }
}
