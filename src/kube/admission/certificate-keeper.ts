import { issueCa, issueServing, readCertificate, splitBundle, type Credential } from './certificates.ts'

/** What is kept where every controller finds it: a Secret. PEM throughout. */
export interface StoredCertificates {
  /** The CA that signs, then those that have signed what may still be in use. */
  readonly bundle: string
  readonly caKey: string
  readonly serving: Credential
}

/** Where certificates are kept, and who is told what to trust. */
export interface CertificateVault {
  /** Undefined: there are none, or none that can be read. */
  readonly read: () => Promise<StoredCertificates | undefined>
  /** False: somebody else has written since they were read. */
  readonly write: (certificates: StoredCertificates) => Promise<boolean>
  /** Has the API server trust these CAs when it calls; does nothing where it does. */
  readonly trust: (bundle: string) => Promise<void>
}

const DAY_MS = 86_400_000

/** As long as no clock is out by more, a certificate is valid wherever it comes. */
const SKEW_MS = 3_600_000
/** A CA is trusted by nobody but the API server, and for this webhook alone. */
const CA_DAYS = 3650
/** Longer than what it signs is valid, so that nothing outlives its CA. */
const CA_RENEWAL_DAYS = 365
const SERVING_DAYS = 90
const SERVING_RENEWAL_DAYS = 30

/** How often certificates are looked at. A new CA signs from the second look on, when it is trusted everywhere. */
export const CERTIFICATE_LOOK_MS = 3_600_000

/** How often it is tried to write before another controller that writes at the same time. */
const ATTEMPTS = 5

const CA_NAME = 'palisade webhook'

/**
 * Makes the certificates of the webhook, renews them in time, and has the API server trust them. To be called
 * every hour. Of two controllers that do so at once one wins, and both serve what it wrote.
 */
export async function keepCertificates(
  vault: CertificateVault,
  names: readonly string[],
  now: Date,
): Promise<Credential> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await vault.read()
    const next = await renewed(stored, names, now)
    if (next !== stored && !(await vault.write(next))) continue
    await vault.trust(next.bundle)
    return next.serving
  }
  throw new Error('the certificates of the webhook are written by others all the time')
}

/** The same object where nothing is due. */
async function renewed(
  stored: StoredCertificates | undefined,
  names: readonly string[],
  now: Date,
): Promise<StoredCertificates> {
  if (stored === undefined) return signed(await newCa(now), '', names, now)
  const [current = ''] = splitBundle(stored.bundle)
  const ca = { certificate: current, key: stored.caKey }
  if (isDue(ca, CA_RENEWAL_DAYS, now)) {
    const fresh = await newCa(now)
    if (isDue(stored.serving, 0, now)) return signed(fresh, stored.bundle, names, now)
    // What is served stays until the API server is known to trust the new one.
    return { ...stored, bundle: bundleOf(fresh, stored.bundle, now), caKey: fresh.key }
  }
  const { issuedBy, names: served } = readCertificate(stored.serving.certificate)
  const isOther = !issuedBy(current) && now.getTime() - readCertificate(current).from.getTime() > 2 * SKEW_MS
  const isNamed = names.every((name) => served.includes(name))
  if (isNamed && !isOther && !isDue(stored.serving, SERVING_RENEWAL_DAYS, now)) return stored
  return signed(ca, stored.bundle, names, now)
}

async function signed(
  ca: Credential,
  others: string,
  names: readonly string[],
  now: Date,
): Promise<StoredCertificates> {
  const serving = await issueServing(ca, names, validity(now, SERVING_DAYS))
  return { bundle: bundleOf(ca, others, now), caKey: ca.key, serving }
}

function newCa(now: Date): Promise<Credential> {
  return issueCa(CA_NAME, validity(now, CA_DAYS))
}

function validity(now: Date, days: number): { readonly from: Date; readonly to: Date } {
  return { from: new Date(now.getTime() - SKEW_MS), to: new Date(now.getTime() + days * DAY_MS) }
}

function isDue({ certificate }: Credential, days: number, now: Date): boolean {
  return readCertificate(certificate).to.getTime() - now.getTime() < days * DAY_MS
}

function bundleOf({ certificate }: Credential, others: string, now: Date): string {
  const kept = splitBundle(others).filter((one) => one !== certificate && readCertificate(one).to > now)
  return [certificate, ...kept].map((one) => `${one.trim()}\n`).join('')
}
