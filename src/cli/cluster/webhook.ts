import type { Log } from '../live/log.ts'
import type { AdmissionWorld } from '../../kube/admission/admission.ts'
import type { Connection } from '../../kube/connection.ts'
import type { Timers } from '../../source/timers.ts'
import { UsageError } from '../exit-status.ts'

/** The names of the Secret and the Service, and of what tells the API server to ask. As in manifests/deploy. */
const SERVICE = 'palisade-webhook'
const CONFIGURATION = 'palisade'
const WEBHOOK = 'objects.palisade.dev'

export interface DoorOptions {
  /** `host:port`, or `:port`. */
  readonly address: string
  /** Besides the Service. */
  readonly names: readonly string[]
  /** Of the Secret and the Service. */
  readonly namespace: string
  readonly connection: Connection
  readonly timers: Timers
  readonly today: () => Date
  readonly log: Log
}

/** Where the API server asks. Who does not lead does not answer. */
export interface Door {
  /** Answers by this world; undefined: by none. */
  open: (world: AdmissionWorld | undefined) => void
  readonly close: () => Promise<void>
}

/** Loads what certificates are made with, which takes half a second, for those alone that have a webhook. */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { address, names, namespace, connection, timers, today, log } = options
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(address) ?? []
  if (port === '') throw new UsageError(`${address} is no address to listen on: write HOST:PORT, or :PORT`)
  const { startWebhook } = await import('../../kube/admission/webhook.ts')
  let current: AdmissionWorld | undefined
  const webhook = startWebhook({
    ...{ connection, timers, today, port: Number(port) },
    host: host === '' ? '::' : host,
    world: () => current,
    place: { namespace, secret: SERVICE, configuration: CONFIGURATION, webhook: WEBHOOK },
    names: [`${SERVICE}.${namespace}.svc`, ...names],
    onListening: (bound) => {
      log.info({ port: bound }, 'the webhook listens')
    },
    onProblem: (error) => {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the webhook is not ready')
    },
  })
  return {
    open: (world) => {
      current = world
    },
    close: () => webhook.close(),
  }
}
