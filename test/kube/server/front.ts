import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'

/** What is answered in place of the API server. */
export interface FrontAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Stands before an API server: sees every request, and answers what the server will not answer on demand. */
export interface Front {
  readonly url: string
  /** Method and path of every request so far. */
  readonly requests: string[]
  /** Of those, the ones that made an object. */
  readonly created: string[]
  /** Answers in place of the server where it gives an answer; undefined lets the request through. */
  intercept: (method: string, path: string) => FrontAnswer | undefined
  /** Ends what runs through it at the moment; later connections work. */
  cut(): void
  close(): Promise<void>
}

export async function startFront(target: string): Promise<Front> {
  const agent = new Agent({ connect: { rejectUnauthorized: false }, bodyTimeout: 0 })
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing)
  })
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = incoming
    front.requests.push(`${method} ${url}`)
    const given = front.intercept(method, url)
    if (given !== undefined) {
      outgoing.writeHead(given.status, { ...given.headers }).end(given.body)
      return
    }
    const abort = new AbortController()
    outgoing.on('close', () => {
      abort.abort()
    })
    try {
      const { host: _host, connection: _connection, ...headers } = incoming.headers
      const upstream = await request(`${target}${url}`, {
        method: methodOf(method),
        headers,
        body: method === 'GET' ? null : incoming,
        dispatcher: agent,
        signal: abort.signal,
      })
      const { 'transfer-encoding': _encoding, ...given } = upstream.headers
      if (upstream.statusCode === 201) front.created.push(`${method} ${url}`)
      outgoing.writeHead(upstream.statusCode, given)
      outgoing.flushHeaders()
      for await (const chunk of upstream.body) outgoing.write(chunk)
      outgoing.end()
    } catch {
      outgoing.destroy()
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const front: Front = {
    url: `http://127.0.0.1:${String(port)}`,
    requests: [],
    created: [],
    intercept: () => undefined,
    cut: () => {
      server.closeAllConnections()
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await agent.destroy()
    },
  }
  return front
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

const methodOf = (text: string): (typeof METHODS)[number] =>
  METHODS.find((method) => method === text) ?? 'GET'
