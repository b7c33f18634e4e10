import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'

/** A certificate with its private key. */
export interface Pair {
  readonly certificate: X509Certificate
  readonly key: KeyObject
}

/** Certificates begin this much before they are made, for clocks that lag behind. */
export const backdatedMs = 300_000

const pemBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** The certificates of a PEM text, in their order. @throws Error when one is none, or there is none */
export function parseCertificates(pem: string): readonly X509Certificate[] {
  const certificates = [...pem.matchAll(pemBlock)].map(([block]) => new X509Certificate(block))
  if (certificates.length === 0) throw new Error('it holds no certificate')
  return certificates
}

/** A private key of the kind that the authority makes. @throws Error when it is none */
export function parseKey(pem: string): KeyObject {
  const key = createPrivateKey(pem)
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve === 'prime256v1') return key
  throw new Error(`its key is ${curve ?? key.asymmetricKeyType ?? 'unknown'}, expected P-256`)
}

export function keyText(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

export function certificateText(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join('')
}

/** Whether the certificate carries this SPIFFE name and no other name. */
export function isNamed(certificate: X509Certificate, spiffeName: string): boolean {
  return certificate.subjectAltName === `URI:${spiffeName}`
}

/** When the certificate was made, by the clock of its authority, at the latest: certificates know
 *  whole seconds only. */
export function madeMs(certificate: X509Certificate): number {
  return startMs(certificate) + backdatedMs + 999
}

export function startMs(certificate: X509Certificate): number {
  return certificate.validFromDate.getTime()
}

export function expiryMs(certificate: X509Certificate): number {
  return certificate.validToDate.getTime()
}

/** Whether less than this share of the certificate's life is left, or it is from the future. */
export function isDue(certificate: X509Certificate, nowMs: number, share: number): boolean {
  const [start, end] = [startMs(certificate), expiryMs(certificate)]
  return nowMs < start || end - nowMs < (end - start) * share
}

export function isSame(left: X509Certificate, right: X509Certificate): boolean {
  return left.fingerprint256 === right.fingerprint256
}
