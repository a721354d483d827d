import type { KubeConfig } from '@kubernetes/client-node'
import type { AgentOptions } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import { Agent, ProxyAgent, type Dispatcher } from 'undici'
import { KubeError } from './kube-error.ts'

export interface DispatcherLimits {
  /** Connections at most; undefined: no limit. A running watch occupies one all the time. */
  readonly connections: number | undefined
}

/** Beyond this a server that lets nothing through is one that is not there. */
const CONNECT_MS = 5_000

/** Lost packets are noticed after this and ten probes of a second each. */
const KEEP_ALIVE_PROBE_MS = 10_000

/** A connection that rests this long is closed; undici's own 4 s would make most requests connect anew. */
const KEEP_ALIVE_MS = 60_000

/** The connections to the server, through the proxy of the kubeconfig where it names one. */
export function createDispatcher(
  config: KubeConfig,
  tls: AgentOptions,
  { connections }: DispatcherLimits,
): Dispatcher {
  const chosen = config.createDispatcherOptions(config.getCurrentCluster(), tls)
  const common = {
    ...(connections !== undefined && { connections }),
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const connect = { timeout: CONNECT_MS, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS }
  switch (chosen.type) {
    case 'proxy':
      return new ProxyAgent({
        ...common,
        uri: chosen.uri,
        requestTls: { ...trustOf(chosen.requestTls), ...connect },
      })
    case 'agent':
      return new Agent({ ...common, connect: { ...trustOf(chosen.connect), ...connect } })
    case 'none':
      return new Agent({ ...common, connect })
    case 'socks':
      throw new KubeError(`cannot connect through ${chosen.uri}: only proxies of HTTP are supported`)
    default:
      return chosen satisfies never
  }
}

type Trust = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>

/** Whom to trust and who one is; left out where it is not given, which undici tells from undefined. */
function trustOf({ ca, cert, key, rejectUnauthorized, servername }: ConnectionOptions): Trust {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    ...(servername !== undefined && { servername }),
  }
}
