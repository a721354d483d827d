import { API_GROUP } from '../api/objects.ts'
import { isRecord } from '../core/record.ts'
import { describeRequest, roleResource, type ApiRequest } from './api-request.ts'
import { qualifiedName } from './resource.ts'

export interface KubeErrorDetails {
  /** The status of HTTP; undefined where the server did not answer. */
  readonly code?: number | undefined
  /** The server's word for why: `Conflict`, `AlreadyExists`, `Expired`. */
  readonly reason?: string | undefined
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

/** A call to the API server failed: a sentence that says which, on what, and what would put it right. */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  readonly code: number | undefined
  readonly reason: string | undefined
  readonly retryAfter: number | undefined

  constructor(message: string, { code, reason, retryAfter, cause }: KubeErrorDetails = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
    this.reason = reason
    this.retryAfter = retryAfter
  }

  /** Whether the server cannot keep so much: what does not fit into etcd is an internal error of it. */
  get isTooLarge(): boolean {
    const { code, message } = this
    return code === 413 || ((code === 422 || code === 500) && TOO_LARGE.test(message))
  }

  /** Whether the next request may fail alike, whatever object it is about: no server, no rights, or too many requests. */
  get isAboutAll(): boolean {
    const { code, message } = this
    if (code === 403) return !OF_ONE.test(message) && !NAMES_ONE.test(message)
    if (code === undefined || code === 401 || code === 429) return true
    return code >= 500 && !this.isTooLarge && !message.includes(OF_WEBHOOK)
  }
}

/** The words of etcd, of the protocol that it speaks, and of the schema for one text. */
const TOO_LARGE = /request is too large|message larger than max|Too long/

/** Of refusals: a namespace that is being deleted, a quota, a policy. Where rights are missing, it is a `User` who may not. */
const OF_ONE = /is forbidden: (?!User )|admission webhook .* denied/

/** Rights may be missing for one namespace alone, or for one name. */
const NAMES_ONE = / "[^"]+" is forbidden: | in the namespace "/

/** Somebody's webhook does not answer: which objects it is asked about is not known. */
const OF_WEBHOOK = 'failed calling webhook'

/** An answer that is no success: its status, its headers in lower case, and its body. */
export interface Refusal {
  readonly code: number
  readonly retryAfterHeader: string | undefined
  readonly text: string
}

/** The error of an answer that refuses the request. */
export function refusalError(request: ApiRequest, refusal: Refusal): KubeError {
  const status = statusOf(refusal.text)
  const seconds = Number(refusal.retryAfterHeader ?? status.retryAfterSeconds)
  const reason = status.reason
  const retryAfter = Number.isFinite(seconds) ? seconds * 1000 : undefined
  return new KubeError(sentence(request, refusal, status), { code: refusal.code, reason, retryAfter })
}

/** The error of a request that got no whole answer. */
export function lostError(request: ApiRequest, cause: unknown): KubeError {
  return new KubeError(`cannot ${describeRequest(request)}: ${lossOf(cause)}`, { cause })
}

interface Status {
  readonly message: string | undefined
  readonly reason: string | undefined
  readonly retryAfterSeconds: number | undefined
}

/** What the server says in an object of the kind Status, or nothing where the text is none. */
function statusOf(text: string): Status {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  const { message, reason, details } = isRecord(value) ? value : {}
  const seconds = isRecord(details) ? details['retryAfterSeconds'] : undefined
  return {
    message: typeof message === 'string' ? message : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
    retryAfterSeconds: typeof seconds === 'number' ? seconds : undefined,
  }
}

function sentence(request: ApiRequest, { code, text }: Refusal, { message }: Status): string {
  const what = `cannot ${describeRequest(request)}`
  const { resource, verb } = request
  if (code === 404 && message === undefined) {
    const remedy =
      resource.group === API_GROUP ? 'run: palisade crds | kubectl apply --server-side -f -' : text.trim()
    return `${what}: the cluster does not serve ${qualifiedName(resource)}; ${remedy}`
  }
  if (code === 401) return `${what}: the API server does not accept the credentials (401 Unauthorized)`
  if (code === 403 && !OF_ONE.test(message ?? '')) {
    const right = `the verb ${verb} on ${roleResource(request)} of API group "${resource.group}"`
    return `${what}: forbidden; grant ${right} (${message ?? 'no reason given'})`
  }
  const said = message ?? firstLine(text)
  return `${what}: the API server answered ${code}${said === '' ? '' : `: ${said}`}`
}

/** Proxies answer with pages of HTML: the first line is enough of them. */
const LONGEST_LINE = 200

const firstLine = (text: string): string => (text.trim().split('\n')[0] ?? '').slice(0, LONGEST_LINE)

/** Why nothing came, in words where it is known; the errors of Node and undici carry codes. */
function lossOf(cause: unknown): string {
  const code = codeOf(cause)
  const known = code === undefined ? undefined : LOSSES[code]
  if (known !== undefined) return known
  if (cause instanceof Error) {
    const inner = cause.cause instanceof Error ? `: ${cause.cause.message}` : ''
    return `${cause.name === 'TimeoutError' ? 'the API server did not answer in time' : cause.message}${inner}`
  }
  return String(cause)
}

function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return codeOf(cause.cause)
}

const LOSSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the API server refuses connections (ECONNREFUSED)',
  ECONNRESET: 'the connection to the API server was cut (ECONNRESET)',
  ENOTFOUND: 'the name of the API server does not resolve (ENOTFOUND)',
  ETIMEDOUT: 'the API server cannot be reached (ETIMEDOUT)',
  UND_ERR_SOCKET: 'the API server closed the connection',
  UND_ERR_BODY_TIMEOUT: 'the API server has fallen silent',
  UND_ERR_HEADERS_TIMEOUT: 'the API server did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'the API server cannot be reached: connecting took too long',
  SELF_SIGNED_CERT_IN_CHAIN:
    'the certificate of the API server is signed by an authority that the kubeconfig does not name',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'the certificate of the API server is signed by an authority that the kubeconfig does not name',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the certificate of the API server is signed by an authority that the kubeconfig does not name',
}
