import { isKind } from '../api/objects.ts'
import { parseKey, type ObjectKey } from '../core/key.ts'
import type { UnknownRecord } from '../core/record.ts'
import type { ApiRequest } from './api-request.ts'
import type { Connection } from './connection.ts'
import { KubeError } from './kube-error.ts'
import { apiVersionOf, resourceOf } from './resource.ts'
import { serverObject, type ServerObject } from './server-object.ts'

const APPLY = 'application/apply-patch+yaml'

/** What is applied besides the status: fields of metadata, and the spec where it is palisade's own. */
export interface AppliedFields {
  /** With `uid`, an object that has gone is not made again by taking something from it: 409 instead. */
  readonly metadata?: UnknownRecord
  readonly spec?: UnknownRecord
}

/** Writes palisade's objects, by server-side apply. Every failure is a KubeError. */
export class ClusterWriter {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Makes these the fields of status that the manager owns: what it applied before and leaves out now is
   * removed. 404 where the object has gone.
   */
  applyStatus(key: ObjectKey, status: UnknownRecord, manager: string): Promise<ServerObject> {
    return this.#apply(key, { status }, manager, 'status')
  }

  /** The same for what is no status. Creates the object where it is not there, unless `metadata` has a uid. */
  apply(key: ObjectKey, fields: AppliedFields, manager: string): Promise<ServerObject> {
    return this.#apply(key, fields, manager)
  }

  /** Asks to delete it: finalizers may keep it. With a uid only the object that has it. */
  async delete(key: ObjectKey, uid?: string): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(uid !== undefined && { preconditions: { uid } }),
    }
    await this.#connection.request({ ...placeOf(key), verb: 'delete', body })
  }

  async #apply(
    key: ObjectKey,
    { metadata, ...fields }: AppliedFields & { readonly status?: UnknownRecord },
    manager: string,
    subresource?: 'status',
  ): Promise<ServerObject> {
    const place = placeOf(key)
    const { resource, namespace, name } = place
    const body = {
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: { ...metadata, name, ...(namespace !== undefined && { namespace }) },
      ...fields,
    }
    const query = { fieldManager: manager, force: 'true' }
    const answer = await this.#connection.request({
      ...place,
      ...(subresource !== undefined && { subresource }),
      verb: 'patch',
      query,
      body,
      contentType: APPLY,
    })
    const object = serverObject(answer)
    if (object === undefined) throw new KubeError('the API server sent no object for what was applied')
    return object
  }
}

function placeOf(key: ObjectKey): Pick<ApiRequest, 'resource' | 'namespace'> & { readonly name: string } {
  const { kind, namespace, name } = parseKey(key)
  if (!isKind(kind)) throw new Error(`no kind of palisade's: ${key}`)
  const resource = resourceOf(kind)
  return { resource, namespace: resource.isNamespaced ? namespace : undefined, name }
}
