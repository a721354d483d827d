import { Buffer } from 'node:buffer'
import { isRecord, type UnknownRecord } from '../../core/record.ts'
import type { Connection } from '../connection.ts'
import { KubeError } from '../kube-error.ts'
import { apiVersionOf, type Resource } from '../resource.ts'
import type { CertificateVault, StoredCertificates } from './certificate-keeper.ts'
import { readCertificate, splitBundle } from './certificates.ts'

const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', isNamespaced: true }

const CONFIGURATIONS: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  isNamespaced: false,
}

/** Owns the CA bundle alone, so that who deploys palisade again takes nothing of it away. */
const MANAGER = 'palisade-webhook'

/** The objects of the cluster that a webhook needs: both are there before it starts, and it makes neither. */
export interface VaultPlace {
  readonly namespace: string
  readonly secret: string
  readonly configuration: string
  /** The webhook of the configuration. */
  readonly webhook: string
}

/** The certificates in a Secret, as the type kubernetes.io/tls has them, and the CA in the webhook configuration. */
export class ClusterVault implements CertificateVault {
  readonly #connection: Connection
  readonly #place: VaultPlace
  /** The Secret as it was read last: with its resourceVersion, by which the server sees who was first. */
  #secret: UnknownRecord = {}

  constructor(connection: Connection, place: VaultPlace) {
    this.#connection = connection
    this.#place = place
  }

  async read(): Promise<StoredCertificates | undefined> {
    const { namespace, secret: name } = this.#place
    const answer = await this.#connection.request({ verb: 'get', resource: SECRETS, namespace, name })
    this.#secret = isRecord(answer) ? answer : {}
    return storedIn(this.#secret)
  }

  async write({ bundle, caKey, serving }: StoredCertificates): Promise<boolean> {
    const { namespace, secret: name } = this.#place
    const texts = {
      'ca.crt': bundle,
      'ca.key': caKey,
      'tls.crt': serving.certificate,
      'tls.key': serving.key,
    }
    const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, encode(text)]))
    try {
      const body = { ...this.#secret, apiVersion: apiVersionOf(SECRETS), kind: SECRETS.kind, data }
      await this.#connection.request({ verb: 'update', resource: SECRETS, namespace, name, body })
      return true
    } catch (error) {
      if (error instanceof KubeError && error.code === 409) return false
      throw error
    }
  }

  async trust(bundle: string): Promise<void> {
    const { configuration: name, webhook } = this.#place
    await this.#connection.request({
      verb: 'patch',
      resource: CONFIGURATIONS,
      name,
      query: { fieldManager: MANAGER, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: apiVersionOf(CONFIGURATIONS),
        kind: CONFIGURATIONS.kind,
        metadata: { name },
        webhooks: [{ name: webhook, clientConfig: { caBundle: encode(bundle) } }],
      },
    })
  }
}

const encode = (text: string): string => Buffer.from(text).toString('base64')

/** What somebody has spoilt counts as nothing, and is made anew. */
function storedIn({ data }: UnknownRecord): StoredCertificates | undefined {
  const fields = isRecord(data) ? data : {}
  const text = (name: string): string => {
    const value = fields[name]
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''
  }
  const bundle = text('ca.crt')
  const stored = {
    bundle,
    caKey: text('ca.key'),
    serving: { certificate: text('tls.crt'), key: text('tls.key') },
  }
  return isUsable(stored) ? stored : undefined
}

function isUsable({ bundle, caKey, serving }: StoredCertificates): boolean {
  const certificates = splitBundle(bundle)
  if (certificates.length === 0 || !caKey.includes('PRIVATE KEY') || serving.key === '') return false
  try {
    for (const certificate of [...certificates, serving.certificate]) readCertificate(certificate)
    return true
  } catch {
    return false
  }
}
