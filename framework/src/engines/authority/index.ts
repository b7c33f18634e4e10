/**
 * Authority: a private certificate authority in a folder, for mutual TLS between the services of one
 * application in development and on a single machine. `ensureCertificates` issues what is missing or
 * due and moves a renewal of the authority on; `openAuthority` issues one certificate at a time.
 *
 * Files: `authority.crt` (what peers trust: one certificate, more during a renewal), `authority.key`,
 * `authority.next.key` (during a renewal) and per service `<service>.crt` and `<service>.key`. The
 * folder is 0700, keys are 0600, a file is replaced whole or not at all.
 *
 * Not for: production on several machines, where the authority's key belongs into a key store, nor
 * for public HTTPS. There is no revocation: lifetimes are short and renewals drop an authority.
 * Promises: ECDSA P-256; SPIFFE names; whatever a crash leaves behind is repaired by the next call, or
 * refused with a code; a renewal of the authority never leaves a peer with certificates that its
 * neighbours do not trust, if they re-read the files within `settleMs`.
 * Limits: one machine per folder (the lock is local); private keys are as safe as the folder is.
 * Signing loads its library, and `Reflect` metadata with it, at first use: about 70 ms, once.
 */
export { type Authority, type AuthorityOptions, openAuthority } from './authority.ts'
export {
  type EnsureOptions,
  type EnsuredCertificates,
  ensureCertificates,
} from './ensure-certificates.ts'
export * from './errors.ts'
export { listCertified } from './files.ts'
export { spiffeNameOf } from './names.ts'
export type { RenewalStep, TrustState } from './renewal.ts'
export type { IssueReason, ServiceCertificate } from './service-certificate.ts'
