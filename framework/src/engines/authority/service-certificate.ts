import { X509Certificate } from 'node:crypto'
import {
  certificateText,
  expiryMs,
  isDue,
  isNamed,
  keyText,
  type Pair,
  parseCertificates,
  parseKey,
} from './certificate.ts'
import { type CertificateFolder, listCertified } from './files.ts'
import { spiffeNameOf } from './names.ts'
import { makeServiceCertificate, type Signing } from './signing.ts'

/** Why a certificate was issued: there was none · it or its key could not be read · they did not
 *  belong together · others could read the key · it names something else · another authority than
 *  today's signed it · its life nears its end · somebody asked. */
export type IssueReason =
  | 'absent'
  | 'unreadable'
  | 'mismatch'
  | 'exposed'
  | 'foreign'
  | 'authority'
  | 'due'
  | 'asked'

/** The certificate of one service. */
export interface ServiceCertificate {
  readonly service: string
  /** `spiffe://shop/sales` */
  readonly name: string
  /** Where it is; the key lies beside it. */
  readonly file: string
  /** In milliseconds since the epoch. */
  readonly expiresMs: number
  /** Why it was issued just now; undefined when it was kept. */
  readonly issued: IssueReason | undefined
}

interface Expectation {
  readonly application: string
  readonly signer: Pair
  readonly nowMs: number
  /** The share of its life that must be left. */
  readonly share: number
}

/** What speaks against the certificate that a service has; its certificate when nothing does. */
export async function examineService(
  folder: CertificateFolder,
  service: string,
  { application, signer, nowMs, share }: Expectation,
): Promise<IssueReason | X509Certificate> {
  const pair = await readPair(folder, service)
  if (typeof pair === 'string') return pair
  const { certificate, key } = pair
  if (!certificate.checkPrivateKey(key)) return 'mismatch'
  if ((await folder.tryFindExposure(keyFile(service))) !== undefined) return 'exposed'
  if (!isNamed(certificate, spiffeNameOf(application, service))) return 'foreign'
  if (!certificate.verify(signer.certificate.publicKey)) return 'authority'
  return isDue(certificate, nowMs, share) ? 'due' : certificate
}

/** Issues a certificate. The key gets its place first: a reader that falls between the two sees a pair
 *  that does not match, and waits; so does one that comes after a crash there, until it is mended. */
export async function issueService(
  folder: CertificateFolder,
  service: string,
  options: Signing & { readonly signer: Pair; readonly lifetimeMs: number },
): Promise<X509Certificate> {
  const { certificate, key } = await makeServiceCertificate(options.signer, service, options)
  await folder.write({
    [keyFile(service)]: keyText(key),
    [certificateFile(service)]: certificateText([certificate]),
  })
  return certificate
}

export function describeService(
  folder: CertificateFolder,
  name: string,
  {
    service,
    certificate,
    issued,
  }: Pick<ServiceCertificate, 'service' | 'issued'> & {
    readonly certificate: X509Certificate
  },
): ServiceCertificate {
  const file = folder.file(certificateFile(service))
  return { service, name, file, expiresMs: expiryMs(certificate), issued }
}

/** The certificates of all services in the folder that can still be used by somebody. */
export async function listInUse(
  folder: CertificateFolder,
  nowMs: number,
): Promise<readonly X509Certificate[]> {
  const found = await Promise.all(
    (await listCertified(folder.path)).map((name) => readPair(folder, name)),
  )
  return found
    .flatMap((pair) => (typeof pair === 'string' ? [] : [pair.certificate]))
    .filter((certificate) => expiryMs(certificate) > nowMs)
}

async function readPair(folder: CertificateFolder, service: string): Promise<Pair | IssueReason> {
  const certificate = await folder.tryRead(certificateFile(service))
  const key = await folder.tryRead(keyFile(service))
  if (certificate === undefined || key === undefined) return 'absent'
  try {
    const [first] = parseCertificates(certificate)
    return first === undefined ? 'unreadable' : { certificate: first, key: parseKey(key) }
  } catch {
    return 'unreadable'
  }
}

function certificateFile(service: string): string {
  return `${service}.crt`
}

function keyFile(service: string): string {
  return `${service}.key`
}
