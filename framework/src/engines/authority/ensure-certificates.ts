import {
  type AuthorityOptions,
  assertLifetime,
  serviceLifetimeMs,
  withAuthority,
} from './authority.ts'
import { expiryMs, isDue } from './certificate.ts'
import { authorityOptionInvalid } from './errors.ts'
import { authorityFiles, type CertificateFolder } from './files.ts'
import { spiffeNameOf } from './names.ts'
import {
  beginRenewal,
  endRenewal,
  findDueMs,
  openStanding,
  type Standing,
  takeOver,
  type TrustState,
} from './renewal.ts'
import {
  describeService,
  examineService,
  issueService,
  type ServiceCertificate,
} from './service-certificate.ts'
import type { Signing } from './signing.ts'

/** What must be there. */
export interface EnsureOptions extends AuthorityOptions {
  /** `sales`, `money`: each gets a certificate of its own. */
  readonly services: readonly string[]
  /** Life of a certificate that is issued: 1 minute … 1 year, 30 days unless given. */
  readonly lifetimeMs?: number
  /** A certificate, the authority's too, is renewed when less than this share of its life is left:
   *  above 0 and below 1, a third unless given. */
  readonly renewBeforeShare?: number
  /** Issues all of `services` anew. */
  readonly renew?: boolean
  /** Begins to replace the authority itself. */
  readonly renewAuthority?: boolean
  /** How long peers may take to read changed files, 0 … 1 hour; 10 s unless given, twice what
   *  instances need. */
  readonly settleMs?: number
}

/** What is there now. */
export interface EnsuredCertificates {
  readonly authority: TrustState
  /** In the order of `services`. */
  readonly certificates: readonly ServiceCertificate[]
}

const thirdShare = 1 / 3
const defaultSettleMs = 10_000
const settleMaxMs = 3_600_000

type Parsed = Required<Omit<EnsureOptions, 'random'>>

/** Makes the authority and the certificates of services where they are missing, renews what nears its
 *  end, mends what a crash left half done, and takes the next step of a renewal of the authority when
 *  its time has come. Call it at start and every hour; when nothing is due it only reads.
 *  @throws whatever `openAuthority` throws · AUTHORITY_OPTION_INVALID
 *  Concurrency: safe from any number of processes of one machine; one at a time does the work.
 *  Cost: 1 ms per service when nothing is due, 10 ms per certificate issued. */
export async function ensureCertificates(options: EnsureOptions): Promise<EnsuredCertificates> {
  const parsed = parseOptions(options)
  const names = parsed.services.map((service) => spiffeNameOf(parsed.application, service))
  return await withAuthority(options, async (folder, signing) => {
    const pace = { nowMs: signing.nowMs, settleMs: parsed.settleMs }
    const standing = await takeOver(folder, await open(folder, signing, parsed), pace)
    const certificates: ServiceCertificate[] = []
    for (const [index, service] of parsed.services.entries()) {
      const issuing = { ...signing, signer: standing.signer, ...parsed }
      certificates.push(
        await ensureService(folder, service, { ...issuing, name: names[index] ?? '' }),
      )
    }
    const ended = await endRenewal(folder, standing, pace)
    const dueMs = await findDueMs(folder, ended, pace)
    return {
      authority: stateOf(folder, ended, { application: parsed.application, dueMs }),
      certificates,
    }
  })
}

function parseOptions(options: EnsureOptions): Parsed {
  const {
    lifetimeMs = serviceLifetimeMs,
    renewBeforeShare = thirdShare,
    renew = false,
    renewAuthority = false,
    settleMs = defaultSettleMs,
  } = options
  assertLifetime(lifetimeMs)
  if (!(renewBeforeShare > 0 && renewBeforeShare < 1)) {
    const value = renewBeforeShare
    const range = 'above 0 and below 1'
    throw authorityOptionInvalid({ option: 'renewBeforeShare', value, range })
  }
  if (!(settleMs >= 0 && settleMs <= settleMaxMs)) {
    const range = 'between 0 and 3600000 (1 hour)'
    throw authorityOptionInvalid({ option: 'settleMs', value: settleMs, range })
  }
  return { ...options, lifetimeMs, renewBeforeShare, renew, renewAuthority, settleMs }
}

/** The authority; a renewal begins when it is asked for or nears its end. */
async function open(
  folder: CertificateFolder,
  signing: Signing,
  { renewAuthority, renewBeforeShare }: Parsed,
): Promise<Standing> {
  if (renewAuthority) return await beginRenewal(folder, signing)
  const standing = await openStanding(folder, signing)
  const isEnding = isDue(standing.signer.certificate, signing.nowMs, renewBeforeShare)
  return isEnding ? await beginRenewal(folder, signing) : standing
}

type Issuing = Parsed & Signing & Pick<Standing, 'signer'> & { readonly name: string }

async function ensureService(
  folder: CertificateFolder,
  service: string,
  issuing: Issuing,
): Promise<ServiceCertificate> {
  const expectation = { ...issuing, share: issuing.renewBeforeShare }
  const found = await examineService(folder, service, expectation)
  const isKept = typeof found !== 'string' && !issuing.renew
  const certificate = isKept ? found : await issueService(folder, service, issuing)
  const reason = typeof found === 'string' ? found : 'asked'
  return describeService(folder, issuing.name, {
    service,
    certificate,
    issued: isKept ? undefined : reason,
  })
}

function stateOf(
  folder: CertificateFolder,
  { step, signer, trusted }: Standing,
  { application, dueMs }: { readonly application: string; readonly dueMs: number | undefined },
): TrustState {
  return {
    step,
    name: spiffeNameOf(application),
    file: folder.file(authorityFiles.certificates),
    expiresMs: expiryMs(signer.certificate),
    trusted: trusted.length,
    dueMs,
  }
}
