import type { KubeConfig } from '@kubernetes/client-node'
import { createHash } from 'node:crypto'
import type { RequestOptions } from 'node:https'
import type { Dispatcher } from 'undici'
import { isRecord } from '../core/record.ts'
import { createDispatcher, type DispatcherLimits } from './dispatchers.ts'
import { KubeError } from './kube-error.ts'

export interface CredentialOptions {
  /** The path of a kubeconfig; absent: as kubectl finds it, and within a Pod its service account. */
  readonly kubeconfig?: string | undefined
  /** The context of the kubeconfig; absent: its current one. */
  readonly context?: string | undefined
  /** Use the service account that a Pod has below this folder; '' is where Pods have it. */
  readonly serviceAccountRoot?: string | undefined
}

/** Where the server is, and who asks it. */
export interface Credentials {
  /** Without a slash at its end. */
  readonly server: string
  /** The namespace of the context, if it names one. */
  readonly namespace: string | undefined
  /** What a request made now is to carry. Tokens and certificates on disk are read again when they are due. */
  current(): Promise<Identity>
}

export interface Identity {
  readonly headers: Readonly<Record<string, string>>
  /** Changes with the certificates, which connections that are kept go on using. */
  readonly fingerprint: string
  createDispatcher(limits: DispatcherLimits): Dispatcher
}

/** Rejects with KubeError when the kubeconfig cannot be read, or lacks what is asked for. */
export async function loadCredentials(options: CredentialOptions): Promise<Credentials> {
  const config = await loadConfig(options)
  const { context } = options
  if (context !== undefined) {
    if (config.getContextObject(context) === null) {
      const known = config.getContexts().map(({ name }) => name)
      throw new KubeError(`the kubeconfig has no context ${context}: it has ${known.join(', ') || 'none'}`)
    }
    config.setCurrentContext(context)
  }
  const cluster = config.getCurrentCluster()
  if (cluster === null) {
    throw new KubeError('the kubeconfig names no cluster: set its current-context, or pass --context')
  }
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace,
    current: () => identityOf(config),
  }
}

/** The context that client-node makes up when it finds no kubeconfig at all: one for localhost:8080. */
const MADE_UP = 'loaded-context'

async function loadConfig({ kubeconfig, serviceAccountRoot }: CredentialOptions): Promise<KubeConfig> {
  // Loading it takes half a second and 60 MB, which only those pay who talk to a cluster.
  const client = await import('@kubernetes/client-node')
  const config = new client.KubeConfig()
  try {
    if (serviceAccountRoot !== undefined) config.loadFromCluster(serviceAccountRoot)
    else if (kubeconfig !== undefined) config.loadFromFile(kubeconfig)
    else config.loadFromDefault()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new KubeError(`cannot read the kubeconfig: ${reason}`, { cause: error })
  }
  if (config.getCurrentContext() === MADE_UP) {
    throw new KubeError('found no kubeconfig: pass --kubeconfig, set KUBECONFIG, or run in a Pod')
  }
  return config
}

async function identityOf(config: KubeConfig): Promise<Identity> {
  const options: RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new KubeError(`cannot get the credentials of the kubeconfig: ${reason}`, { cause: error })
  }
  const { ca, cert, key, auth, rejectUnauthorized, servername } = options
  const headers = headersOf(options)
  if (typeof auth === 'string') {
    headers['Authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`
  }
  const hash = createHash('sha256')
  for (const part of [ca, cert, key].flat()) {
    hash.update(typeof part === 'string' || Buffer.isBuffer(part) ? part : '').update('\0')
  }
  return {
    headers,
    fingerprint: hash.digest('hex'),
    createDispatcher: (limits) =>
      createDispatcher(config, { ca, cert, key, rejectUnauthorized, servername }, limits),
  }
}

function headersOf({ headers }: RequestOptions): Record<string, string> {
  const texts: Record<string, string> = {}
  if (!isRecord(headers)) return texts
  for (const [name, value] of Object.entries(headers)) {
    // A token file may end with a newline, which no header may hold.
    if (typeof value === 'string') texts[name] = value.trim()
  }
  return texts
}
