import type { X509Certificate } from 'node:crypto'
import { expiryMs, isNamed, type Pair, parseCertificates, parseKey } from './certificate.ts'
import {
  authorityCertificateExpired,
  authorityDomainForeign,
  authorityFileMalformed,
  authorityKeyExposed,
  authorityKeyMismatch,
  authorityKeyMissing,
} from './errors.ts'
import { authorityFiles, type CertificateFolder } from './files.ts'
import { spiffeNameOf } from './names.ts'

/** The certificates that peers trust, oldest first; undefined when there is no authority yet.
 *  @throws AUTHORITY_FILE_MALFORMED · AUTHORITY_DOMAIN_FOREIGN · AUTHORITY_FOLDER_UNUSABLE */
export async function readTrusted(
  folder: CertificateFolder,
  application: string,
): Promise<readonly X509Certificate[] | undefined> {
  const text = await folder.tryRead(authorityFiles.certificates)
  if (text === undefined) return undefined
  const trusted = parse(folder, authorityFiles.certificates, () => parseCertificates(text))
  const expected = spiffeNameOf(application)
  const foreign = trusted.find((certificate) => !isNamed(certificate, expected))
  if (foreign === undefined) return trusted
  const found = foreign.subjectAltName?.replace(/^URI:/, '') ?? foreign.subject
  throw authorityDomainForeign({ folder: folder.path, found, expected })
}

/** What new certificates are signed with: the key, and the trusted certificate that it belongs to.
 *  @throws AUTHORITY_KEY_MISSING · AUTHORITY_KEY_EXPOSED · AUTHORITY_KEY_MISMATCH ·
 *    AUTHORITY_FILE_MALFORMED · AUTHORITY_CERTIFICATE_EXPIRED */
export async function readSigner(
  folder: CertificateFolder,
  trusted: readonly X509Certificate[],
  nowMs: number,
): Promise<Pair> {
  const file = folder.file(authorityFiles.key)
  const text = await folder.tryRead(authorityFiles.key)
  if (text === undefined) throw authorityKeyMissing({ file })
  const mode = await folder.tryFindExposure(authorityFiles.key)
  if (mode !== undefined) throw authorityKeyExposed({ file, mode })
  const key = parse(folder, authorityFiles.key, () => parseKey(text))
  const certificate = trusted.find((candidate) => candidate.checkPrivateKey(key))
  const certificates = folder.file(authorityFiles.certificates)
  if (certificate === undefined) throw authorityKeyMismatch({ file, certificates })
  if (expiryMs(certificate) > nowMs) return { certificate, key }
  const expired = new Date(expiryMs(certificate)).toISOString()
  throw authorityCertificateExpired({ file: certificates, expired })
}

/** Whether an error says that the authority cannot sign any more, which a new one mends. */
export function isSignerLost(error: unknown): boolean {
  return [
    authorityKeyMissing,
    authorityKeyExposed,
    authorityKeyMismatch,
    authorityCertificateExpired,
  ].some((definition) => definition.is(error))
}

/** The authority that will take over; undefined unless it is trusted already and its key is here. */
export async function tryReadSuccessor(
  folder: CertificateFolder,
  trusted: readonly X509Certificate[],
): Promise<X509Certificate | undefined> {
  const text = await folder.tryRead(authorityFiles.nextKey)
  if (text === undefined) return undefined
  const key = parse(folder, authorityFiles.nextKey, () => parseKey(text))
  return trusted.find((candidate) => candidate.checkPrivateKey(key))
}

function parse<Result>(folder: CertificateFolder, name: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw authorityFileMalformed({ file: folder.file(name), cause }, { cause: error })
  }
}
