import { X509Certificate } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  keepCertificates,
  type CertificateVault,
  type StoredCertificates,
} from '../../../src/kube/admission/certificate-keeper.ts'
import { splitBundle } from '../../../src/kube/admission/certificates.ts'

const START = new Date('2026-03-01T00:00:00Z')
const NAMES = ['palisade.palisade-system.svc', '127.0.0.1']
const after = (days: number, hours = 0): Date =>
  new Date(START.getTime() + days * 86_400_000 + hours * 3_600_000)

/** A vault in memory that remembers what it was told. */
class Vault implements CertificateVault {
  stored: StoredCertificates | undefined
  trusted = ''
  writes = 0
  /** Runs once before the next write, which then comes too late. */
  rival: (() => Promise<void>) | undefined

  read = (): Promise<StoredCertificates | undefined> => Promise.resolve(this.stored)
  write = async (certificates: StoredCertificates): Promise<boolean> => {
    const { rival } = this
    this.rival = undefined
    await rival?.()
    if (rival !== undefined) return false
    this.stored = certificates
    this.writes += 1
    return true
  }
  trust = (bundle: string): Promise<void> => {
    this.trusted = bundle
    return Promise.resolve()
  }
}

/** Whether a client that trusts the bundle would take the certificate. */
function isTrusted(certificate: string, bundle: string): boolean {
  const served = new X509Certificate(certificate)
  return splitBundle(bundle).some((ca) => served.verify(new X509Certificate(ca).publicKey))
}

describe('the certificates of the webhook', () => {
  let vault: Vault
  beforeEach(() => {
    vault = new Vault()
  })

  test('are made where there are none, for every name, by a CA that the API server is told of', async () => {
    const { certificate } = await keepCertificates(vault, NAMES, START)
    const served = new X509Certificate(certificate)
    expect(served.subjectAltName).toBe('DNS:palisade.palisade-system.svc, IP Address:127.0.0.1')
    expect(served.ca).toBe(false)
    expect(isTrusted(certificate, vault.trusted)).toBe(true)
    expect(splitBundle(vault.trusted).map((ca) => new X509Certificate(ca).ca)).toEqual([true])
  })

  test('stay as they are until they are due', async () => {
    const first = await keepCertificates(vault, NAMES, START)
    expect(await keepCertificates(vault, NAMES, after(59))).toEqual(first)
    expect(vault.writes).toBe(1)
  })

  test('are renewed a month before they end, by the same CA', async () => {
    const first = await keepCertificates(vault, NAMES, START)
    const { trusted } = vault
    const second = await keepCertificates(vault, NAMES, after(61))
    expect(second.certificate).not.toBe(first.certificate)
    expect(vault.trusted).toBe(trusted)
    expect(isTrusted(second.certificate, trusted)).toBe(true)
  })

  test('are made anew where a name is missing', async () => {
    await keepCertificates(vault, NAMES, START)
    const { certificate } = await keepCertificates(vault, [...NAMES, 'localhost'], after(1))
    expect(new X509Certificate(certificate).subjectAltName).toContain('DNS:localhost')
  })

  test('are trusted all the time that the CA changes', async () => {
    await keepCertificates(vault, NAMES, START)
    const days = Array.from({ length: 200 }, (_, index) => 3200 + index)
    const cas = new Set<string>()
    for (const day of days) {
      const before = vault.trusted
      const { certificate } = await keepCertificates(vault, NAMES, after(day))
      // The API server may still go by what it was told a moment ago.
      if (day !== days[0]) expect(isTrusted(certificate, before)).toBe(true)
      cas.add(splitBundle(vault.trusted)[0] ?? '')
    }
    expect(cas.size).toBe(2)
  })

  test('of another controller that wrote first are served', async () => {
    const rival = new Vault()
    vault.rival = async () => {
      await keepCertificates(rival, NAMES, START)
      vault.stored = rival.stored
    }
    const { certificate } = await keepCertificates(vault, NAMES, START)
    expect(certificate).toBe(rival.stored?.serving.certificate)
    expect(vault.trusted).toBe(rival.trusted)
  })
})
