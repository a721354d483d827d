import { isList, isRecord } from '../core/record.ts'
import type { ApiRequest } from './api-request.ts'
import type { Connection } from './connection.ts'
import { KubeError } from './kube-error.ts'
import { serverObject, type ServerObject } from './server-object.ts'
import { isOlder } from './resource-version.ts'

/** Objects in one page: 5,000 took as long in pages of this size as in one piece. */
const PAGE = 500

export interface ObjectList {
  readonly objects: readonly ServerObject[]
  readonly resourceVersion: string
}

/** Reads all objects of a list, page after page, as of one moment. */
export async function listObjects(
  connection: Connection,
  request: Omit<ApiRequest, 'verb'>,
): Promise<ObjectList> {
  const objects: ServerObject[] = []
  for (let token = ''; ;) {
    const query = { ...request.query, limit: String(PAGE), ...(token !== '' && { continue: token }) }
    const answer = await connection.request({ ...request, verb: 'list', query })
    const { metadata, items } = isRecord(answer) ? answer : {}
    if (!isRecord(metadata) || !isList(items)) throw new KubeError('the API server sent no list')
    for (const item of items) {
      const object = serverObject(item)
      if (object !== undefined) objects.push(object)
    }
    const { continue: next, resourceVersion } = metadata
    if (typeof next === 'string' && next !== '') token = next
    else return { objects, resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '' }
  }
}

/**
 * Whether the server has gone back to before a version, as after etcd was restored: clients that watch on from it would
 * be told nothing.
 */
export async function hasGoneBack(
  connection: Connection,
  request: Omit<ApiRequest, 'verb'>,
  version: string,
): Promise<boolean> {
  const answer = await connection.request({ ...request, verb: 'list', query: { limit: '1' } })
  const { metadata } = isRecord(answer) ? answer : {}
  const now = isRecord(metadata) ? metadata['resourceVersion'] : undefined
  return typeof now === 'string' && isOlder(now, version)
}
