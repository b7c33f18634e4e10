import { type EnsuredCertificates, ensureCertificates } from '../../engines/authority/index.ts'
import { type Clock, createSystemClock, formatDuration, sleep } from '../../kernel/index.ts'
import { renderCertificates } from '../certs/certificate-table.ts'
import { findServices, type NamedServices } from '../certs/certified-services.ts'
import { print, printError } from '../terminal.ts'

export interface CertsFlags extends NamedServices {
  /** In milliseconds. */
  readonly lifetime?: number
  readonly renew?: boolean
  readonly renewAuthority?: boolean
  /** In milliseconds. */
  readonly settle?: number
  readonly json?: boolean
}

/** A renewal of the authority has three steps; one more for a clock that runs behind. */
const stepsMax = 4

/** `banyan certs`: makes and renews the certificates of services. */
export async function certs(flags: CertsFlags, target: string | undefined): Promise<void> {
  const found = await findServices(flags, target)
  const clock = createSystemClock()
  const ensure = (once: Once): Promise<EnsuredCertificates> =>
    ensureCertificates({
      ...{ ...found, clock, ...once },
      ...(flags.lifetime === undefined ? {} : { lifetimeMs: flags.lifetime }),
      ...(flags.settle === undefined ? {} : { settleMs: flags.settle }),
    })
  const { renew = false, renewAuthority = false } = flags
  const first = await ensure({ renew, renewAuthority })
  const ensured = renewAuthority ? await finishRenewal(first, clock, ensure) : first
  if (flags.json === true) print(JSON.stringify({ schema: 'banyan.certs/1', ...ensured }))
  else print(renderCertificates(ensured, { nowMs: clock.nowMs(), folder: process.cwd() }))
}

/** What is asked for in the first of several calls only. */
interface Once {
  readonly renew?: boolean
  readonly renewAuthority?: boolean
}

/** Waits for the instances that run, and takes the next step, until the old authority is forgotten. */
async function finishRenewal(
  first: EnsuredCertificates,
  clock: Clock,
  ensure: (once: Once) => Promise<EnsuredCertificates>,
): Promise<EnsuredCertificates> {
  const issued = new Map(first.certificates.map((row) => [row.service, row.issued]))
  let ensured = first
  for (let step = 0; step < stepsMax && ensured.authority.dueMs !== undefined; step++) {
    const waitMs = Math.max(0, ensured.authority.dueMs - clock.nowMs())
    printError(`${waitingFor(ensured)}: ${formatDuration(waitMs)}`)
    await sleep(clock, waitMs)
    ensured = await ensure({})
    for (const row of ensured.certificates) {
      if (row.issued !== undefined) issued.set(row.service, row.issued)
    }
  }
  const certificates = ensured.certificates.map((row) => ({
    ...row,
    issued: issued.get(row.service),
  }))
  return { ...ensured, certificates }
}

function waitingFor({ authority }: EnsuredCertificates): string {
  return authority.step === 'taken-over'
    ? 'waiting until instances show their new certificates'
    : 'waiting until instances trust the new authority'
}
