import path from 'node:path'
import { type Clock, createSystemRandom, type Random } from '../../kernel/index.ts'
import { certificateText } from './certificate.ts'
import { authorityOptionInvalid } from './errors.ts'
import { CertificateFolder } from './files.ts'
import { withFolderLock } from './folder-lock.ts'
import { spiffeNameOf } from './names.ts'
import { openStanding } from './renewal.ts'
import { describeService, issueService, type ServiceCertificate } from './service-certificate.ts'
import type { Signing } from './signing.ts'
import { readTrusted } from './trust.ts'

/** Which authority, and by which clock. */
export interface AuthorityOptions {
  /** Holds the authority and the certificates of the services: `.banyan/certs` of the project. Made
   *  when absent, with mode 0700. */
  readonly folder: string
  /** The trust domain. */
  readonly application: string
  /** Its wall clock decides about lifetimes. */
  readonly clock: Clock
  /** For serial numbers and names of drafts, not for keys; the machine's unless given. */
  readonly random?: Random
}

/** An opened authority; it holds no key in memory and nothing open. */
export interface Authority {
  readonly application: string
  /** Absolute. */
  readonly folder: string
  /** Issues a certificate with a new key for a service, in place of the one that is there.
   *  @param lifetimeMs  1 minute … 1 year, 30 days unless given; ended by the authority's own end.
   *  @throws AUTHORITY_NAME_INVALID · AUTHORITY_OPTION_INVALID · whatever `openAuthority` throws
   *  Cost: 10 ms and two files; 70 ms more at first use. */
  issue(service: string, options?: { readonly lifetimeMs?: number }): Promise<ServiceCertificate>
  /** The PEM text of what peers trust now; it changes with a renewal. */
  readTrusted(): Promise<string>
}

/** Life of a service's certificate unless told otherwise. */
export const serviceLifetimeMs: number = 30 * 86_400_000
const lifetimeMinMs = 60_000
const lifetimeMaxMs = 365 * 86_400_000

/** Opens the authority of a folder; makes one for a year where there is none.
 *  @throws AUTHORITY_FOLDER_UNUSABLE · AUTHORITY_FOLDER_BUSY (retry: safe) · AUTHORITY_DOMAIN_FOREIGN ·
 *    AUTHORITY_KEY_MISSING · AUTHORITY_KEY_MISMATCH · AUTHORITY_KEY_EXPOSED ·
 *    AUTHORITY_FILE_MALFORMED · AUTHORITY_CERTIFICATE_EXPIRED · AUTHORITY_NAME_INVALID
 *  Concurrency: safe from any number of processes of one machine. */
export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const { application } = options
  await withAuthority(options, openStanding)
  return {
    application,
    folder: path.resolve(options.folder),
    issue: (service, { lifetimeMs = serviceLifetimeMs } = {}) => {
      const name = spiffeNameOf(application, service)
      assertLifetime(lifetimeMs)
      return withAuthority(options, async (folder, signing) => {
        const { signer } = await openStanding(folder, signing)
        const issuing = { ...signing, signer, lifetimeMs }
        const certificate = await issueService(folder, service, issuing)
        return describeService(folder, name, { service, certificate, issued: 'asked' })
      })
    },
    readTrusted: () =>
      withAuthority(options, async (folder) =>
        certificateText((await readTrusted(folder, application)) ?? []),
      ),
  }
}

/** Runs `work` on the folder while nobody else changes it, without what a killed process left. */
export async function withAuthority<Result>(
  { folder, application, clock, random = createSystemRandom() }: AuthorityOptions,
  work: (folder: CertificateFolder, signing: Signing) => Promise<Result>,
): Promise<Result> {
  // Refuses a bad name before anything is touched.
  spiffeNameOf(application)
  const opened = await CertificateFolder.open(folder, random)
  return await opened.guard(() =>
    withFolderLock(opened.path, clock, async () => {
      await opened.removeDrafts()
      return await work(opened, { application, random, nowMs: clock.nowMs() })
    }),
  )
}

/** @throws AUTHORITY_OPTION_INVALID */
export function assertLifetime(lifetimeMs: number): void {
  if (lifetimeMs >= lifetimeMinMs && lifetimeMs <= lifetimeMaxMs) return
  const range = 'between 60000 (1 minute) and 31536000000 (1 year)'
  throw authorityOptionInvalid({ option: 'lifetimeMs', value: lifetimeMs, range })
}
