import type { Timers } from '../../source/timers.ts'
import type { Connection } from '../connection.ts'
import { Admission, type AdmissionWorld } from './admission.ts'
import { CERTIFICATE_LOOK_MS, keepCertificates } from './certificate-keeper.ts'
import { ClusterVault, type VaultPlace } from './cluster-vault.ts'
import { startWebhookServer, type WebhookServer } from './webhook-server.ts'

export interface WebhookOptions {
  readonly connection: Connection
  /** What it answers by; undefined while there is nothing to judge by. */
  readonly world: () => AdmissionWorld | undefined
  readonly place: VaultPlace
  /** Where it listens; port 0 takes a free one. */
  readonly host: string
  readonly port: number
  /** Under which the API server calls it. */
  readonly names: readonly string[]
  readonly timers: Timers
  readonly today: () => Date
  /** Told the port as soon as it can be asked. */
  readonly onListening: (port: number) => void
  /** Told why certificates could not be made or renewed; it is tried again. */
  readonly onProblem: (error: unknown) => void
}

export interface Webhook {
  readonly close: () => Promise<void>
}

/** Milliseconds until certificates that could not be looked after are tried again. */
const RETRY_MS = 10_000

/**
 * Answers the API server's questions, with a certificate that it looks after itself. A cluster that does not let it
 * have one does not keep anybody else from working: it tries again, and what it would have refused is refused by
 * the conditions of the object.
 */
export function startWebhook(options: WebhookOptions): Webhook {
  const { connection, world, place, names, timers, today, onProblem } = options
  const vault = new ClusterVault(connection, place)
  const clock = {
    now: () => timers.now(),
    wait: (milliseconds: number) =>
      new Promise<void>((resolve) => {
        timers.after(milliseconds, resolve)
      }),
  }
  const admission = new Admission(world, clock)
  let server: WebhookServer | undefined
  let served: string | undefined
  let cancel: (() => void) | undefined
  let isClosed = false
  const look = async (): Promise<number> => {
    try {
      const serving = await keepCertificates(vault, names, today())
      if (isClosed) return RETRY_MS
      if (server === undefined) {
        server = await startWebhookServer(admission, options, serving)
        options.onListening(server.port)
      } else if (served !== serving.certificate) server.replaceCertificate(serving)
      served = serving.certificate
      return CERTIFICATE_LOOK_MS
    } catch (error) {
      onProblem(error)
      return RETRY_MS
    }
  }
  const keepLooking = async (): Promise<void> => {
    const wait = await look()
    if (isClosed) await server?.close()
    else {
      cancel = timers.after(wait, () => {
        looking = keepLooking()
      })
    }
  }
  let looking = keepLooking()
  return {
    close: async () => {
      isClosed = true
      cancel?.()
      await looking
      await server?.close()
    },
  }
}
