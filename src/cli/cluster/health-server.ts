import { createServer } from 'node:http'
import { UsageError } from '../exit-status.ts'

/** Why not, as a sentence; undefined: it is well. */
export type Check = () => string | undefined

export interface HealthServer {
  /** `host:port`, as it listens. */
  readonly address: string
  close(): Promise<void>
}

/** Answers probes, each path by its check: 200 and `ok`, or 503 and why not. Rejects when it cannot listen. */
export async function openHealthServer(
  address: string,
  checks: Readonly<Record<string, Check>>,
): Promise<HealthServer> {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(address) ?? []
  if (port === '') throw new UsageError(`${address} is no address to listen on: write HOST:PORT, or :PORT`)
  const server = createServer((request, response) => {
    const check = checks[request.url ?? '']
    const failure = check?.()
    const status = check === undefined ? 404 : failure === undefined ? 200 : 503
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`${check === undefined ? 'not found' : (failure ?? 'ok')}\n`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // Brackets are how an IPv6 address is written before a port.
    server.listen(Number(port), host.replace(/^\[(.*)\]$/, '$1'), resolve)
  })
  const bound = server.address()
  const actual = typeof bound === 'object' && bound !== null ? bound.port : Number(port)
  return {
    address: `${host}:${String(actual)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
