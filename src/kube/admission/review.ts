import { isRecord, type UnknownRecord } from '../../core/record.ts'

export const REVIEW_VERSION = 'admission.k8s.io/v1'

/** What the API server asks about one object. */
export interface AdmissionRequest {
  readonly uid: string
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly userName: string
  readonly dryRun: boolean
  /** Undefined: it is to go. */
  readonly object: UnknownRecord | undefined
  readonly oldObject: UnknownRecord | undefined
}

/** What it is told. */
export interface Decision {
  /** Why not, as sentences; undefined: it may be. */
  readonly refusal: string | undefined
  readonly warnings: readonly string[]
}

/** Reads an AdmissionReview; undefined where it is none, or of an operation that nobody asked to be told of. */
export function readReview(value: unknown): AdmissionRequest | undefined {
  if (!isRecord(value) || value['apiVersion'] !== REVIEW_VERSION || !isRecord(value['request'])) {
    return undefined
  }
  const { uid, operation, userInfo, dryRun, object, oldObject } = value['request']
  if (typeof uid !== 'string' || uid === '') return undefined
  if (operation !== 'CREATE' && operation !== 'UPDATE' && operation !== 'DELETE') return undefined
  const userName = isRecord(userInfo) ? userInfo['username'] : undefined
  return {
    uid,
    operation,
    userName: typeof userName === 'string' ? userName : '',
    dryRun: dryRun === true,
    object: isRecord(object) ? object : undefined,
    oldObject: isRecord(oldObject) ? oldObject : undefined,
  }
}

/** 422 is what an API server says of an object that its own schema refuses. */
const REFUSED = { code: 422, reason: 'Invalid' } as const

/** The AdmissionReview that answers a request. */
export function reviewAnswer(uid: string, { refusal, warnings }: Decision): UnknownRecord {
  return {
    apiVersion: REVIEW_VERSION,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: refusal === undefined,
      ...(refusal !== undefined && { status: { ...REFUSED, message: refusal } }),
      ...(warnings.length > 0 && { warnings }),
    },
  }
}
