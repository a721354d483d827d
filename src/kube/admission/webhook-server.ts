import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Admission } from './admission.ts'
import { readReview, REVIEW_VERSION, reviewAnswer } from './review.ts'

/** A certificate with the chain that it needs, and its key, as PEM. */
export interface ServingCertificate {
  readonly certificate: string
  readonly key: string
}

export interface WebhookServer {
  /** The port that it listens on. */
  readonly port: number
  /** New connections get this certificate; those that are open stay. */
  readonly replaceCertificate: (serving: ServingCertificate) => void
  readonly close: () => Promise<void>
}

/** What the webhook configuration names; the API server adds `?timeout=2s`. */
const WEBHOOK_PATH = '/validate'

/** An object is at most 1.5 MB in the API server, and a review has two versions of it. */
const LARGEST_BYTES = 4 * 2 ** 20

/** Nobody but the API server is to ask, and it gives up after 30 s at the latest. */
const SLOWEST_MS = 30_000

/** Answers the API server over HTTPS. Rejects when it cannot listen. */
export async function startWebhookServer(
  admission: Pick<Admission, 'review'>,
  { host, port }: { readonly host: string; readonly port: number },
  { certificate, key }: ServingCertificate,
): Promise<WebhookServer> {
  const server = createServer({ cert: certificate, key, minVersion: 'TLSv1.2' }, (request, response) => {
    answer(admission, request)
      // A fault of ours: to say nothing of it would leave the API server waiting.
      .catch((error: unknown) => ({ status: 500, text: String(error) }))
      .then((result) => {
        send(response, result)
      })
      .catch(() => response.destroy())
  })
  server.requestTimeout = SLOWEST_MS
  server.headersTimeout = SLOWEST_MS
  await listen(server, host, port)
  return {
    port: portOf(server.address()),
    replaceCertificate: (next) => {
      server.setSecureContext({ cert: next.certificate, key: next.key })
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly text: string
}

async function answer(admission: Pick<Admission, 'review'>, request: IncomingMessage): Promise<Answer> {
  const [path] = (request.url ?? '').split('?')
  if (path !== WEBHOOK_PATH) return { status: 404, text: `ask ${WEBHOOK_PATH}` }
  if (request.method !== 'POST') return { status: 405, text: 'POST an AdmissionReview' }
  const body = await readBody(request)
  if (body === undefined) return { status: 413, text: `at most ${String(LARGEST_BYTES)} bytes` }
  const review = readReview(parseJson(body))
  if (review === undefined) return { status: 400, text: `this is no AdmissionReview of ${REVIEW_VERSION}` }
  const decision = await admission.review(review)
  if (decision === undefined) return { status: 503, text: 'palisade has not read all objects yet' }
  return { status: 200, text: JSON.stringify(reviewAnswer(review.uid, decision)) }
}

/** Undefined: it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue
    size += chunk.length
    if (size > LARGEST_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function send(response: ServerResponse, { status, text }: Answer): void {
  const type = status === 200 ? 'application/json' : 'text/plain; charset=utf-8'
  // The rest of a body that nobody has read would be taken for the next request.
  const rest = status === 413 ? { connection: 'close' } : {}
  response.writeHead(status, { 'content-type': type, ...rest })
  response.end(text)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0
