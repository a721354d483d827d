import 'reflect-metadata'
import { randomBytes, webcrypto, X509Certificate as ReadableCertificate } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509Certificate,
} from '@peculiar/x509'

/** A certificate and its private key, as PEM. */
export interface Credential {
  readonly certificate: string
  readonly key: string
}

/** From when to when something is valid. */
export interface Validity {
  readonly from: Date
  readonly to: Date
}

/** What every TLS client of today knows; an RSA key of the same strength takes a hundred times as long to make. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A CA that signs certificates of servers and nothing below it. */
export async function issueCa(name: string, { from, to }: Validity): Promise<Credential> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: `CN=${name}`,
      notBefore: from,
      notAfter: to,
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { certificate: certificate.toString('pem'), key: await keyText(keys.privateKey) }
}

/**
 * The certificate of a server under its names. They stand in the subject alternative names: API servers look at
 * nothing else.
 */
export async function issueServing(
  ca: Credential,
  names: readonly string[],
  { from, to }: Validity,
): Promise<Credential> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const issuer = new X509Certificate(ca.certificate)
  const alternatives = names.map((value) => ({
    type: isIp(value) ? ('ip' as const) : ('dns' as const),
    value,
  }))
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: `CN=${names[0] ?? ''}`,
      issuer: issuer.subject,
      notBefore: from,
      notAfter: to,
      publicKey: keys.publicKey,
      signingKey: await signingKey(ca.key),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(alternatives),
        await AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { certificate: certificate.toString('pem'), key: await keyText(keys.privateKey) }
}

/** What a certificate says. */
export interface CertificateFacts extends Validity {
  readonly names: readonly string[]
  /** Whether the key of this CA has signed it. */
  readonly issuedBy: (ca: string) => boolean
}

/** Throws for what is no certificate. */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = new ReadableCertificate(pem)
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
  return {
    names,
    from: new Date(certificate.validFrom),
    to: new Date(certificate.validTo),
    issuedBy: (ca) => certificate.verify(new ReadableCertificate(ca).publicKey),
  }
}

/** The certificates of a bundle, in its order. */
export function splitBundle(bundle: string): readonly string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
}

const isIp = (name: string): boolean => /^[0-9.]+$/.test(name) || name.includes(':')

/** Positive and 126 bits long (RFC 5280: at most 20 bytes, and not to be guessed). */
function serialNumber(): string {
  return `40${randomBytes(15).toString('hex')}`
}

async function keyText(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

async function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = PemConverter.decode(pem)
  if (der === undefined) throw new Error('the key of the CA is no PEM')
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
}
