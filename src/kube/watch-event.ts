import { isRecord } from '../core/record.ts'
import type { ApiRequest } from './api-request.ts'
import { KubeError, refusalError } from './kube-error.ts'
import { serverObject, type ServerObject } from './server-object.ts'

export type WatchEvent = Change | Bookmark

interface Change {
  readonly type: 'Put' | 'Remove'
  readonly object: ServerObject
}

export interface Bookmark {
  readonly type: 'Bookmark'
  readonly resourceVersion: string
  /** All that there was when the watch was opened has been sent. */
  readonly endsInitial: boolean
}

const INITIAL_END = 'k8s.io/initial-events-end'

/** Reads one line of a watch. Throws KubeError for the error that it may be, and for what cannot be read. */
export function readWatchEvent(request: ApiRequest, line: unknown): WatchEvent {
  const { type, object } = isRecord(line) ? line : {}
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'Put', object: objectOf(object) }
    case 'DELETED':
      return { type: 'Remove', object: objectOf(object) }
    case 'BOOKMARK': {
      const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : {}
      const { resourceVersion, annotations } = metadata
      if (typeof resourceVersion !== 'string') break
      const endsInitial = isRecord(annotations) && annotations[INITIAL_END] === 'true'
      return { type: 'Bookmark', resourceVersion, endsInitial }
    }
    case 'ERROR': {
      const code = isRecord(object) && typeof object['code'] === 'number' ? object['code'] : 500
      throw refusalError(request, { code, retryAfterHeader: undefined, text: JSON.stringify(object) })
    }
    default:
  }
  throw new KubeError(`the API server sent an event that cannot be read: ${String(type)}`)
}

function objectOf(value: unknown): ServerObject {
  const object = serverObject(value)
  if (object === undefined) throw new KubeError('the API server sent an object without a name or a version')
  return object
}
