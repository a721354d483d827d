import { request as send, type Dispatcher } from 'undici'
import type { Timers } from '../source/timers.ts'
import { methodOf, pathOf, type ApiRequest } from './api-request.ts'
import { loadCredentials, type CredentialOptions, type Credentials } from './credentials.ts'
import { KubeError, lostError, refusalError } from './kube-error.ts'
import { jsonLines } from './json-lines.ts'
import { Transport } from './transport.ts'

export interface ConnectionOptions extends CredentialOptions {
  readonly timers: Timers
}

export interface WatchOptions {
  readonly signal: AbortSignal
  /** Milliseconds without a byte after which the server counts as gone. */
  readonly inactivityMs: number
}

/** A request that has not been answered by then is given up: the server may still carry it out. */
const DEADLINE_MS = 15_000

/** Attempts at a request that the server puts off with 429 or 503, within the deadline. */
const ATTEMPTS = 4

/** Milliseconds between them where the server names none. */
const PUT_OFF_MS = 250

/** One cluster, spoken to as one user. Every failure is a KubeError. */
export class Connection {
  readonly #credentialOptions: CredentialOptions
  readonly #timers: Timers
  readonly #transport = new Transport()
  #credentials: Credentials

  private constructor(credentials: Credentials, { timers, ...credentialOptions }: ConnectionOptions) {
    this.#credentials = credentials
    this.#credentialOptions = credentialOptions
    this.#timers = timers
  }

  /** Reads the credentials; the server is not asked yet. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    return new Connection(await loadCredentials(options), options)
  }

  /** The address of the server, for a person. */
  get server(): string {
    return this.#credentials.server
  }

  /** The namespace of the context, if it names one. */
  get namespace(): string | undefined {
    return this.#credentials.namespace
  }

  /** Resolves with the JSON of the answer. What the server did not even begin is tried again, for a while. */
  async request(request: ApiRequest, deadlineMs = DEADLINE_MS): Promise<unknown> {
    const end = this.#timers.now() + deadlineMs
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(request, AbortSignal.timeout(Math.max(1, end - this.#timers.now())))
      } catch (error) {
        if (!(error instanceof KubeError) || attempt === ATTEMPTS || !isPutOff(error)) throw error
        const wait = error.retryAfter ?? PUT_OFF_MS
        if (this.#timers.now() + wait >= end) throw error
        await new Promise<void>((resolve) => this.#timers.after(wait, resolve))
      }
    }
  }

  /** Opens a watch: its events, one JSON value each, until the server or the signal ends it. */
  async watch(request: ApiRequest, { signal, inactivityMs }: WatchOptions): Promise<AsyncIterable<unknown>> {
    const { body } = await this.#send(request, signal, 'Watch', inactivityMs)
    return readEvents(request, body)
  }

  /** Ends what is under way. */
  close(): Promise<void> {
    return this.#transport.close()
  }

  async #once(request: ApiRequest, signal: AbortSignal): Promise<unknown> {
    const { body } = await this.#send(request, signal, 'Request', DEADLINE_MS)
    try {
      return await body.json()
    } catch (error) {
      throw lostError(request, error)
    }
  }

  async #send(
    request: ApiRequest,
    signal: AbortSignal,
    use: 'Request' | 'Watch',
    bodyTimeout: number,
  ): Promise<Dispatcher.ResponseData> {
    const answer = await this.#exchange(request, signal, use, bodyTimeout)
    if (answer.statusCode !== 401) return successful(request, answer)
    await answer.body.dump()
    // Tokens are replaced while their old ones still hold, unless this process was late to look.
    this.#credentials = await loadCredentials(this.#credentialOptions)
    return successful(request, await this.#exchange(request, signal, use, bodyTimeout))
  }

  async #exchange(
    request: ApiRequest,
    signal: AbortSignal,
    use: 'Request' | 'Watch',
    bodyTimeout: number,
  ): Promise<Dispatcher.ResponseData> {
    const identity = await this.#credentials.current()
    const headers = {
      ...identity.headers,
      accept: 'application/json',
      ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
    }
    try {
      return await send(`${this.#credentials.server}${pathOf(request)}`, {
        method: methodOf(request),
        headers,
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        dispatcher: this.#transport.dispatcher(identity, use),
        signal,
        headersTimeout: DEADLINE_MS,
        bodyTimeout,
      })
    } catch (error) {
      throw lostError(request, error)
    }
  }
}

/** The server has said that it has not begun: too many requests, or not ready. */
const isPutOff = ({ code }: KubeError): boolean => code === 429 || code === 503

async function successful(
  request: ApiRequest,
  answer: Dispatcher.ResponseData,
): Promise<Dispatcher.ResponseData> {
  const { statusCode, headers, body } = answer
  if (statusCode >= 200 && statusCode < 300) return answer
  const retryAfter = headers['retry-after']
  throw refusalError(request, {
    code: statusCode,
    retryAfterHeader: typeof retryAfter === 'string' ? retryAfter : undefined,
    text: await body.text().catch(() => ''),
  })
}

async function* readEvents(request: ApiRequest, body: AsyncIterable<Uint8Array>): AsyncIterable<unknown> {
  try {
    yield* jsonLines(body)
  } catch (error) {
    throw lostError(request, error)
  }
}
