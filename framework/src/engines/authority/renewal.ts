import type { X509Certificate } from 'node:crypto'
import { certificateText, expiryMs, isSame, keyText, madeMs, type Pair } from './certificate.ts'
import { authorityFiles, type CertificateFolder } from './files.ts'
import { listInUse } from './service-certificate.ts'
import { makeAuthority, type Signing } from './signing.ts'
import { isSignerLost, readSigner, readTrusted, tryReadSuccessor } from './trust.ts'

/* A renewal, so that at no moment two peers meet of which one shows what the other does not trust:
 *
 *            authority.crt   authority.key   next.key   certificates of services
 *   stable   A               A               –          by A
 *   begun    A B             A               B          by A      until every peer has read A B
 *   taken    A B             B               –          by B      until every peer shows B's
 *   stable   B               B               –          by B
 *
 * Nothing else records the state. A step is due by the clock that made the certificates, `settleMs`
 * after the newest certificate that it waits for. Trust is written before the key that needs it, so a
 * crash between two files leaves one of these lines, or a key that nobody trusts and that is dropped. */

/** What a call did to the authority: nothing · made it · began a renewal · put the new authority in
 *  charge · stopped trusting the old one. */
export type RenewalStep = 'none' | 'made' | 'begun' | 'taken-over' | 'ended'

/** How the authority stands after a call. */
export interface TrustState {
  readonly step: RenewalStep
  /** `spiffe://shop` */
  readonly name: string
  /** The file that peers trust. */
  readonly file: string
  /** When what signs now ends, in milliseconds since the epoch. */
  readonly expiresMs: number
  /** How many authorities peers are to trust: more than one during a renewal. */
  readonly trusted: number
  /** When the renewal can go on, in milliseconds since the epoch; undefined when nothing waits. */
  readonly dueMs: number | undefined
}

/** The authority as its files tell it. */
export interface Standing {
  readonly step: RenewalStep
  readonly signer: Pair
  readonly trusted: readonly X509Certificate[]
  /** Trusted, but not yet in charge. */
  readonly successor: X509Certificate | undefined
}

/** The most authorities that are trusted at once; the oldest go first. */
const trustedMax = 4

/** Reads the authority, and makes one where there is none.
 *  @throws what `readTrusted` and `readSigner` throw */
export async function openStanding(folder: CertificateFolder, signing: Signing): Promise<Standing> {
  const trusted = await readTrusted(folder, signing.application)
  if (trusted === undefined) return await makeFirst(folder, signing)
  const signer = await readSigner(folder, trusted, signing.nowMs)
  return { step: 'none', signer, trusted, successor: await tryReadSuccessor(folder, trusted) }
}

/** The key first: alone it means nothing, and the next call makes another. */
async function makeFirst(folder: CertificateFolder, signing: Signing): Promise<Standing> {
  const signer = await makeAuthority(signing)
  await folder.remove(authorityFiles.nextKey)
  await folder.write({
    [authorityFiles.key]: keyText(signer.key),
    [authorityFiles.certificates]: certificateText([signer.certificate]),
  })
  return { step: 'made', signer, trusted: [signer.certificate], successor: undefined }
}

/** Makes a successor that peers begin to trust; one that exists already is kept. An authority that
 *  cannot sign any more is replaced at once: until they have read the files, peers may refuse others. */
export async function beginRenewal(folder: CertificateFolder, signing: Signing): Promise<Standing> {
  const standing = await tryOpen(folder, signing)
  if (standing === undefined) return await replaceLost(folder, signing)
  if (standing.step === 'made' || standing.successor !== undefined) return standing
  const next = await makeAuthority(signing)
  const trusted = [...standing.trusted, next.certificate].slice(-trustedMax)
  await folder.write({
    [authorityFiles.nextKey]: keyText(next.key),
    [authorityFiles.certificates]: certificateText(trusted),
  })
  return { ...standing, step: 'begun', trusted, successor: next.certificate }
}

async function tryOpen(folder: CertificateFolder, signing: Signing): Promise<Standing | undefined> {
  try {
    return await openStanding(folder, signing)
  } catch (error) {
    if (isSignerLost(error)) return undefined
    throw error
  }
}

/** What the lost authority signed stays trusted until it is replaced. */
async function replaceLost(folder: CertificateFolder, signing: Signing): Promise<Standing> {
  const signer = await makeAuthority(signing)
  const old = (await readTrusted(folder, signing.application)) ?? []
  const valid = old.filter((certificate) => expiryMs(certificate) > signing.nowMs)
  const trusted = [...valid, signer.certificate].slice(-trustedMax)
  await folder.remove(authorityFiles.nextKey)
  await folder.write({
    [authorityFiles.certificates]: certificateText(trusted),
    [authorityFiles.key]: keyText(signer.key),
  })
  return { step: 'taken-over', signer, trusted, successor: undefined }
}

interface Pace {
  readonly nowMs: number
  /** How long peers may take to read changed files. */
  readonly settleMs: number
}

/** Puts the successor in charge once every peer trusts it. */
export async function takeOver(
  folder: CertificateFolder,
  standing: Standing,
  { nowMs, settleMs }: Pace,
): Promise<Standing> {
  const { successor, trusted, step } = standing
  if (successor === undefined) {
    await folder.remove(authorityFiles.nextKey)
    return standing
  }
  if (step === 'begun' || nowMs < madeMs(successor) + settleMs) return standing
  await folder.rename(authorityFiles.nextKey, authorityFiles.key)
  const signer = await readSigner(folder, trusted, nowMs)
  return { step: 'taken-over', signer, trusted, successor: undefined }
}

/** Stops trusting authorities that no certificate in use needs, once every peer shows its new one. */
export async function endRenewal(
  folder: CertificateFolder,
  standing: Standing,
  pace: Pace,
): Promise<Standing> {
  const endsMs = await findEndMs(folder, standing, pace)
  if (endsMs === undefined || pace.nowMs < endsMs) return standing
  const trusted = [standing.signer.certificate]
  await folder.write({ [authorityFiles.certificates]: certificateText(trusted) })
  return { ...standing, step: 'ended', trusted }
}

/** When the renewal can go on; undefined when there is none, or it waits for a certificate that nobody
 *  replaces any more to expire. */
export async function findDueMs(
  folder: CertificateFolder,
  standing: Standing,
  pace: Pace,
): Promise<number | undefined> {
  if (standing.successor !== undefined) return madeMs(standing.successor) + pace.settleMs
  return await findEndMs(folder, standing, pace)
}

async function findEndMs(
  folder: CertificateFolder,
  { signer, trusted, successor }: Standing,
  { nowMs, settleMs }: Pace,
): Promise<number | undefined> {
  const isAlone = trusted.every((certificate) => isSame(certificate, signer.certificate))
  if (isAlone || successor !== undefined) return undefined
  const inUse = await listInUse(folder, nowMs)
  const isReplaced = inUse.every((certificate) => certificate.verify(signer.certificate.publicKey))
  if (!isReplaced) return undefined
  const newestMs = Math.max(madeMs(signer.certificate), ...inUse.map(madeMs))
  return newestMs + settleMs
}
