import type { Dispatcher } from 'undici'
import type { Identity } from './credentials.ts'

/**
 * About as fast as no limit at all, at 32 requests at once; each one more costs the server a handshake
 * of TLS and both ends a descriptor.
 */
const CONNECTIONS = 8

/**
 * The connections that are kept: one set for requests and one for watches, since a watch occupies its
 * connection for as long as it runs, and requests would wait behind it for ever.
 */
export class Transport {
  #fingerprint: string | undefined
  #requests: Dispatcher | undefined
  #watches: Dispatcher | undefined

  /** New ones when the certificates have changed: the old ones end when what runs on them has ended. */
  dispatcher(identity: Identity, use: 'Request' | 'Watch'): Dispatcher {
    if (identity.fingerprint !== this.#fingerprint) {
      for (const old of [this.#requests, this.#watches]) void old?.close()
      this.#requests = undefined
      this.#watches = undefined
      this.#fingerprint = identity.fingerprint
    }
    if (use === 'Watch') return (this.#watches ??= identity.createDispatcher({ connections: undefined }))
    return (this.#requests ??= identity.createDispatcher({ connections: CONNECTIONS }))
  }

  async close(): Promise<void> {
    await Promise.all([this.#requests?.destroy(), this.#watches?.destroy()])
  }
}
